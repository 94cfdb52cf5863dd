import copy
from dataclasses import replace

import pytest

from spacy_dlfa.study.comparison.pick import pick
from spacy_dlfa.study.comparison.regrets import rule_rows
from spacy_dlfa.study.comparison.rules import DEFAULT_RULE, RULES
from spacy_dlfa.study.report.findings import find, foreign_means, summary
from spacy_dlfa.study.report.paper import PAPER
from spacy_dlfa.study.report.systems import spread, swept_systems
from spacy_dlfa.study.report.tables import paper_rows
from tests.study.report.runs import make_sweep


@pytest.fixture(scope="module")
def runs():
    return make_sweep(("aif", "dlfa", "dlfa-feature", "last", "mean"), layers=(2, 4))


@pytest.fixture(scope="module")
def findings(runs):
    return find(runs, swept_systems(runs), "best")


def test_controls_have_the_layer_that_the_default_rule_chooses(runs, findings):
    layer = pick(runs, name="mean").layer
    assert [(c.name, c.layer) for c in findings.controls] == [("aif", None), ("mean", layer)]


def test_the_default_rule_chooses_and_not_the_best_checkpoint(runs):
    runs = copy.deepcopy(runs)
    for run in runs:
        system = run["name"], run["layer"]
        run["dev"]["f"] = 99.0 if system == ("dlfa", 4) else 50.0
        run["average"]["dev"]["f"] = 99.0 if system == ("dlfa-feature", 2) else 50.0
    chosen = find(runs, swept_systems(runs), "best").chosen
    assert (chosen.name, chosen.layer) == ("dlfa-feature", 2)
    # Nothing is chosen without what the rule reads.
    for run in runs:
        del run["average"]
    assert find(runs, swept_systems(runs), "best").chosen is None


@pytest.mark.parametrize("more_seeds", [False, True])
def test_bars_leave_out_the_last_layer_where_the_difference_leaves_out_zero(runs, more_seeds):
    if more_seeds:  # seeds of the last layer that the others lack move its mean
        extra = [copy.deepcopy(run) for run in runs if run["name"] == "last"]
        for run in extra:
            run["seed"] += 10
            run["averages"]["all"]["f"] += 5
        runs = [*runs, *extra]
    systems = swept_systems(runs)
    comparisons = find(runs, systems, "best").comparisons
    means = foreign_means(systems, comparisons, "best")
    line = means["last", None]
    assert line == next(s for s in systems if s.name == "last").average("best")
    assert len(comparisons) == len(systems) - 1
    for c in comparisons:
        found = means[c.name, c.layer]
        assert found.low - line.mean == pytest.approx(c.low)
        assert found.high - line.mean == pytest.approx(c.high)
        assert found.low < found.mean < found.high


def test_best_is_that_of_the_test_sets(findings):
    dlfa = [c for c in findings.comparisons if c.name.startswith("dlfa")]
    assert len(dlfa) == 4
    assert findings.best.mean == max(c.mean for c in dlfa)


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ("+0", "Of 2 systems, 1 beats the last layer, none loses to it, and 1 can't"),
        ("++--0", "Of 5 systems, 2 beat the last layer, 2 lose to it, and 1 can't"),
        ("--", "Of 2 systems, none beats the last layer, 2 lose to it, and 0 can't"),
    ],
)
def test_summary(findings, outcomes, expected):
    clear = {"low": 1, "high": 2, "difference": 1.5, "p_holm": 0.01}
    kinds = {
        "+": clear,
        "-": {**clear, "low": -2, "high": -1, "difference": -1.5},
        "0": {**clear, "p_holm": 0.2},
    }
    found = [replace(findings.comparisons[0], **kinds[outcome]) for outcome in outcomes]
    assert summary(found).startswith(expected)


def test_rules(runs):
    rows = rule_rows(runs, ["dlfa", "mean"])
    # There is no confidence of entities.
    names = [name for name in RULES if not name.startswith("confidence")]
    assert [row.rule for row in rows] == [*names, "blind"]
    assert [row.rule for row in rows if row.is_default] == [DEFAULT_RULE]
    for row in rows:
        assert len(row.regrets) == 3
        assert all(regret >= 0 for regret in row.regrets)


@pytest.mark.parametrize("task", PAPER)
def test_paper_has_eleven_layers_and_the_last_alone(task):
    assert list(PAPER[task].scores) == [None, *range(11, 0, -1)]


def test_paper_beside_ours(runs):
    rows = {row["layer"]: row for row in paper_rows(swept_systems(runs), "ner", "dlfa", "best")}
    assert (rows[8]["theirs"], rows[8]["ours"]) == (63.34, None)
    assert rows[8]["their_gain"] == pytest.approx(1.17)
    assert rows[4]["our_gain"] == pytest.approx(rows[4]["ours"] - rows[None]["ours"])
    assert rows[None]["theirs"] == 62.17


def test_spread():
    assert spread([1.0, None, 3.0]) == pytest.approx((2.0, 1.0, 3.0, 2**0.5))
    assert spread([1.0]).deviation is None
    assert spread([None]) is None


def test_the_chosen_fusion_stands_beside_the_lower_layer_alone(runs, findings):
    assert findings.beside_lower is None
    more = make_sweep(("dlfa", "dlfa-feature", "last", "lower"), layers=(2, 4))
    found = find(more, swept_systems(more), "best")
    alone = pick(more, name="lower").layer
    assert (found.beside_lower.name, found.beside_lower.layer) == (
        found.chosen.name,
        found.chosen.layer,
    )
    assert f"layer {alone} alone" in found.beside_lower.verdict
    by_name = {(c.name, c.layer): c for c in found.comparisons}
    expected = found.chosen.mean - by_name["lower", alone].mean
    assert found.beside_lower.difference == pytest.approx(expected)
    # Without a seed of both there is nothing to compare
    for run in more:
        if run["name"] == "lower":
            run["seed"] += 10
    last = [copy.deepcopy(run) for run in more if run["name"] == "last"]
    for run in last:
        run["seed"] += 10
    apart = [*more, *last]
    assert find(apart, swept_systems(apart), "best").beside_lower is None
