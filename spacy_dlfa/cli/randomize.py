"""`python -m spacy dlfa randomize`: an encoder that knows nothing, the floor of comparisons."""

import os
import tempfile
from pathlib import Path
from typing import Annotated

import torch
import typer
from transformers import AutoConfig, AutoModel, AutoTokenizer

from spacy_dlfa.cli.messages import fail


def randomize_cli(
    backbone: Annotated[str, typer.Argument(help="Folder or hub name of an encoder")],
    output: Annotated[Path, typer.Argument(help="Folder to write; it must not exist")],
    seed: Annotated[int, typer.Option("--seed", help="Seed of the weights")] = 0,
) -> None:
    """Save an encoder of the same shape and tokenizer, with random weights.

    Trained in place of a pretrained backbone it shows what the English labels alone can do.
    """
    if output.exists():
        fail(f"{output} exists; remove it or choose another folder")
    try:
        config = AutoConfig.from_pretrained(backbone)
        tokenizer = AutoTokenizer.from_pretrained(backbone)
    except (OSError, ValueError):
        fail(f"Can't load '{backbone}': neither a folder with config.json nor a model on the hub")
    torch.manual_seed(seed)
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=output.parent) as folder:
        AutoModel.from_config(config).save_pretrained(Path(folder, "encoder"))
        tokenizer.save_pretrained(Path(folder, "encoder"))
        os.replace(Path(folder, "encoder"), output)
    typer.echo(f"{output}: the shape of {backbone}, random weights, seed {seed}")
