"""TSV with a key and a text; the key is the same in all languages."""

from collections.abc import Iterator
from pathlib import Path

from backbone.files import read_lines
from spacy_dlfa.errors import CorpusError, Errors


def read_aligned(path: Path) -> Iterator[tuple[str, str]]:
    """Yield keys and texts.

    RAISES (CorpusError): If a line hasn't two columns, or its key was there before.
    """
    lines: dict[str, int] = {}
    for number, line in enumerate(read_lines(path), 1):
        cells = line.split("\t")
        if len(cells) != 2 or not cells[0]:
            raise CorpusError(
                Errors.DL190.at(path, number, found=repr(line), expected="a key, a tab and a text")
            )
        if cells[0] in lines:
            found = f"the key {cells[0]!r} of line {lines[cells[0]]}"
            raise CorpusError(
                Errors.DL190.at(path, number, found=found, expected="another key for each line")
            )
        lines[cells[0]] = number
        yield cells[0], cells[1]
