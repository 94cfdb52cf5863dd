import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import save

from backbone.checkpoint import CHECKPOINT
from backbone.commands.dry_run import CONFIG
from backbone.parts import join_parts, split_file
from backbone.settings import load_settings

from .conftest import run


def test_training_needs_few_packages():
    # Those that a machine with a GPU may lack
    code = (
        "import sys, backbone.commands; "
        "print(sorted({'spacy', 'thinc', 'scipy', 'transformers'} & {*sys.modules}))"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True)
    assert done.stdout == "[]\n", done.stderr


@pytest.mark.parametrize("name", ["mini", "base12", "dry-run"])
def test_recipes_load(name):
    assert load_settings(CONFIG.with_name(f"{name}.cfg")).training.learn_rate > 0


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("seed = 0", "seeds = 0", "training.seed: missing; training.seeds: no such setting; "),
        ("seed = 0", "", "training.seed: missing"),
        ("seed = 0", "seed = true", "training.seed: found True; Input should be a valid int"),
        ("layers = 2", 'layers = "two"', "model.layers: found 'two'; Input should be a valid int"),
        ("heads = 2", "heads = 3", "model.heads: expected a divisor of model.width"),
        ("contrastive_layer = 1", "contrastive_layer = 3", "contrastive_layer: expected 1 to 2"),
        ("positions = 64", "positions = 32", "training.windows: expected lengths up to positions"),
        (r"\[model\]", "[modell]", "modell: no such setting"),
        ("tlm = 0.4", "tlm = 0.8", "objectives.twins: expected at most 1 with tlm"),
    ],
)
def test_bad_settings(tmp_path, old, new, message):
    path = tmp_path / "bad.cfg"
    path.write_text(re.sub(old, new, CONFIG.read_text(encoding="utf8"), count=1))
    with pytest.raises(ValueError, match=re.escape(message)):
        load_settings(path)


def test_parts_travel(tmp_path):
    data = bytes(range(256)) * 10_000
    (tmp_path / "model").write_bytes(data)
    assert "3 parts" in run("split", tmp_path / "model", tmp_path / "parts", "--mib", 1)
    parts = sorted((tmp_path / "parts").glob("model.*"))
    assert max(part.stat().st_size for part in parts) == 1 << 20
    run("join", tmp_path / "parts", tmp_path / "joined")
    assert (tmp_path / "joined" / "model").read_bytes() == data
    parts[1].write_bytes(b"else")
    with pytest.raises(ValueError, match=r"model.001: another checksum"):
        join_parts(tmp_path / "parts", tmp_path / "joined")
    parts[1].unlink()
    assert "model.001: missing" in run("join", tmp_path / "parts", tmp_path / "joined", expect=1)


def test_compressed_parts_travel(made, tmp_path):
    data = made.folder / "data.safetensors"
    run("split", data, tmp_path / "parts", "--compress")
    (part,) = (tmp_path / "parts").glob("data.safetensors.xz.*")
    assert part.stat().st_size < data.stat().st_size / 2
    run("join", tmp_path / "parts", tmp_path / "joined")
    assert (tmp_path / "joined" / data.name).read_bytes() == data.read_bytes()


def test_an_empty_file_is_one_part(tmp_path):
    (tmp_path / "empty").touch()
    assert len(split_file(tmp_path / "empty", tmp_path / "parts", 1)) == 1
    assert join_parts(tmp_path / "parts", tmp_path / "out").read_bytes() == b""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--data", "DATA", "--start", "TOKENIZER"), "no config.json"),
        (("--data", "CONFIG"), "not a packed corpus"),
        (("--data", "DATA", "--device", "cuda"), "--device cuda: torch finds cpu; use"),
        (("--data", "DATA", "--device", "gpu"), "--device gpu: torch finds cpu; use"),
        (("--data", "DATA", "--start", "assets/mini-mbert"), "set model.layers = 8, found 2"),
    ],
)
def test_bad_arguments(made, tmp_path, monkeypatch, arguments, message):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    names = {"DATA": made.folder / "data.safetensors", "TOKENIZER": made.folder / "tokenizer"}
    names["CONFIG"] = made.config
    chosen = [names.get(argument, argument) for argument in arguments]
    printed = run("pretrain", tmp_path, "--config", made.config, "--steps", 1, *chosen, expect=1)
    assert message in printed


def test_a_damaged_tokenizer(made, tmp_path):
    (tmp_path / "tokenizer.json").write_text("{}")
    options = ("--tokenizer", tmp_path, "--config", made.config)
    message = f"{tmp_path / 'tokenizer.json'}: no tokenizer ("
    output = ("--output", tmp_path / "d")
    assert message in run("pack", made.folder / "corpus", *output, *options, expect=1)
    assert message in run("export", made.folder / "run", tmp_path / "out", *options, expect=1)


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "mlm_head.safetensors"])
@pytest.mark.parametrize("damage", ["cut", "empty", "other"])
def test_a_damaged_encoder(made, tmp_path, name, damage):
    shutil.copytree(made.folder / "exported", tmp_path / "start")
    path = tmp_path / "start" / name
    other = b"{}" if name == "config.json" else save({"x": torch.zeros(1)})
    path.write_bytes({"cut": path.read_bytes()[:-9], "empty": b"", "other": other}[damage])
    options = ("--data", made.folder / "data.safetensors", "--config", made.config, "--steps", 1)
    printed = run("pretrain", tmp_path / "run", *options, "--start", path.parent, expect=1)
    assert f"{path.parent}: not an encoder that `export` wrote" in printed


@pytest.mark.parametrize("content", [b"", b"x" * 99, save({"x": torch.zeros(1)})])
def test_a_file_that_is_no_checkpoint(made, tmp_path, content):
    (tmp_path / CHECKPOINT).write_bytes(content)
    options = ("--data", made.folder / "data.safetensors", "--config", made.config, "--steps", 1)
    message = f"{tmp_path / CHECKPOINT}: not a checkpoint"
    assert message in run("pretrain", tmp_path, *options, expect=1)
    assert message in run("cool-down", tmp_path, tmp_path / "c", *options, expect=1)
    (tmp_path / CHECKPOINT).unlink()
    message = f"{tmp_path / CHECKPOINT}: no such checkpoint"
    assert message in run("cool-down", tmp_path, tmp_path / "c", *options, expect=1)
