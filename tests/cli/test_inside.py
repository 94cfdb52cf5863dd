from xml.etree import ElementTree

import pytest
import srsly
from typer.testing import CliRunner

from spacy_dlfa.cli import app
from tests.pipelines import DLFA, tagger_pipeline
from tests.study.report.runs import make_sweep
from tests.study.sweep.study import NAMES, TESTS, write_corpus


@pytest.fixture(scope="module")
def pipeline(bert, tmp_path_factory):
    folder = tmp_path_factory.mktemp("training") / "tagger"
    tagger_pipeline(bert).to_disk(folder)
    return folder


@pytest.fixture
def tags(tmp_path):
    for name, rest in TESTS.items():
        write_corpus(tmp_path / "tags" / f"{name}.spacy", NAMES + NAMES, rest)
    return tmp_path / "tags"


@pytest.fixture
def sweep(tmp_path):
    (tmp_path / "ner").mkdir()
    for number, run in enumerate(make_sweep(("dlfa", "last"))):
        srsly.write_json(tmp_path / "ner" / f"{number}.json", run)
    return tmp_path / "ner"


def inside(*args):
    return CliRunner().invoke(app, ["inside", *map(str, args)])


def assert_one_sentence(result, *parts):
    assert result.exit_code == 1, result.output
    assert isinstance(result.exception, SystemExit)
    assert len(result.output.strip().splitlines()) == 1
    for part in parts:
        assert str(part) in result.output


def row(text, *start):
    found, *_ = [line for line in text.splitlines() if line.startswith(f"| {' | '.join(start)} |")]
    return [cell.strip() for cell in found.strip("|").split("|")]


def test_the_block_is_made_anew_and_the_rest_stays(pipeline, tags, sweep, tmp_path):
    page = tmp_path / "page.md"
    page.write_text(
        "# Mine\n\n<!-- report: inside -->\nold\n<!-- end of report: inside -->\n\nSo.\n"
    )
    options = ["--tags", tags, "--runs", sweep, "--sentences", "12", "--markdown", page]
    result = inside(pipeline, *options)
    assert result.exit_code == 0, result.output
    text = page.read_text(encoding="utf8")
    assert text.startswith("# Mine\n\n<!-- report: inside -->\n\n12 sentences of each of 3 ")
    assert text.endswith("<!-- end of report: inside -->\n\nSo.\n")
    assert "old" not in text
    # A gate that has learnt nothing
    assert row(text, "tagger, 2 and last", "0.500")
    for pos in ("PROPN", "VERB", "ADV"):
        assert row(text, pos)[1].startswith("0.500 (")
    assert row(text, "Latin")[1].endswith("of 3)")
    assert row(text, "tagger, 2 and last", "2")[2:]
    assert "- ner, `dlfa`, 2 layers with 2 seeds each: English dev picks layer" in text
    assert "gain over the last layer: ner, dlfa-" not in text  # too few languages
    chart = ElementTree.fromstring((tmp_path / "page-weights.svg").read_text(encoding="utf8"))
    assert chart.tag == "{http://www.w3.org/2000/svg}svg"


def test_without_a_sweep_there_are_no_layers(pipeline, tags, tmp_path):
    page = tmp_path / "page.md"
    result = inside(pipeline, "--tags", tags / "de_pud.spacy", "--markdown", page)
    assert result.exit_code == 0, result.output
    text = page.read_text(encoding="utf8")
    assert "### Gate weights" in text
    for part in ("### Layers", "### Distance", "### Translations"):
        assert part not in text


def test_a_pipeline_without_a_gate(bert, tags, tmp_path):
    alone = {"@layers": "spacy_dlfa.LowerLayer.v1"}
    tagger_pipeline(bert, fusion=alone).to_disk(tmp_path / "alone")
    result = inside(tmp_path / "alone", "--tags", tags, "--markdown", tmp_path / "page.md")
    assert_one_sentence(result, "DL491", tmp_path / "alone", "transformer, tagger", DLFA["@layers"])
    assert not (tmp_path / "page.md").exists()


def test_a_test_set_without_parts_of_speech(pipeline, tags, tmp_path):
    write_corpus(tags / "fr_pud.spacy", NAMES, "dort ici", attrs=("TAG",))
    result = inside(pipeline, "--tags", tags, "--markdown", tmp_path / "page.md")
    assert_one_sentence(result, "DL492", tags / "fr_pud.spacy")


def test_what_is_no_pipeline(tags, tmp_path):
    result = inside(tmp_path, "--tags", tags, "--markdown", tmp_path / "page.md")
    assert_one_sentence(result, "DL495", tmp_path)


def test_half_a_block_is_refused_before_anything_is_read(tags, tmp_path):
    page = tmp_path / "page.md"
    page.write_text("<!-- report: inside -->")
    result = inside(tmp_path / "none", "--tags", tags, "--markdown", page)
    assert_one_sentence(result, "DL470")
    assert page.read_text() == "<!-- report: inside -->"
