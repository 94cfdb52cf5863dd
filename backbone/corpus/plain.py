"""Plain text, a sentence or paragraph a line."""

from collections.abc import Iterator
from pathlib import Path

from backbone.files import read_lines

#: Shorter lines, such as chapter numbers, teach nothing.
_MIN_LENGTH = 8
#: Lines of one document, for what is the same within it.
_DOCUMENT_LINES = 50


def read_plain(path: Path) -> Iterator[tuple[str, str]]:
    """Yield each different line, with the number of its stretch of the file."""
    seen = set()
    for number, line in enumerate(read_lines(path)):
        text = line.strip()
        if len(text) >= _MIN_LENGTH and text not in seen:
            seen.add(text)
            yield str(number // _DOCUMENT_LINES), text
