"""Means over test sets: all foreign ones, by family, by script, by what the encoder has seen."""

from collections.abc import Callable, Collection, Iterable, Mapping
from statistics import mean
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spacy_dlfa.evaluation.bootstrap import interval, mean_of_resamples
from spacy_dlfa.evaluation.languages import ENGLISH_FAMILY, is_foreign, script_of
from spacy_dlfa.evaluation.tasks import task_named

Scores = Mapping[str, dict[str, Any]]


def averages(
    task: str,
    scores: Scores,
    resampled: Mapping[str, NDArray[np.float64]],
    seen: Collection[str] | None = None,
) -> dict[str, dict[str, Any]]:
    """Average over the foreign test sets that have a score, see `is_foreign`.

    task (str): Name of the task.
    scores (Dict[str, Dict[str, Any]]): Rows by name of the test set.
    resampled (Dict[str, Floats1d]): The headline metric of each test set's resamples.
    seen (Optional[Collection[str]]): Names of the languages that the encoder was trained on.
    RETURNS (Dict[str, Dict[str, Any]]): Plain means, their interval and the number of sets for
        `all`, `enf` (English's own family, the Germanic languages, without English) and `nenf` (the
        others). Below `genera` those of each genus; a set whose family is not known is in none of
        these, nor in `enf` and `nenf`. Below `scripts` those of each script, of the sets whose
        names say it. Below `encoder` those of the languages it has `seen` and the `unseen` ones,
        if `seen` is given.
    """
    metric, metrics = task_named(task).metric, task_named(task).metrics
    foreign = {
        name: row for name, row in scores.items() if is_foreign(name) and row[metric] is not None
    }
    has_raw = all("raw" in row for row in scores.values())

    def group(belongs: Callable[[str], bool]) -> dict[str, Any]:
        names = list(filter(belongs, foreign))
        row: dict[str, Any] = {"corpora": len(names)}
        row.update({key: _mean(foreign[name][key] for name in names) for key in metrics})
        draws = [resampled[name] for name in names]
        row["interval"] = interval(mean_of_resamples(draws)) if names else None
        if has_raw:
            raw = [foreign[name]["raw"] for name in names]
            row["raw"] = {key: _mean(values[key] for values in raw) for key in metrics}
        return row

    def groups(key: Callable[[str], str | None]) -> dict[str, dict[str, Any]]:
        values = sorted(filter(None, {key(name) for name in foreign}))
        return {value: group(lambda name, value=value: key(name) == value) for value in values}

    def family(name: str) -> str:
        return str(foreign[name]["family"])

    def exposure(name: str) -> str | None:
        return None if seen is None else "seen" if foreign[name]["language"] in seen else "unseen"

    return {
        "all": group(lambda name: True),
        "enf": group(lambda name: family(name) == ENGLISH_FAMILY),
        "nenf": group(lambda name: family(name) not in ("", ENGLISH_FAMILY)),
        "genera": groups(family),
        "scripts": groups(script_of),
        "encoder": groups(exposure),
    }


def _mean(values: Iterable[float]) -> float | None:
    numbers = list(values)
    return mean(numbers) if numbers else None
