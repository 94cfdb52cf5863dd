import pytest

from spacy_dlfa.study.comparison.restrict import share_zero_shot
from spacy_dlfa.study.inside.layers import ALL, best_layers
from tests.study.report.runs import make_sweep


@pytest.fixture
def sweep():
    """At layer 2 English dev is best, and Slavic at layer 4."""
    runs = make_sweep(("dlfa", "last"), layers=(2, 4), seeds=(0, 1))
    for run in runs:
        part = run["average"]
        is_second = run["layer"] == 2
        part["dev"]["f"] = 80.0 if is_second else 70.0
        for family, row in {ALL: part["averages"]["all"], **part["averages"]["genera"]}.items():
            row["f"] = 50.0 + 2 * is_second * (1 if family != "Slavic" else -1)
    return runs


def test_each_family_has_its_best_layer(sweep):
    (found,) = best_layers(sweep)
    assert (found.task, found.fusion, found.picked) == ("ner", "dlfa", 2)
    assert (found.layers, found.seeds) == (2, 2)
    assert found.families["Germanic"] == (2, 0.0, 2)
    assert found.families["Slavic"] == (4, 2.0, 2)
    assert found.families[ALL] == (2, 0.0, 7)


def test_a_seed_that_not_all_have_counts_nothing(sweep):
    sweep = [run for run in sweep if (run["layer"], run["seed"]) != (4, 1)]
    for run in sweep:
        if run["seed"] == 1 and run["layer"] == 2:
            run["average"]["averages"]["genera"]["Slavic"]["f"] = 99.0
    (found,) = best_layers(sweep)
    assert found.families["Slavic"] == (4, 2.0, 2)


def test_families_whose_labels_were_seen_have_no_layer(sweep):
    for run in sweep[:1]:
        for part in (run, run["average"]):
            part["scores"]["zh_pud"]["zero_shot"] = False
    (found,) = best_layers(share_zero_shot(sweep))
    assert {"Germanic", "Slavic"} < {*found.families}
    assert "Sinitic" not in found.families
    assert found.families[ALL].corpora == 6


def test_runs_of_one_layer_are_refused():
    with pytest.raises(ValueError, match=r"DL493.*dlfa, last"):
        best_layers(make_sweep(("dlfa", "last"), layers=(2,)))
