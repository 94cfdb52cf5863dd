"""`python -m spacy dlfa init-config`: a config to train with, of a few choices."""

from pathlib import Path
from typing import Annotated

import typer
from spacy.cli._util import string_to_list

from spacy_dlfa.cli.options import (
    Force,
    Layer,
    Output,
    check_output,
    parse_fusion,
    parse_layers,
    write_config,
)
from spacy_dlfa.messages import fail, one_sentence, sentence


@one_sentence
def init_config_cli(
    pipeline: Annotated[
        str, typer.Argument(help="Components, like ner,tagger; the encoder comes before them")
    ],
    output: Output,
    backbone: Annotated[
        str,
        typer.Option(
            "--backbone", "-b", help="Folder or hub name of the encoder, or a pipeline with one"
        ),
    ],
    layer: Layer = None,
    fusion: Annotated[
        str | None,
        typer.Option(
            "--fusion",
            "-f",
            help="DLFA, LastLayer, …; if not given, that of the project's configs",
        ),
    ] = None,
    frozen: Annotated[
        bool,
        typer.Option("--frozen", help="Leave the encoder as it is, which is quick"),
    ] = False,
    source: Annotated[
        bool,
        typer.Option("--source", help="Train on the components of the pipeline in --backbone, too"),
    ] = False,
    force: Force = False,
) -> None:
    """Write a config for `spacy train`: an encoder, and components that read layers of it.

    Steps and rates are those of the project's configs, for some thousand sentences.
    """
    from spacy_dlfa.configs.render import pipeline_config, settings

    check_output(output, force)
    known = list(settings()["components"])
    names = list(dict.fromkeys(string_to_list(pipeline)))
    if unknown := [name for name in names if name not in known]:
        fail(f"{unknown[0]!r}: there is no such component; expected some of {', '.join(known)}")
    if not names:
        fail(f"found no component; expected some of {', '.join(known)}")
    if {"textcat", "textcat_multilabel"} <= set(names):
        fail("textcat and textcat_multilabel write to the same place; choose one of the two")
    if source and (layer is not None or fusion is not None):
        fail("--source takes layers and fusions from the pipeline; leave out --layer and --fusion")
    if source:
        _check_source(Path(backbone), names)
    if "$" in backbone:
        fail(
            f"--backbone {backbone}: found $, by which a config refers to its own values; rename it"
        )
    layers = parse_layers(layer, dict(zip(names, names, strict=True)), backbone)
    chosen = None if fusion is None else parse_fusion(fusion)
    text = pipeline_config(layers, backbone, chosen, frozen=frozen, sourced=source)
    write_config(output, text)


def _check_source(pipeline: Path, names: list[str]) -> None:
    """End the command if there is no pipeline that has all components."""
    from spacy_dlfa.configs.reading import read_config

    path = pipeline / "config.cfg"
    if not path.is_file():
        fail(
            f"--source takes components from the folder of a trained pipeline: {path} is missing; "
            f"name such a folder with --backbone"
        )
    try:
        found = list(read_config(path).get("components", {}))
    except ValueError as err:
        fail(f"--source: {sentence(err)}")
    if missing := [name for name in names if name not in found]:
        known = ", ".join(found) or "none"
        fail(f"--source: {pipeline} has no component {missing[0]!r}, but {known}")
