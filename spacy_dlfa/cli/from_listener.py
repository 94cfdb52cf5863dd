"""`python -m spacy dlfa from-listener`: a config of another encoder becomes one of ours."""

from pathlib import Path
from typing import Annotated

import typer

from spacy_dlfa.cli.options import (
    Force,
    Fusion,
    Layer,
    Output,
    check_output,
    parse_fusion,
    parse_layers,
    write_config,
)
from spacy_dlfa.messages import fail, one_sentence, sentence


@one_sentence
def from_listener_cli(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="CONFIG",
            exists=True,
            dir_okay=False,
            help="Config with a transformer, curated_transformer or tok2vec component",
        ),
    ],
    output: Output,
    layer: Layer = None,
    fusion: Fusion = "DLFA",
    backbone: Annotated[
        str | None,
        typer.Option(
            "--backbone", "-b", help="Folder or hub name of the encoder, if the config names none"
        ),
    ] = None,
    force: Force = False,
) -> None:
    """Let the components of a config fuse two layers of the encoder; all else stays.

    What can't be carried over is said on stderr.
    """
    from spacy_dlfa.configs.comments import carry_comments
    from spacy_dlfa.configs.from_listener import convert, find_encoder, listening
    from spacy_dlfa.configs.reading import is_filled, read_config
    from spacy_dlfa.errors import place_first

    check_output(output, force)
    registered = parse_fusion(fusion)
    try:
        config = read_config(source)
        factories = listening(config)
    except ValueError as err:
        fail(place_first(source, sentence(err)))
    layers = parse_layers(layer, factories, backbone or find_encoder(config))
    try:
        made = convert(config, layers, registered, backbone)
    except ValueError as err:
        fail(f"{source}: {sentence(err)}")
    text, comments = carry_comments(source.read_text(encoding="utf8"), made.config.to_str())
    for line in [*made.lost, *(f"{comment}: what it stood above is gone" for comment in comments)]:
        typer.echo(line, err=True)
    write_config(output, text, filled=is_filled(made.config))
    for line in made.changed:
        typer.echo(line, err=str(output) == "-")
