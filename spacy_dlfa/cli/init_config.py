"""`python -m spacy dlfa init-config`: a config to train with, of a few choices."""

from pathlib import Path
from typing import Annotated

import typer
from spacy.cli._util import string_to_list

from spacy_dlfa.cli.pipeline_options import check_output, parse_fusion, parse_layers, write_config
from spacy_dlfa.messages import fail, one_sentence


@one_sentence
def init_config_cli(
    pipeline: Annotated[
        str, typer.Argument(help="Components, like ner,tagger; the encoder comes before them")
    ],
    output: Annotated[
        Path, typer.Argument(allow_dash=True, help="Config to write, or - for stdout")
    ],
    backbone: Annotated[
        str, typer.Option("--backbone", "-b", help="Folder or hub name of the encoder")
    ],
    layer: Annotated[
        str | None,
        typer.Option(
            "--layer",
            "-l",
            help="The lower layer, 0 for the embeddings, or one for each component as in "
            "ner=8,tagger=6. If not given, that of the project's configs, whose encoder has 12",
        ),
    ] = None,
    fusion: Annotated[str, typer.Option("--fusion", "-f", help="DLFA, LastLayer, …")] = "DLFA",
    force: Annotated[
        bool, typer.Option("--force", "-F", help="Write over a file that is there")
    ] = False,
) -> None:
    """Write a config for `spacy train`: an encoder, and components that fuse two layers of it.

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
    layers = parse_layers(layer, dict(zip(names, names, strict=True)))
    write_config(output, pipeline_config(layers, backbone, parse_fusion(fusion)))
