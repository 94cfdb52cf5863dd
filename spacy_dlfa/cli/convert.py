"""Convert annotated corpora to spaCy's binary format."""

from pathlib import Path
from typing import Annotated

import typer
from wasabi import msg

from spacy_dlfa.cli.messages import fail
from spacy_dlfa.corpora.iob2 import LABELS, convert_iob2
from spacy_dlfa.errors import CorpusError


def convert_cli(
    sources: Annotated[
        list[Path],
        typer.Argument(
            metavar="SOURCE...", exists=True, help="IOB2 files, or folders of *.iob2 files"
        ),
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", file_okay=False, help="Folder for the .spacy files")
    ],
    labels: Annotated[
        str, typer.Option("--labels", "-l", help="Entity labels to keep; others become O")
    ] = ",".join(LABELS),
) -> None:
    """Convert Universal NER's IOB2 files to .spacy files, one Doc for each sentence."""
    kept = list(dict.fromkeys(label.strip() for label in labels.split(",")))
    if not all(kept):
        raise typer.BadParameter(
            f"found an empty label in {labels!r}; expected labels like {','.join(LABELS)}",
            param_hint="--labels",
        )
    rows = []
    for target, path in _find_targets(sources, output).items():
        try:
            counts = convert_iob2(path, target, labels=kept)
        except (CorpusError, OSError) as err:
            fail(str(err))
        msg.good(str(target))
        numbers = [counts.sentences, counts.words, *counts.entities.values()]
        rows.append([path.name, *(f"{number:,}" for number in numbers)])
    header = ["file", "sentences", "words", *kept]
    msg.table(rows, header=header, divider=True, aligns=["l", *"r" * (len(header) - 1)])


def _find_targets(sources: list[Path], output: Path) -> dict[Path, Path]:
    targets: dict[Path, Path] = {}
    for source in sources:
        paths = sorted(source.glob("*.iob2")) if source.is_dir() else [source]
        if not paths:
            fail(f"{source}: found no *.iob2 file; expected at least one in a folder")
        for path in paths:
            target = output / f"{path.stem}.spacy"
            other = targets.setdefault(target, path)
            if not other.samefile(path):
                fail(f"{target}: found two sources, {other} and {path}; expected one")
    return targets
