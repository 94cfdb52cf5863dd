"""Runs on some of their test sets, and their means over those."""

from collections.abc import Container, Mapping, Sequence
from typing import Any, cast

from spacy_dlfa.evaluation.averages import plain_averages
from spacy_dlfa.evaluation.labels_seen import is_zero_shot
from spacy_dlfa.evaluation.record import Run

_BY_CORPUS = ("scores", "counts", "ids", "predictions", "confidence")


def restrict(run: Run, kept: Container[str]) -> Run:
    """Leave out test sets, at both checkpoints.

    kept (Container[str]): Names of the others.
    RETURNS (Run): A copy, with means over what is left, without intervals. Test sets in a language
        whose labels training has seen are in none.
    """
    found = _restrict_part(run, kept, run["task"])
    if average := run.get("average"):
        found["average"] = _restrict_part(average, kept, run["task"])
    return cast(Run, found)


def share_zero_shot(runs: Sequence[Run]) -> list[Run]:
    """Leave test sets in a language whose labels one of the runs has seen out of all their means.

    RETURNS (List[Run]): The same runs if all have seen the same.
    """
    seen = [{n for n, row in run["scores"].items() if not is_zero_shot(row)} for run in runs]
    if all(names == seen[0] for names in seen):
        return list(runs)
    every = {name for names in seen for name in names}
    return [restrict(_mark_seen(run, every), run["scores"].keys()) for run in runs]


def _mark_seen(run: Run, names: Container[str]) -> Run:
    found: dict[str, Any] = {**run, "scores": _marked(run["scores"], names)}
    if average := run.get("average"):
        found["average"] = {**average, "scores": _marked(average["scores"], names)}
    return cast(Run, found)


def _marked(scores: Mapping[str, Any], names: Container[str]) -> dict[str, Any]:
    return {k: {**row, "zero_shot": False} if k in names else row for k, row in scores.items()}


def _restrict_part(part: Mapping[str, Any], kept: Container[str], task: str) -> dict[str, Any]:
    found = dict(part)
    for key in _BY_CORPUS:
        if part.get(key):
            found[key] = {name: value for name, value in part[key].items() if name in kept}
    found["averages"] = plain_averages(task, found["scores"])
    return found
