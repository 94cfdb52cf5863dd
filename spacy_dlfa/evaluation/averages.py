"""Means over test sets: all foreign ones, English's own family, the others, each genus."""

from collections.abc import Callable, Iterable, Mapping
from statistics import mean
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spacy_dlfa.evaluation.bootstrap import interval, mean_of_resamples
from spacy_dlfa.evaluation.languages import ENGLISH_FAMILY, is_foreign
from spacy_dlfa.evaluation.tasks import task_named

Scores = Mapping[str, dict[str, Any]]


def averages(
    task: str, scores: Scores, resampled: Mapping[str, NDArray[np.float64]]
) -> dict[str, dict[str, Any]]:
    """Average over the foreign test sets that have a score, see `is_foreign`.

    task (str): Name of the task.
    scores (Dict[str, Dict[str, Any]]): Rows by name of the test set.
    resampled (Dict[str, Floats1d]): The headline metric of each test set's resamples.
    RETURNS (Dict[str, Dict[str, Any]]): Plain means, their interval and the number of sets for
        `all`, `enf` (English's own family, the Germanic languages, without English), `nenf` (the
        others) and, below `genera`, for each genus. A set whose family is not known is in `all`
        alone.
    """
    metric, metrics = task_named(task).metric, task_named(task).metrics
    foreign = {
        name: row for name, row in scores.items() if is_foreign(name) and row[metric] is not None
    }
    has_raw = all("raw" in row for row in scores.values())

    def group(belongs: Callable[[str], bool]) -> dict[str, Any]:
        names = [name for name, row in foreign.items() if belongs(row["family"])]
        row: dict[str, Any] = {"corpora": len(names)}
        row.update({key: _mean(foreign[name][key] for name in names) for key in metrics})
        draws = [resampled[name] for name in names]
        row["interval"] = interval(mean_of_resamples(draws)) if names else None
        if has_raw:
            raw = [foreign[name]["raw"] for name in names]
            row["raw"] = {key: _mean(values[key] for values in raw) for key in metrics}
        return row

    genera = sorted({row["family"] for row in foreign.values() if row["family"]})
    return {
        "all": group(lambda family: True),
        "enf": group(lambda family: family == ENGLISH_FAMILY),
        "nenf": group(lambda family: family not in ("", ENGLISH_FAMILY)),
        "genera": {genus: group(genus.__eq__) for genus in genera},
    }


def _mean(values: Iterable[float]) -> float | None:
    numbers = list(values)
    return mean(numbers) if numbers else None
