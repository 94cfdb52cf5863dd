from xml.etree import ElementTree

import pytest
import srsly
from typer import Typer
from typer.testing import CliRunner

from spacy_dlfa.study.cli.report import report_cli
from tests.study.pages.html import check_page
from tests.study.report.runs import make_sweep

APP = Typer()
APP.command()(report_cli)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "sweep").mkdir()
    for i, run in enumerate(make_sweep(seeds=(0,))):
        srsly.write_json(tmp_path / "sweep" / f"{i}.json", run)
    return tmp_path / "sweep"


def report(*args):
    return CliRunner().invoke(APP, list(map(str, args)))


@pytest.mark.parametrize("checkpoint", ["best", "average"])
def test_page(folder, tmp_path, checkpoint):
    output = tmp_path / "pages" / "ner.html"
    result = report(folder, "--output", output, "--checkpoint", checkpoint)
    assert result.exit_code == 0, result.output
    assert str(output) in result.output
    page = check_page(output.read_text(encoding="utf8"))
    assert "DLFA at layer 2" in page.text


@pytest.mark.parametrize("task", ["ner", "tagger"])
def test_labels_that_one_run_has_learnt(task, tmp_path):
    for i, run in enumerate(make_sweep(seeds=(0,), task=task)):
        for part in (run, run["average"]) if run["name"] == "dlfa" else ():
            part["scores"]["de_pud"]["zero_shot"] = False
        srsly.write_json(tmp_path / f"{i}.json", run)
    result = report(tmp_path, "--output", tmp_path / "page.html")
    assert result.exit_code == 0, result.output
    assert "DLFA at layer 2" in check_page((tmp_path / "page.html").read_text("utf8")).text


def test_single_files(folder, tmp_path):
    result = report(folder / "0.json", folder / "2.json", "--output", tmp_path / "page.html")
    assert result.exit_code == 0, result.output


def test_nothing_is_written_if_runs_are_of_two_tasks(folder, tmp_path):
    srsly.write_json(folder / "x.json", make_sweep(("aif",), seeds=(0,), task="tagger")[0])
    result = report(folder, "--output", tmp_path / "page.html")
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    assert len(result.output.strip().splitlines()) == 1
    assert "task" in result.output
    assert not (tmp_path / "page.html").exists()


def test_no_run(tmp_path):
    result = report(tmp_path, "--output", tmp_path / "page.html")
    assert result.exit_code == 1
    assert "found no *.json" in result.output


def test_blocks_of_a_page_are_made_anew_and_the_rest_stays(folder, tmp_path):
    page = tmp_path / "study.md"
    page.write_text("# Mine\n\n<!-- report: sweep --><!-- end of report: sweep -->\n\nSo what.\n")
    result = report(folder, "--markdown", page, "--checkpoint", "average")
    assert result.exit_code == 0, result.output
    text = page.read_text(encoding="utf8")
    assert text.startswith("# Mine\n\n<!-- report: sweep -->\n\n    python -m spacy dlfa report")
    assert text.endswith("<!-- end of report: sweep -->\n\nSo what.\n")
    for part in ("- Fusion, ", "<summary>All scores</summary>", "dlfa", "![Named entities"):
        assert part in text
    assert text.count("<details>") == text.count("</details>") >= 4
    chart = ElementTree.fromstring((tmp_path / "study-sweep.svg").read_text(encoding="utf8"))
    assert chart.tag == "{http://www.w3.org/2000/svg}svg"
    assert "var(" not in (tmp_path / "study-sweep.svg").read_text(encoding="utf8")
    assert report(folder, "--markdown", page, "--checkpoint", "average").exit_code == 0
    assert page.read_text(encoding="utf8") == text


def test_a_new_block_comes_last(folder, tmp_path):
    page = tmp_path / "study.md"
    page.write_text("# Mine\n")
    assert report(folder, "--markdown", page).exit_code == 0
    assert page.read_text(encoding="utf8").startswith("# Mine\n\n<!-- report: sweep -->\n")


def test_a_block_of_runs_of_evaluate(folder, tmp_path):
    for path in folder.iterdir():
        run = srsly.read_json(path)
        for key in ("dev", "average", "predictions", "confidence", "inside"):
            del run[key]
        srsly.write_json(path, run)
    page = tmp_path / "study.md"
    result = report(folder, "--markdown", page)
    assert result.exit_code == 0, result.output
    text = page.read_text(encoding="utf8")
    assert "- Fusion, best on the test sets: " in text
    rows = [line.split() for line in text.splitlines()]
    assert ["Fusion", "Layer", "Seeds", "Dev,", "best", "Foreign"] in rows
    assert ["last", "1", "n/a"] in [row[:3] for row in rows]
    assert "Choosing without labels" not in text


def test_averages_of_some_runs(folder, tmp_path):
    path = next(p for p in folder.iterdir() if srsly.read_json(p)["name"] == "last")
    run = srsly.read_json(path)
    del run["average"]
    srsly.write_json(path, run)
    assert report(folder, "--markdown", tmp_path / "study.md").exit_code == 0
    text = (tmp_path / "study.md").read_text(encoding="utf8")
    (row,) = (line.split() for line in text.splitlines() if line.startswith("last "))
    assert row[-2:] == ["n/a", "n/a"]
    assert "n/a" not in row[2:-2]


def test_a_block_of_english_test_sets_alone(tmp_path):
    (tmp_path / "english").mkdir()
    for i, run in enumerate(make_sweep(seeds=(0,), corpora=("en_pud",))):
        srsly.write_json(tmp_path / "english" / f"{i}.json", run)
    page = tmp_path / "study.md"
    result = report(tmp_path / "english", "--markdown", page)
    assert result.exit_code == 0, result.output
    text = page.read_text(encoding="utf8")
    assert "<summary>All scores</summary>" in text
    assert "Choosing without labels" not in text


@pytest.mark.parametrize("text", ["<!-- report: sweep -->", "<!-- end of report: sweep -->"])
def test_half_a_block_is_refused(folder, tmp_path, text):
    page = tmp_path / "study.md"
    page.write_text(text)
    result = report(folder, "--markdown", page)
    assert result.exit_code == 1
    assert "Block sweep: found" in result.output
    assert page.read_text() == text
    assert not (tmp_path / "study-sweep.svg").exists()


def test_one_page(folder, tmp_path):
    both = ["--output", tmp_path / "a.html", "--markdown", tmp_path / "a.md"]
    for pages in ([], both):
        result = report(folder, *pages)
        assert result.exit_code == 1
        assert "--output page.html or --markdown page.md" in result.output
    result = report(folder / "0.json", "--markdown", tmp_path / "a.md")
    assert "folders of sweeps" in result.output
