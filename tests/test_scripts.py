"""What `make train-ner` runs a workflow by."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from scripts import quietly, workflow

ROOT = Path(__file__).parent.parent
PROJECT = """
title: Two steps
vars: {seed: 0, name: mini}
workflows: {both: [one, two]}
commands:
  - name: one
    script: ["python -c 'print(\\"seed ${vars.seed}\\")'"]
  - name: two
    script: ["python -c 'import sys; sys.exit(${vars.seed})'"]
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    (tmp_path / "project.yml").write_text(PROJECT, encoding="utf8")
    monkeypatch.chdir(tmp_path)


def run(*arguments):
    return CliRunner().invoke(workflow.app, list(map(str, arguments)))


def test_steps_and_their_times_in_order(project):
    command = [sys.executable, ROOT / "scripts" / "workflow.py", "both"]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    places = [ended.stdout.index(part) for part in (" one ", "seed 0\n", " two ", " s in all")]
    assert places == sorted(places)
    assert re.fullmatch(r"one \d+ s, two \d+ s; \d+ s in all", ended.stdout.splitlines()[-1])


def test_a_step_that_fails_ends_it(project):
    result = run("both", "--vars.seed", 3)
    assert result.exit_code == 3
    assert "in all" not in result.output


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["--vars.sed", 3], ["--vars.sed", "--vars.seed, --vars.name"]),
        (["--sed", 3], ["--sed", "--vars.seed, --vars.name"]),
        (["--training.max_steps", 3], ["--training.max_steps", "--vars.seed, --vars.name"]),
        (["--vars.seed", "abc"], ["--vars.seed abc", "whole number"]),
    ],
)
def test_variables_that_do_nothing_are_refused(arguments, parts, project):
    result = run("both", *arguments)
    assert result.exit_code == 1
    (line,) = result.output.strip().splitlines()
    for part in parts:
        assert part in line


def test_quiet_unless_it_fails(tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    (tmp_path / "noisy.py").write_text("import sys; print('noise'); sys.exit(int(sys.argv[1]))")
    assert quietly.run(["noisy", "0"]) == 0
    assert capfd.readouterr() == ("", "")
    assert quietly.run(["noisy", "2"]) == 2
    assert capfd.readouterr() == ("", "noise\n")
