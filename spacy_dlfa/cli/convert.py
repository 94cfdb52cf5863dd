"""Convert annotated corpora to spaCy's binary format."""

from pathlib import Path
from typing import Annotated

import typer
from wasabi import msg

from spacy_dlfa.corpora.convert import convert
from spacy_dlfa.corpora.formats import SUFFIXES
from spacy_dlfa.corpora.iob2 import LABELS
from spacy_dlfa.messages import fail, one_sentence, sentence

_KNOWN = ", ".join(f"*{suffix}" for suffix in SUFFIXES)


@one_sentence
def convert_cli(
    sources: Annotated[
        list[Path],
        typer.Argument(
            metavar="SOURCE...", exists=True, help=f"Files, or folders of them: {_KNOWN}"
        ),
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", file_okay=False, help="Folder for the .spacy files")
    ],
    labels: Annotated[
        str, typer.Option("--labels", "-l", help="Entity labels to keep; others become O")
    ] = ",".join(LABELS),
) -> None:
    """Convert corpora to .spacy files, one Doc for each sentence or pair.

    Universal NER (.iob2), Universal Dependencies (.conllu), SIB-200, PAWS-X, XNLI (.tsv).
    """
    kept = list(dict.fromkeys(label.strip() for label in labels.split(",")))
    if not all(kept):
        raise typer.BadParameter(
            f"found an empty label in {labels!r}; expected labels like {','.join(LABELS)}",
            param_hint="--labels",
        )
    tables: dict[tuple[str, ...], list[list[str]]] = {}
    made: dict[Path, Path] = {}
    for source in _find_sources(sources):
        try:
            converted = convert(source, output, labels=kept)
        except (ValueError, OSError) as err:
            fail(sentence(err))
        for target, counts in converted.items():
            _check_one(made, target, source)
            msg.good(str(target))
            row = [target.stem, *(f"{number:,}" for number in counts.values())]
            tables.setdefault(("file", *counts), []).append(row)
    for header, rows in tables.items():
        msg.table(rows, header=header, divider=True, aligns=["l", *"r" * (len(header) - 1)])


def _find_sources(paths: list[Path]) -> list[Path]:
    found: dict[Path, Path] = {}
    for path in paths:
        files = [path]
        if path.is_dir():
            files = sorted(file for file in path.iterdir() if file.suffix in SUFFIXES)
        if not files:
            fail(f"{path}: found none of {_KNOWN}; expected at least one in a folder")
        for file in files:
            _check_one(found, Path(f"{file.stem}.spacy"), file)
    return list(found.values())


def _check_one(sources: dict[Path, Path], target: Path, source: Path) -> None:
    other = sources.setdefault(target, source)
    if not other.samefile(source):
        fail(f"{target}: found two sources, {other} and {source}; expected one")
