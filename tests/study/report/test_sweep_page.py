import copy

import pytest

from spacy_dlfa.evaluation.tasks import TASKS
from spacy_dlfa.fusions.variants import find_variants
from spacy_dlfa.languages import language_of
from spacy_dlfa.study.report.sweep import sweep_page
from spacy_dlfa.study.report.systems import fusion_colour
from tests.study.pages.html import check_page
from tests.study.report.runs import MANY, make_evaluation, make_sweep

FUSIONS = find_variants()
CHARTS = ("By lower layer", "By language", "Choosing without target labels", "A look inside")
HOSTILE = "<script>alert('$x_{')</script>"


@pytest.fixture(scope="module")
def sweep():
    return make_sweep(list(FUSIONS))


@pytest.fixture
def runs(sweep):
    return copy.deepcopy(sweep)


def page_of(runs, *args):
    return check_page(sweep_page(runs, *args))


def test_page(sweep):
    page = page_of(sweep)
    assert "Named entities" in page.text
    assert "the last layer" in page.text
    for part in (*CHARTS, "Beside the paper"):
        assert part in page.text
    for name, fusion in FUSIONS.items():
        if fusion.has_layer:
            for layer in ("2", "4"):
                page.row(name, layer, "2")
        else:
            page.row(name, "", "2")


def test_fusions_with_a_layer_have_a_colour_each():
    ours = [each for each in FUSIONS.values() if each.registered.startswith("spacy_dlfa.")]
    colours = {each.name: fusion_colour(each.name) for each in ours if each.has_layer}
    assert len({*colours.values()}) == len(colours), colours


@pytest.mark.parametrize("task", TASKS)
def test_tasks(task):
    runs = make_sweep(task=task)
    page = page_of(runs)
    assert [*TASKS[task].metrics.values()][-1] in page.text
    assert ("Beside the paper" in page.text) == (task != "textcat")


def test_all_languages_are_there():
    runs = make_sweep(("dlfa", "last"), layers=(3,), seeds=(0,), corpora=MANY, sentences=5)
    page = page_of(runs)
    for corpus in MANY:
        # In the charts of gains and weights, and in the table
        assert page.text.count(language_of(corpus).name) >= 3
        page.row(language_of(corpus).name, corpus)


def test_scores_are_means_over_seeds(sweep):
    page = page_of(sweep)
    runs = [run for run in sweep if run["name"] == "last"]
    dev = sum(run["dev"]["f"] for run in runs) / len(runs)
    foreign = sum(run["averages"]["all"]["f"] for run in runs) / len(runs)
    cells = page.row("last", "")
    assert [cell.split(" ")[0] for cell in cells[6:8]] == [f"{dev:.1f}", f"{foreign:.1f}"]


def test_checkpoint(runs):
    for run in runs:
        run["averages"]["all"]["f"] = 11.1
        if run["name"] == "last":
            run["average"]["averages"]["all"]["f"] = 22.2
    averaged = page_of(runs, "average")
    assert "the average of the checkpoints" in averaged.text
    # Both checkpoints are in the table, one is compared.
    assert [averaged.row("last", "")[i].split(" ")[0] for i in (7, 11)] == ["11.1", "22.2"]
    assert "22.20" in averaged.row("none: the last layer alone")
    assert "11.10" in page_of(runs).row("none: the last layer alone")


def test_what_is_chosen_and_what_is_best_are_told_apart(runs):
    for run in runs:
        is_best = (run["name"], run["layer"]) == ("dlfa", 2)
        run["average"]["dev"]["f"] = 99.0 if is_best else 50.0
    page = page_of(runs)
    assert "Fusion, chosen by dev-average: DLFA at layer 2" in page.text
    assert "Fusion, best on the test sets: DLFA" in page.text
    assert "dlfa, layer 2" in page.text


def test_one_choice_that_is_the_best(runs):
    runs = [run for run in runs if run["name"] in ("dlfa", "last")]
    for run in runs:
        run["average"]["dev"]["f"] = 99.0 if run["layer"] == 4 else 50.0
        for kind, counts in run["counts"]["de_pud"].items():
            if run["layer"] == 4:
                run["counts"]["de_pud"][kind] = " ".join(
                    ["6" if kind == "tp" else "0"] * len(counts.split())
                )
    assert "chosen by dev-average, and best on the test sets: DLFA at layer 4" in page_of(runs).text


def test_the_printed_gate_stands_beside_the_paper(runs):
    dlfa = [run for run in runs if run["name"] in ("dlfa", "last")]
    assert "dlfa, foreign mean" in page_of(dlfa).text
    printed = [{**run, "name": "dlfa-feature"} for run in dlfa if run["name"] == "dlfa"]
    assert "dlfa-feature, foreign mean" in page_of([*printed, *dlfa]).text


def test_one_cell():
    page = page_of(make_sweep(("dlfa",), layers=(3,), seeds=(0,)))
    assert "Nothing to compare" in page.text
    assert "By language" not in page.text
    assert page.row("dlfa", "3", "1")


@pytest.mark.parametrize("name", [name for name in FUSIONS if not FUSIONS[name].has_layer])
def test_one_cell_without_a_layer(name):
    page = page_of(make_sweep((name,), seeds=(0,)))
    assert page.row(name, "", "1")
    for part in ("By lower layer", "Beside the paper", "A look inside"):
        assert part not in page.text


def test_seeds_that_are_missing(runs):
    # An unfinished sweep: a system shares no seed with the last layer.
    runs = [run for run in runs if (run["name"], run["seed"]) not in {("last", 1), ("aif", 0)}]
    page = page_of(runs)
    assert "AIF of the last layer" not in page.text
    assert page.row("aif", "", "1")[3:6] == ["", "", ""]
    assert "DLFA at layer 2" in page.text


def test_no_look_inside(runs):
    for run in runs:
        run["inside"] = None
    assert "A look inside" not in page_of(runs).text


def test_no_parallel_sentences(runs):
    for run in runs:
        if run["inside"]:
            run["inside"]["cosine"] = {}
    page = page_of(runs)
    assert "Mean weight of the lower layer" in page.text
    assert "cosine similarity" not in page.text


def test_runs_of_evaluate():
    runs = [
        {**make_evaluation(), "name": "dlfa"},
        {**make_evaluation(), "name": "last", "layer": None},
    ]
    page = page_of(runs)
    assert "Fusion, the only one run: DLFA at layer 5" in page.text
    assert "By lower layer" in page.text
    assert "Choosing without" not in page.text
    assert page.row("last", "", "1")[6] == "n/a"
    assert "systems" not in page.text.split("Task")[0]


def test_no_averaged_checkpoint(runs):
    for run in runs:
        del run["average"]
    assert "averaged checkpoint" not in page_of(runs).text
    with pytest.raises(ValueError, match="averaged checkpoint"):
        sweep_page(runs, "average")


def test_english_alone():
    page = page_of(make_sweep(corpora=("en_pud",), seeds=(0,)))
    assert "Nothing to compare" in page.text


def test_test_set_without_gold_annotation(runs):
    for run in runs:
        for part in (run, run["average"]):
            part["scores"]["de_pud"].update(p=None, r=None, f=None, interval=None)
            zeros = {kind: "0 0" for kind in ("tp", "fp", "fn")}
            part["counts"]["de_pud"] = zeros
    assert "n/a" in page_of(runs).row("German", "de_pud")


def test_hostile_names_are_escaped(runs):
    for run in runs:
        run["backbone"] = HOSTILE
        for row in run["scores"].values():
            if row["language"] == "German":
                row["language"] = HOSTILE
                row["family"] = HOSTILE
        run["name"] = HOSTILE if run["name"] == "mean" else run["name"]
    html = sweep_page(runs)
    assert "<script" not in html
    assert check_page(html).text.count(HOSTILE) >= 4


def test_same_on_every_run(sweep):
    assert sweep_page(sweep) == sweep_page(copy.deepcopy(sweep))
