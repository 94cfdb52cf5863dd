import copy

import pytest

from spacy_dlfa.study.pages.evaluation import evaluation_page
from spacy_dlfa.study.pages.examples import confusion, direction
from tests.study.pages.html import check_page
from tests.study.report.runs import make_evaluation

HOSTILE = '<script>alert(1)</script>{text}" onload="x'
ENTITIES = {
    "kind": "wrong",
    "text": "Ada Byron saw Acme Oslo and Paris with Max",
    "gold": ["0 9 PER", "14 18 ORG", "19 23 LOC", "28 33 LOC"],
    "found": ["0 3 PER", "14 18 LOC", "19 23 LOC", "39 42 PER"],
}
KINDS = {"right": 11, "boundary": 12, "label": 13, "missed": 14, "invented": 15}
MISTAKES = {"confusion": {"PER": {"PER": 70, "": 7}, "LOC": {"PER": 5}, "": {"LOC": 4}}}


def with_texts(task="ner", example=ENTITIES, corpora=("de_pud", "ar_pud", "en_pud")):
    kinds = KINDS if task == "ner" else {"label": 1}
    return {
        **make_evaluation(task, corpora),
        "examples": {name: [copy.deepcopy(example)] for name in corpora},
        "mistakes": {name: {**MISTAKES, "kinds": kinds} for name in corpora},
    }


def section(html, language):
    (found,) = [part for part in html.split("<section")[1:] if f"<h3>{language} " in part]
    return found.split("</section>")[0]


def test_entities_gold_beside_predicted():
    html = evaluation_page(with_texts())
    check_page(html)
    gold, found = section(html, "German").split("<h5>")[1:]
    for pane, marks in (
        (gold, ["PER</b> ✗", "ORG</b> ✗", "LOC</b> ✓", "LOC</b> missed"]),
        (found, ["PER</b> ✗ boundary", "LOC</b> ✗ label", "LOC</b> ✓", "PER</b> invented"]),
    ):
        assert [pane.find(f"<b>{mark}<") > 0 for mark in marks] == [True] * 4
        assert pane.count("<mark") == 4


def test_links_lead_to_each_language():
    html = evaluation_page(with_texts())
    page = check_page(html)
    for number, language in enumerate(("Arabic", "English", "German"), 1):
        assert f'href="#texts-{number}">{language}</a>' in html
        assert f"texts-{number}" in page.ids
        assert f'id="texts-{number}">\n<h3>{language} ' in html


def test_kinds_of_mistakes_and_confusion():
    page = check_page(evaluation_page(with_texts()))
    row = [cell for each in page.rows if each[:1] == ["German"] for cell in each]
    assert row[-7:] == ["German", "11", "12", "13", "0", "14", "15"]
    # German and Arabic
    assert page.row("sum without English")[1:] == ["22", "24", "26", "0", "28", "30"]
    headers = [each for each in page.rows if each[:1] == ["Gold"]]
    assert headers == [["Gold", "LOC", "PER", "nothing"]] * 4
    overall = next(each for each in page.rows if each[:1] == ["PER"])
    assert overall == ["PER", "", "140", "14"]


def test_tags_where_they_differ():
    example = {"kind": "wrong", "text": "Ada läuft", "gold": ["4 9 VERB"], "found": ["4 9 NOUN"]}
    html = section(evaluation_page(with_texts("tagger", example)), "German")
    assert ">läuft<" in html
    assert "<b>VERB</b> gold, NOUN predicted" in html
    assert html.count("<mark") == 1


@pytest.mark.parametrize("task", ["textcat", "pairs"])
def test_categories_with_scores(task):
    example = {
        "kind": "wrong",
        "text": "so ist es [SEP] ja",
        "gold": ["0 18 sports"],
        "found": ["0 18 travel"],
        "scores": {"travel": 0.75, "sports": 0.25},
    }
    page = check_page(evaluation_page(with_texts(task, example)))
    for part in ("Gold sports", "travel ✗", "0.75", "0.25"):
        assert part in page.text
    assert ("[SEP]" in page.text) == (task == "textcat")


@pytest.mark.parametrize("text", ["سافر أحمد إلى باريس مع NASA", "דנה גרה בתל אביב", "یہ لاہور ہے"])
def test_texts_that_run_leftwards(text):
    example = {"kind": "right", "text": text, "gold": ["0 3 PER"], "found": ["0 3 PER"]}
    html = section(evaluation_page(with_texts(example=example)), "Arabic")
    assert html.count("direction: rtl") == 2
    assert direction(text) == "rtl"
    assert direction("NASA and أحمد") == "ltr"


def test_hostile_texts_are_escaped():
    run = with_texts(
        example={"kind": "right", "text": HOSTILE, "gold": [f"0 8 {HOSTILE}"], "found": []}
    )
    run["mistakes"]["de_pud"]["confusion"] = {HOSTILE: {HOSTILE: 1}}
    html = evaluation_page(run)
    assert "<script" not in html
    assert HOSTILE in check_page(html).text


def test_scores_of_an_older_version():
    page = check_page(evaluation_page(make_evaluation()))
    assert "nav" not in page.tags
    assert "Confusion" not in page.text


def test_nothing_to_add_up():
    assert confusion([{"confusion": {}, "kinds": {}}]) is None
