"""What each rule for choosing without target labels takes, and what that costs."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from spacy_dlfa.evaluation.record import Run
from spacy_dlfa.study.comparison.pick import RuleError, pick, regrets
from spacy_dlfa.study.comparison.rules import DEFAULT_RULE, RULES
from spacy_dlfa.study.comparison.runs import by_system, have_foreign, system_label


class RuleRow(NamedTuple):
    """What a rule for choosing without target labels takes, and what that costs.

    rule (str): Name of the rule.
    is_default (bool): Whether it is the recommended one.
    choice (str): The system.
    checkpoint (str): The checkpoint.
    reason (str): What the choice rests on.
    regrets (List[Optional[float]]): Points lost to the best choice among all, then among the
        layers of each fusion in the order of the table's columns.
    """

    rule: str
    is_default: bool
    choice: str
    checkpoint: str
    reason: str
    regrets: list[float | None]


def rule_rows(runs: Sequence[Run], names: Sequence[str]) -> list[RuleRow]:
    """Apply each rule that the runs have the data for; the last row is choosing blindly."""
    if not have_foreign(runs):
        return []
    points = [regrets(runs, name=name) for name in (None, *names)]
    rows = []
    for rule in RULES:
        try:
            choice = pick(runs, rule)
        except RuleError:
            continue
        chosen = system_label((choice.name, choice.layer))
        lost = [found[rule] for found in points]
        is_default = rule == DEFAULT_RULE
        rows.append(RuleRow(rule, is_default, chosen, choice.checkpoint, choice.reason, lost))
    blind = [found["blind"] for found in points]
    if rows:
        rows.append(RuleRow("blind", False, "any", "any", "mean of all choices", blind))
    return rows


def choose(runs: list[Run]) -> list[dict[str, Any]]:
    """Apply each rule; the regret among all systems and among the layers of each fusion.

    RETURNS (List[Dict[str, Any]]): A row for each rule; none if the runs lack what all rules read.
    """
    names = [name for name, _ in by_system(runs)]
    layered = sorted({name for name in names if names.count(name) > 1})
    return [
        {**row._asdict(), "regrets": dict(zip(["all", *layered], row.regrets, strict=True))}
        for row in rule_rows(runs, layered)
    ]
