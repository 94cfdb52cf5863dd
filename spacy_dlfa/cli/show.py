"""`python -m spacy dlfa show`: the tables of scores that were saved."""

from pathlib import Path
from typing import Annotated

import typer

from spacy_dlfa.messages import one_sentence


@one_sentence
def show_cli(
    metrics: Annotated[
        list[Path], typer.Argument(metavar="SCORES...", help="JSON files of spacy dlfa evaluate")
    ],
) -> None:
    """Print again what `spacy dlfa evaluate` printed."""
    from spacy_dlfa.evaluation.record import read_run
    from spacy_dlfa.evaluation.table import format_table

    for path in metrics:
        run = read_run(path)
        typer.echo(format_table(run))
