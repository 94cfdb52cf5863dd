"""Where a command's own output goes: terminals of any encoding, closed pipes, full disks."""

import io
import os
import sys
from pathlib import Path

import pytest
import spacy
import srsly
from spacy.cli.init_config import init_config
from spacy.tokens import Doc, DocBin, Span

from spacy_dlfa.cli import app
from spacy_dlfa.messages import one_sentence
from tests.study.report.runs import make_sweep

#: Those that train, or start processes or a server, or read what only other tests make.
SLOW = {
    *("apply", "sweep", "backbone-report", "self-train", "intermediate", "demo", "quality"),
    *("coverage", "inside"),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Everything that a command can read."""
    folder = tmp_path_factory.mktemp("terminals")
    (folder / "runs").mkdir()
    for i, run in enumerate(make_sweep(seeds=(0,))):
        # As each sweep's, which are compared without a warning
        srsly.write_json(folder / "runs" / f"{i}.json", {**run, "fingerprint": {"train": "abc"}})
    nlp = spacy.blank("xx")
    ruler = nlp.add_pipe("entity_ruler", name="ner")
    ruler.add_patterns([{"label": "LOC", "pattern": "Oslo"}])
    nlp.to_disk(folder / "pipeline")
    doc = Doc(nlp.vocab, words=["Oslo", "calling"])
    doc.ents = [Span(doc, 0, 1, label="LOC")]
    DocBin(docs=[doc]).to_disk(folder / "nob_pud.spacy")
    init_config(lang="xx", pipeline=["ner"], gpu=True).to_disk(folder / "old.cfg")
    (folder / "de_pud.iob2").write_text("1\tAnn\tB-PER\t-\t-\n", encoding="utf8")
    return folder


@pytest.fixture
def commands(folder, bert, tmp_path):
    """The arguments of each command, and what it writes."""
    scores = ["evaluate", folder / "pipeline", folder / "nob_pud.spacy", "--output"]
    run(*scores, folder / "ner.json")
    pipeline = [folder / "pipeline", folder / "ner.json"]
    return {
        "compare": (folder / "runs", "--output", tmp_path / "compare.json"),
        "convert": (folder / "de_pud.iob2", "--output", tmp_path / "de_pud.spacy"),
        "describe": (*pipeline, "--name", "a", "--output", tmp_path / "meta.json"),
        "evaluate": (*scores[1:], tmp_path / "ner.json"),
        "from-listener": ("--backbone", bert, folder / "old.cfg", tmp_path / "new.cfg"),
        "init-config": ("--backbone", bert, "ner", tmp_path / "my.cfg"),
        "randomize": (bert, tmp_path / "random"),
        "report": (folder / "runs", "--output", tmp_path / "report.html"),
        "show": (folder / "ner.json",),
    }


def run(*arguments, to=None, encoding="utf8"):
    """Run a command that prints to a file of its own; return exit code, what it printed, errors."""
    read = None
    if to is None:
        read, to = os.pipe()
    stdout, stderr = sys.stdout, sys.stderr
    sys.stdout = os.fdopen(to, "w", encoding=encoding)
    sys.stderr = io.StringIO()
    try:
        app(list(map(str, arguments)))
    except SystemExit as end:
        code = end.code or 0
    finally:
        # As Python does at its end, which must find nothing left to complain of
        sys.stdout.close()
        # What is behind the bars of progress
        errors = sys.stderr.getvalue().split("\r")[-1]
        sys.stdout, sys.stderr = stdout, stderr
    printed = ""
    if read is not None:
        with os.fdopen(read, encoding=encoding, errors="replace") as file:
            printed = file.read()
    return code, printed, errors


def test_no_command_is_left_out(commands):
    assert set(commands) | SLOW == {command.name for command in app.registered_commands}


@pytest.mark.parametrize("encoding", ["ascii", "cp932"])
def test_a_terminal_that_lacks_characters(encoding, commands):
    for name, arguments in commands.items():
        code, printed, errors = run(name, *arguments, encoding=encoding)
        assert (code, errors) == (0, ""), name
        assert printed
        # Where the encoding is ASCII, typer takes it for a mistake and prints UTF-8
        if name in ("evaluate", "show") and encoding != "ascii":
            assert "100.0-100.0" in printed
            assert "Norwegian Bokm" in printed


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
def test_output_that_cant_be_printed(commands):
    for name, arguments in commands.items():
        code, _, errors = run(name, *arguments, to=os.open("/dev/full", os.O_WRONLY))
        assert (code, errors) == (1, "The output can't be printed: No space left on device\n")
        check_written(name, arguments)


def test_a_pipe_that_nobody_reads(commands):
    for name, arguments in commands.items():
        read, write = os.pipe()
        os.close(read)
        assert run(name, *arguments, to=write) == (1, "", ""), name
        check_written(name, arguments)


def check_written(name, arguments):
    if name != "show":
        assert Path(arguments[-1]).exists(), name


@pytest.mark.parametrize(
    ("raised", "sentence"),
    [
        (KeyboardInterrupt(), "Stopped"),
        (ValueError("found x;\n  expected y"), "found x; expected y"),
    ],
)
def test_ends_with_a_sentence(raised, sentence, capsys):
    @one_sentence
    def command():
        raise raised

    with pytest.raises(Exception) as error:  # noqa: PT011, typer has more than one
        command()
    assert error.value.exit_code == 1
    assert capsys.readouterr().err == f"{sentence}\n"


@pytest.mark.parametrize("bad", ["file/x.json", "folder.json", "/proc/nowhere/x.json"])
def test_outputs_are_checked_before_the_work(bad, commands, folder, tmp_path, monkeypatch):
    def refuse(*_):
        raise AssertionError("work was done for nothing")

    monkeypatch.chdir(tmp_path)
    Path("file").touch()
    Path("folder.json").mkdir()
    for work in ("cli.evaluate.load_pipeline", "study.comparison.runs.read_runs"):
        monkeypatch.setattr(f"spacy_dlfa.{work}", refuse)
    for name in ("compare", "describe", "evaluate", "report"):
        code, _, errors = run(name, *commands[name][:-1], bad)
        assert code in (1, 2), name
        assert bad in errors
        assert "Traceback" not in errors


def test_an_output_that_fails_in_the_end_takes_no_other_with_it(commands, tmp_path, monkeypatch):
    # The disk was there when the command began.
    monkeypatch.setattr("spacy_dlfa.atomic.check_writable", lambda path: None)
    monkeypatch.setattr(
        "spacy_dlfa.study.pages.evaluation.evaluation_page", lambda metrics: "<p>page</p>"
    )
    (tmp_path / "file").touch()
    bad, page = tmp_path / "file" / "ner.json", tmp_path / "ner.html"
    code, printed, errors = run("evaluate", *commands["evaluate"][:-1], bad, "--output", page)
    assert (code, errors) == (1, f"{bad}: can't be written: {bad.parent} is no folder\n")
    assert "Norwegian Bokmål" in printed
    assert page.read_text() == "<p>page</p>"
