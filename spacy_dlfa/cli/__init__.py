"""The command group `python -m spacy dlfa`: one module for each command."""

import typer

app = typer.Typer(name="dlfa", help="Zero-shot cross-lingual pipelines.", no_args_is_help=True)
