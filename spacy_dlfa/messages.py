"""How commands report bad input: one sentence on stderr, exit code 1, no traceback."""

from typing import NoReturn

import typer


def fail(message: str) -> NoReturn:
    """Print the sentence and end the command."""
    # Not by wasabi, which would break the line.
    typer.echo(message, err=True)
    raise typer.Exit(1)
