"""`python -m spacy dlfa randomize`: an encoder that knows nothing, the floor of comparisons."""

from pathlib import Path
from typing import Annotated

import typer

from spacy_dlfa.messages import fail, one_sentence


@one_sentence
def randomize_cli(
    backbone: Annotated[str, typer.Argument(help="Folder or hub name of an encoder")],
    output: Annotated[Path, typer.Argument(help="Folder to write; it must not exist")],
    seed: Annotated[
        int, typer.Option("--seed", min=0, max=2**63 - 1, help="Seed of the weights")
    ] = 0,
) -> None:
    """Save an encoder of the same shape and tokenizer, with random weights.

    Trained in place of a pretrained backbone it shows what the English labels alone can do.
    """
    from spacy_dlfa.study.probing.floor import write_random

    if output.exists():
        fail(f"{output} exists; remove it or choose another folder")
    write_random(backbone, output, seed)
    typer.echo(f"{output}: the shape of {backbone}, random weights, seed {seed}")
