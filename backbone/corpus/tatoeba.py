"""Tatoeba's sentence pairs with English on the left.

Either its own download, `id, sentence, id, translation`, or `sentence, translation` with anything
after them, as in the exports for Anki.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from backbone.files import read_lines
from spacy_dlfa.errors import CorpusError, Errors

#: Translations kept of one sentence; the rest are hardly different.
_MAX_TRANSLATIONS = 3


def read_tatoeba(path: Path) -> Iterator[tuple[str, str]]:
    """Yield English sentences and their translations.

    RAISES (CorpusError): If a line has too few columns.
    """
    seen: set[tuple[str, str]] = set()
    counts: Counter[str] = Counter()
    for number, line in enumerate(read_lines(path), 1):
        cells = line.split("\t")
        if len(cells) == 4 and cells[0].isdigit() and cells[2].isdigit():
            cells = [cells[1], cells[3]]
        if len(cells) < 2:
            raise CorpusError(
                Errors.DL190.at(
                    path, number, found=repr(line), expected="a sentence, a tab and its translation"
                )
            )
        english, text = cells[0].strip(), cells[1].strip()
        if english and text and (english, text) not in seen:
            seen.add((english, text))
            counts[english] += 1
            if counts[english] <= _MAX_TRANSLATIONS:
                yield english, text
