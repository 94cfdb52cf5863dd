"""Means over test sets: all foreign ones, by family, by script, by what the encoder has seen."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from statistics import mean
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spacy_dlfa.evaluation.bootstrap import interval, mean_of_resamples
from spacy_dlfa.evaluation.labels_seen import is_zero_shot
from spacy_dlfa.evaluation.tasks import task_named
from spacy_dlfa.languages import ENGLISH_FAMILY, is_foreign, is_known, language_of, script_of

Scores = Mapping[str, dict[str, Any]]


def averages(
    task: str,
    scores: Scores,
    resampled: Mapping[str, NDArray[np.float64]],
    seen: Collection[str] | None = None,
) -> dict[str, dict[str, Any]]:
    """Average over the foreign test sets that have a score, see `is_foreign`.

    Those in a language whose labels training has seen are left out.

    task (str): Name of the task.
    scores (Dict[str, Dict[str, Any]]): Rows by name of the test set.
    resampled (Dict[str, Floats1d]): The headline metric of each test set's resamples.
    seen (Optional[Collection[str]]): Names of the languages that the encoder was trained on.
    RETURNS (Dict[str, Dict[str, Any]]): Plain means, their interval and the number of sets for
        `all`, `enf` (English's own family, the Germanic languages, without English) and `nenf` (the
        others). Below `genera` those of each genus; a set whose family is not known is in none of
        these, nor in `enf` and `nenf`. Below `scripts` those of each script, of the sets whose
        names say it. Below `encoder` those of the languages it has `seen` and the `unseen` ones,
        if `seen` is given; of a language that is not known here that can't be told.
    """
    metric, metrics = task_named(task).metric, task_named(task).metrics
    foreign = _counted(scores, metric)
    has_raw = all("raw" in row for row in scores.values())

    def group(names: Sequence[str]) -> dict[str, Any]:
        row: dict[str, Any] = {"corpora": len(names)}
        row.update({key: _mean(foreign[name][key] for name in names) for key in metrics})
        draws = [resampled[name] for name in names]
        row["interval"] = interval(mean_of_resamples(draws)) if names else None
        if has_raw:
            raw = [foreign[name]["raw"] for name in names]
            row["raw"] = {key: _mean(values[key] for values in raw) for key in metrics}
        return row

    return _by_group(foreign, group, seen)


def plain_averages(task: str, scores: Scores) -> dict[str, dict[str, Any]]:
    """Average as `averages` does, on gold tokens, with no interval, nor what the encoder has seen.

    Records of older versions may lack metrics, of which there is no mean then.
    """
    foreign = _counted(scores, task_named(task).metric)
    metrics = [k for k in task_named(task).metrics if all(k in row for row in foreign.values())]

    def group(names: Sequence[str]) -> dict[str, Any]:
        means = {key: _mean(foreign[name][key] for name in names) for key in metrics}
        return {"corpora": len(names), **means}

    return _by_group(foreign, group)


def _counted(scores: Scores, metric: str) -> dict[str, dict[str, Any]]:
    return {
        name: row
        for name, row in scores.items()
        if is_foreign(name) and row[metric] is not None and is_zero_shot(row)
    }


def _by_group(
    foreign: Scores,
    group: Callable[[Sequence[str]], dict[str, Any]],
    seen: Collection[str] | None = None,
) -> dict[str, dict[str, Any]]:
    def groups(keys: Mapping[str, str | None]) -> dict[str, dict[str, Any]]:
        values = sorted(filter(None, {*keys.values()}))
        return {value: group([name for name in keys if keys[name] == value]) for value in values}

    families = {name: row["family"] for name, row in foreign.items()}
    exposure = {
        name: "seen" if row["language"] in (seen or ()) else "unseen"
        for name, row in foreign.items()
        if is_known(name)
    }
    others = [name for name, family in families.items() if family not in ("", ENGLISH_FAMILY)]
    return {
        "all": group(list(foreign)),
        "enf": group([name for name in foreign if families[name] == ENGLISH_FAMILY]),
        "nenf": group(others),
        "genera": groups(families),
        "scripts": groups({name: script_of(name) for name in foreign}),
        "encoder": {} if seen is None else groups(exposure),
    }


def over_languages(*parts: Mapping[str, float | None], english: bool = True) -> dict[str, float]:
    """Average over the test sets of each language, and then over the parts that have it.

    parts (Mapping[str, Optional[float]]): Values by name of the test set; None counts as none.
    english (bool): Whether to have more than foreign test sets, see `is_foreign`.
    RETURNS (Dict[str, float]): Means by name of the language.
    """
    found: dict[str, list[float]] = {}
    for part in parts:
        values: dict[str, list[float]] = {}
        for corpus, value in part.items():
            if value is not None and (english or is_foreign(corpus)):
                values.setdefault(language_of(corpus).name, []).append(value)
        for language, own in values.items():
            found.setdefault(language, []).append(mean(own))
    return {language: mean(means) for language, means in found.items()}


def _mean(values: Iterable[float]) -> float | None:
    numbers = list(values)
    return mean(numbers) if numbers else None
