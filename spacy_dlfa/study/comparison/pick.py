"""Choose fusion, layer and checkpoint without a label of the target languages."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from spacy_dlfa.evaluation.record import Run
from spacy_dlfa.study.comparison.consensus import consensus
from spacy_dlfa.study.comparison.rules import DEFAULT_RULE, RULES, Checkpoint
from spacy_dlfa.study.comparison.runs import (
    System,
    at_checkpoint,
    by_system,
    foreign,
    label,
    order,
    system_of,
    with_shared_seeds,
)
from spacy_dlfa.study.errors import Errors

Runs = Sequence[Run]


class Pick(NamedTuple):
    """What a rule chooses.

    rule (str): Name of the rule.
    name (str): Name of the fusion.
    layer (Optional[int]): Its lower layer.
    checkpoint (str): "best" on English dev, or "average".
    reason (str): What the choice rests on.
    """

    rule: str
    name: str
    layer: int | None
    checkpoint: Checkpoint
    reason: str


class RuleError(ValueError):
    """The runs lack what a rule reads."""


def english_dev(runs: Runs, checkpoint: Checkpoint) -> dict[System, float]:
    """Return the mean score on English dev over seeds."""

    def value(run: Run) -> float:
        found = at_checkpoint(run, checkpoint)["dev"][run["metric"]]
        if found is None:
            raise RuleError(Errors.DL413.format(run=label(run)))
        return found

    return _mean_over_seeds(runs, value)


def confidence(runs: Runs, checkpoint: Checkpoint) -> dict[System, float]:
    """Return the mean top probability on unlabelled target sentences, in per cent.

    How sure a classifier is tells how often it is right (Hendrycks, Gimpel 2017, 1610.02136).
    """

    def value(run: Run) -> float:
        found = at_checkpoint(run, checkpoint)["confidence"] or {}
        return 100 * float(np.mean([found[corpus] for corpus in foreign(found)]))

    return _mean_over_seeds(runs, value)


CRITERIA: Final[Mapping[str, Callable[[Runs, Checkpoint], dict[System, float]]]] = {
    "dev-average": english_dev,
    "confidence-average": confidence,
    "consensus": consensus,
}


def pick(runs: Runs, rule: str = DEFAULT_RULE, *, name: str | None = None) -> Pick:
    """Choose a system by what a zero-shot user may look at.

    Scores and counts of the test sets are not read, nor, unless no seed is shared, seeds that a
    system lacks: more seeds are no reason to be chosen.

    runs (Sequence[Run]): The runs of a sweep, as `read_runs` gives them.
    rule (str): One of `rules.RULES`.
    name (Optional[str]): Choose among the layers of this fusion; the others still vote.
    RETURNS (Pick): The choice; of equal ones the first by name and layer.
    RAISES (ValueError): If there is no such rule or fusion; `RuleError`, if the runs lack what
        the rule reads.
    """
    if rule not in RULES:
        raise ValueError(Errors.DL410.format(rule=rule, rules=", ".join(RULES)))
    names = sorted({run["name"] for run in runs})
    if name is not None and name not in names:
        raise ValueError(Errors.DL411.format(name=name, names=", ".join(names)))
    runs = with_shared_seeds(runs)
    _check_readable(runs, rule)
    _, checkpoint, reason = RULES[rule]
    values = CRITERIA[rule](runs, checkpoint)
    candidates = [system for system in by_system(runs) if name in (None, system[0])]
    if not values:
        raise RuleError(Errors.DL412.format(rule=rule))
    # Equal means can differ in the last digits: those of a run are rounded. `max` takes the first.
    best = max(candidates, key=lambda system: round(values[system], 6))
    return Pick(rule, *best, checkpoint, f"{reason}: {values[best]:.1f} ({checkpoint} checkpoint)")


def target_scores(runs: Runs, *, name: str | None = None) -> dict[tuple[System, Checkpoint], float]:
    """Return the mean over seeds and foreign test sets of each system at each checkpoint.

    This is what no rule may see. The seeds are those that all systems share, as in `pick`.
    """
    runs = with_shared_seeds(runs)
    checkpoints: list[Checkpoint] = ["best"]
    if all(run.get("average") for run in runs):
        checkpoints.append("average")
    chosen = [run for run in runs if name in (None, run["name"])]
    metric = runs[0]["metric"]
    return {
        (system, checkpoint): value
        for checkpoint in checkpoints
        for system, value in _mean_over_seeds(
            chosen,
            lambda run: at_checkpoint(run, checkpoint)["averages"]["all"][metric],  # noqa: B023
        ).items()
    }


def regrets(runs: Runs, *, name: str | None = None) -> dict[str, float | None]:
    """Return what each rule's choice costs against the best one on the target languages.

    The oracle chooses among the same systems, at either checkpoint.

    RETURNS (Dict[str, Optional[float]]): Points by rule, None where it lacks what it reads;
        "blind" is the mean regret over all choices.
    """
    scores = target_scores(runs, name=name)
    highest = max(scores.values())
    found: dict[str, float | None] = {}
    for rule in RULES:
        try:
            choice = pick(runs, rule, name=name)
        except RuleError:
            found[rule] = None
        else:
            found[rule] = highest - scores[(choice.name, choice.layer), choice.checkpoint]
    return {**found, "blind": highest - float(np.mean(list(scores.values())))}


def _check_readable(runs: Runs, rule: str) -> None:
    key = RULES[rule].reads
    for run in runs:
        best = RULES[rule].checkpoint == "best"
        part: Mapping[str, Any] = run if best else run.get("average") or {}
        found = part.get(key)
        if not found:
            raise RuleError(
                Errors.DL414.format(
                    rule=rule, key=key, checkpoint=RULES[rule].checkpoint, run=label(run)
                )
            )
        if key != "dev" and not foreign(found):
            raise RuleError(Errors.DL425.format(rule=rule, key=key, run=label(run)))


def _mean_over_seeds(runs: Runs, value: Callable[[Run], float]) -> dict[System, float]:
    found: dict[System, list[float]] = {}
    for run in sorted(runs, key=lambda run: order(system_of(run))):
        found.setdefault(system_of(run), []).append(value(run))
    return {system: float(np.mean(values)) for system, values in found.items()}
