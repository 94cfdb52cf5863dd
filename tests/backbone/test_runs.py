import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save

from backbone.checkpoint import (
    CHECKPOINT,
    Progress,
    load_checkpoint,
    read_progress,
)
from backbone.encoder import MaskedLM
from backbone.packed import save_packed
from backbone.schedule import CoolDown
from backbone.start import make_structured
from backbone.train import make_optimizer, train

from .conftest import read_log, run

ROOT = Path(__file__).parents[2]


def _options(made):
    return ("--data", made.folder / "data.safetensors", "--config", made.config)


def test_an_exported_model_goes_on_where_it_ended(made, tmp_path):
    run("pretrain", tmp_path, *_options(made), "--steps", 10, "--start", made.folder / "exported")
    before, after = read_log(made.folder / "run")[-1], read_log(tmp_path)[0]
    assert after["mlm"] < before["mlm"] + 0.3


@pytest.mark.slow  # starts Python three times
def test_a_killed_run_goes_on_bit_for_bit(made, tmp_path):
    def start(folder, steps):
        command = [sys.executable, "-m", "backbone", "pretrain", folder, *_options(made)]
        return subprocess.Popen([*command, "--steps", str(steps), "--threads", "1"], cwd=ROOT)

    killed, whole = tmp_path / "killed", tmp_path / "whole"
    with start(killed, 100_000) as process:
        while not (killed / CHECKPOINT).exists():
            assert process.poll() is None
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGKILL)
    model = MaskedLM(made.settings.model, made.batches.vocabulary.size)
    step = load_checkpoint(killed, model, None, made.settings, made.batches.vocabulary).step
    for folder in (killed, whole):
        with start(folder, step + 20) as process:
            assert process.wait() == 0
    ours, theirs = (load_file(folder / CHECKPOINT) for folder in (killed, whole))
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)
    # The run in one go has one line for each ten steps, the killed one has some of them twice.
    rows = {row["step"]: row["mlm"] for row in read_log(killed)}
    assert rows.items() >= {row["step"]: row["mlm"] for row in read_log(whole)}.items()


def test_minutes_end_a_call_with_a_checkpoint(made, tmp_path):
    run("pretrain", tmp_path, *_options(made), "--steps", 1000, "--minutes", 0.001)
    model = MaskedLM(made.settings.model, made.batches.vocabulary.size)
    loaded = load_checkpoint(tmp_path, model, None, made.settings, made.batches.vocabulary)
    assert 0 < loaded.step < 1000


def test_cool_down_leaves_the_run_as_it_is(made, tmp_path):
    before = (made.folder / "run" / CHECKPOINT).read_bytes()
    run("cool-down", made.folder / "run", tmp_path, *_options(made), "--steps", 20)
    log = read_log(tmp_path)
    assert [row["step"] for row in log] == [40, 50]
    assert log[0]["learn_rate"] > 10 * log[1]["learn_rate"]
    assert (made.folder / "run" / CHECKPOINT).read_bytes() == before


def test_a_cool_down_of_something_else_is_refused(made, tmp_path):
    """Its weights would be taken for those that were asked for."""
    going, cooled = tmp_path / "run", tmp_path / "cooled"
    command = ("cool-down", going, cooled, *_options(made), "--steps")
    run("pretrain", going, *_options(made), "--steps", 2)
    run(*command, 3)
    run(*command, 3)
    before = (cooled / CHECKPOINT).read_bytes()
    printed = run(*command, 4, expect=1)
    assert f"{cooled}: holds a cool-down of 3 steps from step 2; --steps is 4" in printed
    run("pretrain", going, *_options(made), "--steps", 4)
    printed = run(*command, 3, expect=1)
    assert f"{going} is at step 4; give another folder" in printed
    printed = run("cool-down", going, made.folder / "run", *command[3:], 3, expect=1)
    assert "holds a run that isn't cooled down" in printed
    printed = run("pretrain", cooled, *_options(made), "--steps", 9, expect=1)
    assert f"{cooled}: holds a cool-down from step 2" in printed
    assert (cooled / CHECKPOINT).read_bytes() == before


@pytest.fixture(params=["other ones", "in another order"])
def other(made, tmp_path, request):
    """Data and tokenizer of as many word pieces, one of them new or two exchanged, and which."""
    pieces = list(made.packed.vocabulary)
    pieces[-2:] = ["##new", pieces[-1]] if request.param == "other ones" else pieces[:-3:-1]
    data = tmp_path / "other.safetensors"
    save_packed(data, made.packed._replace(vocabulary=pieces))
    tokenizer = json.loads((made.folder / "tokenizer" / "tokenizer.json").read_text("utf8"))
    tokenizer["model"]["vocab"] = {piece: i for i, piece in enumerate(pieces)}
    (tmp_path / "tokenizer").mkdir()
    (tmp_path / "tokenizer" / "tokenizer.json").write_text(json.dumps(tokenizer), "utf8")
    return data, tmp_path / "tokenizer", request.param


def test_other_word_pieces_are_refused(made, other, tmp_path):
    data, tokenizer, how = other
    config = ("--config", made.config)
    refused = f"word pieces, {how} than the"
    command = ("--data", data, *config, "--steps", 40)
    before = (made.folder / "run" / CHECKPOINT).read_bytes()
    assert refused in run("pretrain", made.folder / "run", *command, expect=1)
    assert refused in run("cool-down", made.folder / "run", tmp_path / "c", *command, expect=1)
    start = ("--start", made.folder / "exported")
    assert refused in run("pretrain", tmp_path / "new", *command, *start, expect=1)
    export = ("export", made.folder / "run", tmp_path / "out", *config, "--tokenizer", tokenizer)
    assert refused in run(*export, expect=1)
    assert (made.folder / "run" / CHECKPOINT).read_bytes() == before


def test_a_checkpoint_without_a_checksum_of_word_pieces(made, tmp_path):
    """As they were written at first."""
    path = made.folder / "run" / CHECKPOINT
    with safe_open(path, framework="pt") as file:
        metadata = file.metadata()
    del metadata["vocabulary"]
    (tmp_path / CHECKPOINT).write_bytes(save(load_file(path), metadata=metadata))
    run("pretrain", tmp_path, *_options(made), "--steps", 31)
    run("cool-down", tmp_path, tmp_path / "cooled", *_options(made), "--steps", 1)
    assert read_progress(tmp_path / "cooled").step == 32


def test_cool_down_goes_on_too(made, tmp_path):
    batches, settings = made.batches, made.settings
    results = []
    for stops in ([45], [36, 45]):
        model = MaskedLM(settings.model, batches.vocabulary.size)
        optimizer = make_optimizer(model, settings.training)
        progress = load_checkpoint(
            made.folder / "run", model, optimizer, settings, batches.vocabulary
        )
        progress = progress._replace(cool_down=CoolDown(30, 15))
        for stop in stops:
            train(model, optimizer, batches, settings, progress, tmp_path, steps=stop)
            model = MaskedLM(settings.model, batches.vocabulary.size)
            optimizer = make_optimizer(model, settings.training)
            progress = load_checkpoint(tmp_path, model, optimizer, settings, batches.vocabulary)
        assert progress.cool_down == CoolDown(30, 15)
        results.append(model.state_dict())
    assert all(torch.equal(results[0][name], results[1][name]) for name in results[0])


@pytest.mark.slow  # starts Python, and processes that make batches
def test_the_large_recipe_runs_from_the_command_line(made, tmp_path):
    recipe = (ROOT / "backbone/configs/base12.cfg").read_text(encoding="utf8")
    config, going = tmp_path / "base12.cfg", tmp_path / "run"
    config.write_text(recipe.replace("pieces_per_step = 65536", "pieces_per_step = 128"))
    options = ("--data", made.folder / "data.safetensors", "--config", config, "--threads", "1")
    command = [sys.executable, "-m", "backbone", "pretrain", going, *options, "--steps", "1"]
    subprocess.run([*command, "--workers", "2", "--minutes", "5"], cwd=ROOT, check=True)
    assert read_progress(going).step == 1
    tokenizer, exported = ("--tokenizer", made.folder / "tokenizer"), tmp_path / "exported"
    run("export", going, exported, "--config", config, *tokenizer)
    further = ("--start", exported, "--steps", 1000, "--minutes", 0.0001)
    run("pretrain", tmp_path / "further", *options, *further)
    assert read_progress(tmp_path / "further").step == 1


def test_workers_make_the_same_batches(made, tmp_path):
    results = []
    for workers in (0, 2):
        model = make_structured(made.settings.model, made.batches.vocabulary.size, 0)
        optimizer = make_optimizer(model, made.settings.training)
        folder = tmp_path / str(workers)
        train(
            model,
            optimizer,
            made.batches,
            made.settings,
            Progress(),
            folder,
            steps=4,
            workers=workers,
        )
        results.append(model.state_dict())
    assert all(torch.equal(results[0][name], results[1][name]) for name in results[0])
