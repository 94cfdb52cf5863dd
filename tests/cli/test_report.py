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
