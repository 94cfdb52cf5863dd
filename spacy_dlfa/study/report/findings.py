"""What a sweep shows: each fusion against the last layer, and how its layer can be chosen."""

from collections.abc import Sequence
from typing import NamedTuple

from spacy_dlfa.evaluation.record import Run
from spacy_dlfa.study.comparison.paired import Comparison, compare
from spacy_dlfa.study.comparison.pick import RuleError, pick
from spacy_dlfa.study.comparison.rules import BASELINE, DEFAULT_RULE, Checkpoint
from spacy_dlfa.study.comparison.runs import System, have_foreign, system_label, system_of
from spacy_dlfa.study.comparison.verdict import LEVEL, is_control
from spacy_dlfa.study.report.systems import Spread, SweptSystem

LOWER = "lower"
CHOSEN = f"chosen by {DEFAULT_RULE}"


class Findings(NamedTuple):
    """The comparisons that the page is about.

    comparisons (List[Comparison]): All of them.
    chosen (Optional[Comparison]): Fusion, its settings and layer, controls left out, chosen by
        the default rule.
    best (Optional[Comparison]): The one with the best score on the test sets, the oracle.
    controls (List[Comparison]): The controls, each with its layer chosen by that rule.
    beside_lower (Optional[Comparison]): The chosen fusion against the lower layer alone, whose
        layer is chosen by that rule, too; None if they share no seed.
    """

    comparisons: list[Comparison]
    chosen: Comparison | None
    best: Comparison | None
    controls: list[Comparison]
    beside_lower: Comparison | None

    @property
    def shown(self) -> dict[str, Comparison]:
        """Return the fusions to show by language, with the reason."""
        if self.best is None:
            return {}
        if sum(not is_control(c.name) for c in self.comparisons) == 1:
            return {"the only one run": self.best}
        if self.chosen is None:
            return {"best on the test sets": self.best}
        if self.chosen is self.best:
            return {f"{CHOSEN}, and best on the test sets": self.best}
        return {CHOSEN: self.chosen, "best on the test sets": self.best}


def find(runs: Sequence[Run], systems: Sequence[SweptSystem], checkpoint: Checkpoint) -> Findings:
    """Compare all systems with the last layer that share a seed with it."""
    comparisons = _compare(runs, systems, checkpoint)
    studied = [c for c in comparisons if not is_control(c.name)]
    names = sorted({c.name for c in comparisons if is_control(c.name)})
    controls = [_choose(runs, [c for c in comparisons if c.name == name]) for name in names]
    found = [control for control in controls if control is not None]
    chosen = _choose(runs, studied)
    return Findings(
        comparisons,
        chosen,
        max(studied, key=lambda c: c.mean, default=None),
        found,
        _beside_lower(runs, chosen, found, checkpoint),
    )


def headlines(findings: Findings) -> list[str]:
    """Say in words what the page is about: the fusions shown, and the controls."""
    lines = [f"Fusion, {reason}: {c.verdict}." for reason, c in findings.shown.items()]
    if findings.beside_lower:
        beside = f"The same, beside the lower layer alone, its layer {CHOSEN}"
        lines.append(f"{beside}: {findings.beside_lower.verdict}.")
    for control in findings.controls:
        layer = "" if control.layer is None else f", layer {CHOSEN}"
        lines.append(f"Control{layer}: {control.verdict}.")
    return lines


def foreign_means(
    systems: Sequence[SweptSystem], comparisons: Sequence[Comparison], checkpoint: Checkpoint
) -> dict[System, Spread | None]:
    """Return each system's foreign mean, around it the 95 % interval of its difference.

    That of a compared system is the mean of the last layer plus the difference on the seeds of
    both, so that its interval leaves out the last layer where that of the difference leaves out
    zero. Of the others, low and high are the lowest and the highest seed.
    """
    means = {(s.name, s.layer): s.average(checkpoint) for s in systems}
    line = means.get((BASELINE, None))
    for c in comparisons:
        own = means[c.name, c.layer]
        if line and own:
            found = line.mean + c.difference
            low, high = line.mean + c.low, line.mean + c.high
            means[c.name, c.layer] = Spread(found, low, high, own.deviation)
    return means


def _choose(runs: Sequence[Run], candidates: Sequence[Comparison]) -> Comparison | None:
    if len(candidates) < 2:
        return next(iter(candidates), None)
    by_system = {(c.name, c.layer): c for c in candidates}
    try:
        choice = pick([run for run in runs if system_of(run) in by_system])
    except RuleError:
        return None
    return by_system[choice.name, choice.layer]


def _compare(
    runs: Sequence[Run], systems: Sequence[SweptSystem], checkpoint: Checkpoint
) -> list[Comparison]:
    seeds = {run["seed"] for run in runs if run["name"] == BASELINE}
    paired = [s for s in systems if any(run["seed"] in seeds for run in s.runs)]
    if len(paired) < 2 or not have_foreign(runs):
        return []
    members = [run for system in paired for run in system.runs]
    return compare(members, baseline=BASELINE, checkpoint=checkpoint)


def _beside_lower(
    runs: Sequence[Run],
    chosen: Comparison | None,
    controls: Sequence[Comparison],
    checkpoint: Checkpoint,
) -> Comparison | None:
    lower = next((control for control in controls if control.name == LOWER), None)
    if chosen is None or lower is None or not {*chosen.seeds} & {*lower.seeds}:
        return None
    systems = (chosen.name, chosen.layer), (lower.name, lower.layer)
    members = [run for run in runs if system_of(run) in systems]
    (found,) = compare(members, baseline=system_label(systems[1]), checkpoint=checkpoint)
    return found


def summary(comparisons: Sequence[Comparison]) -> str:
    """Count what beats the last layer, loses to it, and can't be told apart from it."""
    clear = [c for c in comparisons if c.p_holm < LEVEL and not c.low <= 0 <= c.high]
    ahead = sum(c.difference > 0 for c in clear)
    behind = len(clear) - ahead
    return (
        f"Of {len(comparisons)} systems, {ahead or 'none'} {'beats' if ahead < 2 else 'beat'} the "
        f"last layer, {behind or 'none'} {'loses' if behind < 2 else 'lose'} to it, and "
        f"{len(comparisons) - len(clear)} can't be told apart from it "
        f"(95 % interval without zero, and p below {LEVEL:g} after Holm's correction for all)."
    )
