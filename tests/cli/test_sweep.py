import os
import shutil
import signal
import subprocess
import sys
import time

import pytest
import srsly
from typer.testing import CliRunner

from spacy_dlfa.cli import app
from spacy_dlfa.study.cli.sweep import FAILURES
from tests.disks import full_disk
from tests.study.report.runs import make_run
from tests.study.sweep.study import command, contents, make_settings
from tests.study.sweep.test_runner import Serial


def invoke(*arguments):
    return CliRunner().invoke(app, ["sweep", *map(str, arguments)])


def assert_one_sentence(result, *parts):
    assert result.exit_code == 1, result.output
    assert isinstance(result.exception, SystemExit)
    assert len(result.output.strip().splitlines()) == 1, result.output
    for part in parts:
        assert str(part) in result.output


@pytest.fixture(scope="module")
def settings(tmp_path_factory, bert):
    return make_settings(tmp_path_factory.mktemp("sweep"), bert, frozen=True)


@pytest.fixture(scope="module")
def swept(settings):
    result = invoke(*command(settings, fusions="last,mean", layers=2, seeds="0-1", workers=1))
    assert result.exit_code == 0, result.output
    return result


def test_runs_and_table(settings, swept):
    names = ["last-0.json", "last-1.json", "mean-2-0.json", "mean-2-1.json"]
    assert list(contents(settings.output)) == names
    run = srsly.read_json(settings.output / "mean-2-1.json")
    assert (run["name"], run["layer"], run["seed"]) == ("mean", 2, 1)
    assert run["training"]["components"] == ["tagger"]
    assert run["training"]["learn_rate_factor"] == 0
    assert run["fingerprint"]["overrides"] == settings.overrides
    rows = [line.split() for line in swept.output.splitlines()]
    assert any(row[:2] == ["last", "2"] for row in rows)
    assert any(row[:3] == ["mean", "2", "2"] and "±" in row for row in rows)


def test_a_choice_from_a_finished_sweep_runs_nothing(settings, swept, monkeypatch):
    def refuse(*_):
        raise AssertionError("a process was started")

    monkeypatch.setattr("spacy_dlfa.workers.pool.Pool._start", refuse)
    before = contents(settings.output)
    result = invoke("tagger", "--output", settings.output, "--pick")
    assert result.exit_code == 0, result.output
    assert "dev-average picks" in result.output.splitlines()[-1]
    # Part of the runs is asked for, with a space, and all of them are shown and chosen from.
    part = ["--fusions", " last", "--seeds", "0", "--pick", "--rule", "consensus"]
    result = invoke("tagger", "--output", settings.output, *part)
    assert result.exit_code == 0, result.output
    assert "consensus picks" in result.output.splitlines()[-1]
    assert rows_of(result)["mean"][:2] == ["2", "2"]
    assert contents(settings.output) == before


def rows_of(result):
    rows = [line.split() for line in result.output.splitlines()]
    return {row[0]: row[1:] for row in rows if row and row[0] in ("last", "mean")}


def test_a_second_request_does_not_replace_the_first(settings, tmp_path, monkeypatch):
    def run(settings, cell, features, fingerprint):
        assert not features
        asked.append(str(cell))
        srsly.write_json(settings.run_path(cell), {**runs[cell.name], "seed": cell.seed})

    other = settings._replace(output=tmp_path / "runs", frozen=False)
    runs = {name: make_run(name, layer, 0) for name, layer in (("last", None), ("mean", 2))}
    monkeypatch.setattr("spacy_dlfa.study.sweep.runner.open_workers", Serial)
    monkeypatch.setattr("spacy_dlfa.study.sweep.runner.run_cell", run)
    asked = []
    first = command(other, fusions="last,mean", layers=2, seeds="0-1")
    assert invoke(*first).exit_code == 0
    assert asked == ["last-0", "mean-2-0", "last-1", "mean-2-1"]
    asked.clear()
    result = invoke("tagger", "--output", other.output, "--fusions", "last", "--seeds", "0-3")
    assert asked == ["last-2", "last-3"]
    assert rows_of(result)["last"][0] == "4"
    assert rows_of(result)["mean"][:2] == ["2", "2"]
    for name in ("last-3", "mean-2-1"):
        other.run_path(name).unlink()
    asked.clear()
    assert invoke("tagger", "--output", other.output).exit_code == 0
    assert asked == ["mean-2-1", "last-3"]


def test_a_rule_that_does_not_apply(settings, swept, tmp_path):
    (tmp_path / "runs").mkdir()
    for name in (".sweep", "last-0.json"):
        shutil.copy(settings.output / name, tmp_path / "runs")
    arguments = ["--seeds", "0", "--fusions", "last", "--pick", "--rule", "consensus"]
    result = invoke("tagger", "--output", tmp_path / "runs", *arguments)
    assert result.exit_code == 1
    assert result.output.splitlines()[-1].startswith("[DL412] Rule 'consensus'")
    assert "last" in rows_of(result)


def test_a_folder_of_another_task(settings, swept):
    result = invoke("ner", "--output", settings.output)
    assert_one_sentence(result, settings.output, "a sweep of tagger")


def test_a_damaged_memo(tmp_path):
    (tmp_path / ".sweep").write_text("{")
    assert_one_sentence(invoke("tagger", "--output", tmp_path), tmp_path / ".sweep", "no JSON")


@pytest.mark.parametrize(
    ("extra", "parts"),
    [
        (["--finetune"], ["frozen = True there and False here"]),
        (["--training.max_steps", "7"], ["overrides = "]),
        (["--layers", "4"], ["--layers: found 4", "0 (the embeddings) to 3"]),
        (["--layers", "two"], ["--layers: found 'two'"]),
        (["--seeds", "2-1"], ["--seeds: found '2-1'"]),
        (["--fusions", "dlfa,sum"], ["'sum'", "mix-all"]),
        (["--rule", "luck"], ["--rule luck", "dev-average"]),
        (["--rule", "consensus"], ["--rule consensus", "expected --pick or --export"]),
        (["--vars.layer", "3"], ["--vars.layer", "expected --layers"]),
        (["--training.seed", "3"], ["--training.seed", "expected --seeds"]),
        (["--system.seed", "3"], ["--system.seed", "expected --seeds"]),
        (["--components.transformer.model.hidden_layers", "[2]"], ["expected --layers"]),
        (["--components.tagger.model.tok2vec.upper", "3"], ["upper = 3", "set it to null"]),
        (["--components.tagger.model.tok2vec.layer", "2"], ["tok2vec.layer", "expected --layers"]),
        (["--components.tagger.model.tok2vec.fusion.gate", "feature"], ["expected --fusions"]),
        (["--config", "none.cfg"], ["none.cfg"]),
        (["--test", "none.spacy"], ["none.spacy"]),
        (["--paths.train", "none.spacy"], ["--paths.train none.spacy"]),
    ],
    ids=str,
)
def test_what_is_wrong_is_one_sentence(settings, swept, extra, parts):
    before = contents(settings.output)
    assert_one_sentence(invoke("tagger", "--output", settings.output, *extra), *parts)
    assert contents(settings.output) == before


def test_unknown_task():
    assert_one_sentence(invoke("parsing"), "parsing", "ner, tagger, textcat, pairs")


def test_missing_encoder(settings, tmp_path):
    overrides = {**settings.overrides, "vars.backbone": str(tmp_path / "nowhere")}
    other = settings._replace(output=tmp_path / "runs", overrides=overrides)
    assert_one_sentence(invoke(*command(other)), tmp_path / "nowhere", "--vars.backbone")


def test_a_config_without_our_listener(settings, tmp_path):
    text = settings.config.read_text()
    (tmp_path / "stock.cfg").write_text(text.replace("DLFAListener.v1", "Other.v1"))
    other = settings._replace(output=tmp_path / "runs", config=tmp_path / "stock.cfg")
    assert_one_sentence(invoke(*command(other)), "stock.cfg", "components.tagger.model.tok2vec")


def test_failing_runs_are_listed_and_the_others_kept(settings, tmp_path):
    overrides = {**settings.overrides, "training.max_steps": 1}
    other = settings._replace(output=tmp_path / "runs", frozen=False, overrides=overrides)
    result = invoke(*command(other, fusions="last", seeds="0-1", workers=1))
    assert result.exit_code == 1
    assert "2 of 2 runs: [DL448] [training] eval_frequency = 2" in result.output
    assert f"2 of 2 runs failed; the others are in {other.output}" in result.output
    assert "Traceback" not in result.output
    details = (other.output / FAILURES).read_text()
    for seed in (0, 1):
        assert f"last-{seed}\nTraceback" in details


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["--nosuch", 3], ["--nosuch", "there is no such option"]),
        (["--vars.nosuch", 3], ["--vars.nosuch", "backbone, layer"]),
        (["--nosuch.x", 3], ["nosuch"]),
        (["--training.max_steps", "abc"], ["--training.max_steps", "integer"]),
        (["--training.nosuch", 3], ["--training.nosuch", "max_steps"]),
        (["--paths.train", "."], ["--paths.train .", "*.spacy"]),
    ],
)
def test_settings_are_checked_before_the_first_run(
    arguments, parts, settings, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    other = settings._replace(output=tmp_path / "runs")
    assert_one_sentence(invoke(*command(other, fusions="last"), *arguments), *parts)
    assert not other.output.exists()


@pytest.mark.parametrize("split", ["train", "dev"])
@pytest.mark.parametrize("name", ["de_gsd-dev.spacy", "all/de.spacy"])
def test_english_data_of_another_language(split, name, settings, tmp_path):
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    shutil.copy(settings.tests[0], path)
    given = path if path.parent == tmp_path else path.parent
    other = settings._replace(output=tmp_path / "runs", **{split: given})
    result = invoke(*command(other, fusions="last"))
    assert_one_sentence(result, f"--paths.{split} {path}: found labels of German", "English")
    assert not other.output.exists()


def test_an_output_that_cant_be_written(settings, tmp_path):
    (tmp_path / "file").touch()
    other = settings._replace(output=tmp_path / "file" / "runs")
    assert_one_sentence(invoke(*command(other, fusions="last")), other.output, "Not a directory")


def test_a_full_disk(settings, tmp_path, monkeypatch):
    other = settings._replace(output=tmp_path / "runs")
    monkeypatch.setattr("spacy_dlfa.study.sweep.runner.open_workers", Serial)
    with full_disk(room=2500):
        result = invoke(*command(other, fusions="last", seeds="0"))
    # What is behind the bars of progress
    last = result.output.strip().splitlines()[-1].split("\r")[-1]
    assert result.exit_code == 1
    assert "can't be written" in last
    assert str(other.output) in last


@pytest.mark.slow
def test_ctrl_c_ends_it_cleanly(settings, tmp_path):
    other = settings._replace(output=tmp_path / "runs")
    arguments = command(other, fusions="last", seeds="0-99", workers=1)
    process = subprocess.Popen(
        [sys.executable, "-m", "spacy", "dlfa", "sweep", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # A shell that runs the tests in the background has them ignore it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    while process.poll() is None and not contents(other.output):
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGINT)
    _, error = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "goes on" in error
    assert "Traceback" not in error
