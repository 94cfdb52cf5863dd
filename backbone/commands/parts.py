"""Large files in parts that travel."""

from pathlib import Path
from typing import Annotated

import typer

from backbone.commands.options import FOLDER
from backbone.parts import join_parts, split_file
from spacy_dlfa.messages import one_sentence


@one_sentence
def split(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    output: Annotated[Path, typer.Argument(file_okay=False)],
    mib: Annotated[int, typer.Option(min=1, help="Of a part, at most")] = 16,
    compress: Annotated[bool, typer.Option("--compress", help="By xz, for packed data")] = False,
) -> None:
    """Write a file as parts that travel, with checksums."""
    parts = split_file(file, output, mib, compress)
    typer.echo(f"{output}: {len(parts)} parts")


@one_sentence
def join(
    parts: Annotated[Path, FOLDER], output: Annotated[Path, typer.Argument(file_okay=False)]
) -> None:
    """Put parts together again, and check them."""
    typer.echo(str(join_parts(parts, output)))
