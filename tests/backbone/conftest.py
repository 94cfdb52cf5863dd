import json
from pathlib import Path
from typing import NamedTuple

import pytest
from tokenizers import Tokenizer
from typer.testing import CliRunner

from backbone.commands import app
from backbone.commands.dry_run import CONFIG
from backbone.objectives.batches import Batches
from backbone.packed import Packed, load_packed
from backbone.settings import Settings, load_settings


def run(*arguments, expect=0):
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == expect, result.output
    return result.output


def read_log(folder):
    return [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]


class Made(NamedTuple):
    """What a dry run makes."""

    folder: Path
    config: Path
    settings: Settings
    packed: Packed
    batches: Batches
    tokenizer: Tokenizer


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("backbone")
    run("dry-run", folder, "--steps", 30)
    settings, packed = load_settings(CONFIG), load_packed(folder / "data.safetensors")
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer" / "tokenizer.json"))
    return Made(folder, CONFIG, settings, packed, Batches(packed, settings), tokenizer)
