"""The page of scores against what the encoder has seen."""

import shutil

import pytest
import srsly
from spacy.tokens import Doc, DocBin
from spacy.vocab import Vocab
from typer.testing import CliRunner

from spacy_dlfa.cli import app
from spacy_dlfa.evaluation.record import read_run
from spacy_dlfa.study.report.coverage import NEW, NEW_SCRIPT, SEEN, find_places
from tests.study.pages.html import check_page
from tests.study.report.runs import make_evaluation

TEXTS = {
    "eng_Latn": "Anna lives here",
    "deu_Latn": "Anna wohnt hier",
    "fry_Latn": "Anna wennet hjir",
    "sat_Olck": "ᱚᱱᱱᱟ ᱱᱚᱸᱰᱮ",
}


@pytest.fixture
def scored(bert, tmp_path):
    """A run, and the folder of its test sets; the encoder's card names English and German."""
    shutil.copytree(bert, tmp_path / "encoder")
    (tmp_path / "encoder" / "README.md").write_text("---\nlanguage: [en, de]\n---\n")
    run = make_evaluation("textcat", tuple(TEXTS))
    run["backbone"] = str(tmp_path / "encoder")
    srsly.write_json(tmp_path / "run.json", run)
    vocab = Vocab()
    for name, text in TEXTS.items():
        docs = []
        for number in range(4):
            doc = Doc(vocab, words=text.split())
            doc.cats = {"travel": float(number == 0), "sports": float(number > 0)}
            docs.append(doc)
        (tmp_path / "tests").mkdir(exist_ok=True)
        DocBin(docs=docs, attrs=["ORTH"], store_user_data=True).to_disk(
            tmp_path / "tests" / f"{name}.spacy"
        )
    return tmp_path / "run.json", tmp_path / "tests"


def coverage(*arguments):
    return CliRunner().invoke(app, ["coverage", *map(str, arguments)])


def test_languages_are_told_apart_by_what_the_encoder_has_seen(scored):
    run, folder = scored
    places, chance = find_places(read_run(run), sorted(folder.glob("*.spacy")))
    found = {place.name: place for place in places}
    assert {name: place.group for name, place in found.items()} == {
        "deu_Latn": SEEN,
        "fry_Latn": NEW,
        "sat_Olck": NEW_SCRIPT,
    }
    assert chance == 75
    assert found["sat_Olck"].unknown > 0 == found["deu_Latn"].unknown
    # A letter each
    assert found["deu_Latn"].pieces == pytest.approx(13 / 3)


def test_the_other_test_sets_change_nothing(scored):
    run, folder = scored
    paths = [folder / f"{name}.spacy" for name in ("fry_Latn", "sat_Olck")]
    places, _ = find_places(read_run(run), paths)
    assert {place.name: place.group for place in places} == {
        "fry_Latn": NEW,
        "sat_Olck": NEW_SCRIPT,
    }


def test_page(scored, tmp_path):
    run, folder = scored
    result = coverage(run, folder, "--output", tmp_path / "page.html")
    assert result.exit_code == 0, result.output
    assert "New script:" in result.output
    page = check_page((tmp_path / "page.html").read_text(encoding="utf8"))
    assert "Where zero-shot ends" in page.text
    assert page.row("Western Frisian")[3] == NEW


def test_what_is_wrong_is_one_sentence(scored, tmp_path):
    run, folder = scored
    (tmp_path / "encoder" / "README.md").unlink()
    result = coverage(run, folder, "--output", tmp_path / "page.html")
    assert result.exit_code == 1
    assert "model card names languages" in result.output
    srsly.write_json(run, make_evaluation("ner", tuple(TEXTS)))
    result = coverage(run, folder, "--output", tmp_path / "page.html")
    assert "Found scores of ner" in result.output
