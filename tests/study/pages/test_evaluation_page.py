import pytest

from spacy_dlfa.evaluation.tasks import TASKS
from spacy_dlfa.languages import language_of
from spacy_dlfa.study.pages.evaluation import evaluation_page
from tests.study.pages.html import check_page
from tests.study.report.runs import CORPORA, MANY, make_evaluation

HOSTILE = "<script>alert('$x_{')</script>\" onload=\"x"


@pytest.mark.parametrize("task", TASKS)
def test_page(task):
    metrics = make_evaluation(task)
    page = check_page(evaluation_page(metrics))
    mean = f"{metrics['averages']['all'][metrics['metric']]:.1f}"
    assert f" {mean} over 7 foreign test sets" in page.text
    assert page.text.count([*TASKS[task].metrics.values()][-1]) >= 2
    for name, row in metrics["scores"].items():
        cells = page.row(row["language"], name, row["family"])
        assert f"{row[metrics['metric']]:.1f}" in cells
    assert mean in page.row("mean, all foreign")
    for part in ("assets/mini-mbert", "spacy_dlfa.DLFA.v1", "bootstrap", "svg"):
        assert part in page.text or part in page.tags


def test_one_set_is_one_set():
    page = check_page(evaluation_page(make_evaluation("ner", ["de_pud", "ru_pud", "en_pud"], 5)))
    assert "1 set" in page.text
    assert "1 sets" not in page.text
    assert "2 sets" in page.text


def test_all_languages_are_there():
    html = evaluation_page(make_evaluation("textcat", MANY, 5))
    page = check_page(html)
    for corpus in MANY:
        language = language_of(corpus)
        # In the chart and in the table
        assert page.text.count(language.name) >= 2
        page.row(language.name, corpus, language.family)


def test_chart_has_the_best_first():
    metrics = make_evaluation()
    chart = evaluation_page(metrics).split("</svg>")[0]
    ordered = sorted(metrics["scores"].values(), key=lambda row: -row["f"])
    places = [chart.index(f">{row['language']}</text>") for row in ordered]
    assert places == sorted(places)


def test_several_test_sets_of_a_language():
    page = check_page(evaluation_page(make_evaluation(corpora=("de_pud", "zh_pud", "zh_gsd"))))
    assert "Chinese, zh_gsd" in page.text
    assert "German, de_pud" not in page.text


@pytest.mark.parametrize("field", ["language", "family", "backbone", "corpus"])
def test_hostile_names_are_escaped(field):
    metrics = make_evaluation(corpora=("de_pud", "ru_pud"))
    if field == "backbone":
        metrics["backbone"] = HOSTILE
    elif field == "corpus":
        metrics["scores"][HOSTILE] = metrics["scores"].pop("de_pud")
    else:
        metrics["scores"]["de_pud"][field] = HOSTILE
    html = evaluation_page(metrics)
    assert "<script" not in html
    assert HOSTILE in check_page(html).text


def test_same_on_every_run():
    assert evaluation_page(make_evaluation()) == evaluation_page(make_evaluation())


def test_without_raw_text_fusion_and_layer():
    metrics = make_evaluation()
    metrics.update(fusion=None, layer=None, backbone=None, seed=None)
    for row in (*metrics["scores"].values(), metrics["averages"]["all"]):
        del row["raw"]
    page = check_page(evaluation_page(metrics))
    assert "from raw text" not in page.text
    assert page.row("German")[-1] == "n/a"
    assert "spaCy's own listener" in page.text


def test_test_set_without_gold_annotation():
    metrics = make_evaluation(corpora=("de_pud", "ru_pud", "en_pud"))
    undefined = {"p": None, "r": None, "f": None}
    metrics["scores"]["ru_pud"].update(**undefined, interval=None, raw=undefined)
    assert page_row(metrics, "Russian")[5:] == ["n/a"] * 5


def page_row(metrics, *cells):
    return check_page(evaluation_page(metrics)).row(*cells)


def test_english_alone():
    page = check_page(evaluation_page(make_evaluation(corpora=("en_pud",))))
    assert "No foreign test set has a score" in page.text


def test_english_is_apart_from_the_mean():
    metrics = make_evaluation(corpora=CORPORA)
    row = page_row(metrics, "mean, all foreign")
    assert row[1] == f"{len(CORPORA) - 1} sets"


def test_noise():
    metrics = make_evaluation()
    assert "Noise" not in check_page(evaluation_page(metrics)).text
    metrics["noise"] = {"typos": {key: metrics[key] for key in ("scores", "averages")}}
    mean = f"{metrics['averages']['all']['f']:.1f}"
    page = check_page(evaluation_page(metrics))
    assert page.row("typos")[1:4] == [mean, mean, "+0.0"]
