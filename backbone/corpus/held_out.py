"""Test sentences, which must not be in the pretraining text."""

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from backbone.files import read_lines
from spacy_dlfa.errors import CorpusError

_ENDS = re.compile(r"(?<=[.!?…])[\"'»”’)\]]*\s+|(?<=[。！？।])")
_KEEP = re.compile(r"[\W_]+")
#: Shorter sentences inside a paragraph, such as "Thank you.", are nobody's in particular.
_MIN_INNER = 20


class HeldOut:
    """Sentences of test files; counts what it finds in a corpus.

    paths (Iterable[Path]): CoNLL-U or IOB2 files with `# text = ` lines or one token a line, and
        TSV files with a header, whose sentence columns are called text or sentence*.
    RAISES (CorpusError): If a file has no sentence.
    """

    def __init__(self, paths: Iterable[Path]):
        self.sentences: set[str] = set()
        #: Dropped lines by corpus file.
        self.dropped: Counter[str] = Counter()
        for path in paths:
            found = {_simplify(text) for text in _read_sentences(path)} - {""}
            if not found:
                raise CorpusError(path, 1, "no sentence", "CoNLL-U, IOB2, or TSV with a header")
            self.sentences |= found

    def contains(self, line: str, source: str) -> bool:
        """Return whether a line is, or has in it, a test sentence; counted under `source`.

        Case, spaces and punctuation don't matter.
        """
        if not self.sentences:
            return False
        found = _simplify(line) in self.sentences
        if not found:
            parts = [_simplify(part) for part in _ENDS.split(line)]
            found = any(len(part) >= _MIN_INNER and part in self.sentences for part in parts)
        self.dropped[source] += found
        return found


def _simplify(text: str) -> str:
    return _KEEP.sub("", text).casefold()


def _read_sentences(path: Path) -> list[str]:
    lines = list(read_lines(path))
    if path.suffix == ".tsv":
        header = lines[0].split("\t") if lines else []
        columns = [i for i, name in enumerate(header) if name.startswith(("text", "sentence"))]
        rows = [line.split("\t") for line in lines[1:]]
        return [row[i] for row in rows for i in columns if i < len(row)]
    texts = [line.removeprefix("# text = ") for line in lines if line.startswith("# text = ")]
    return texts + _join_tokens(lines)


def _join_tokens(lines: list[str]) -> list[str]:
    """Return the sentences of token lines, for files whose `# text` differs or lacks."""
    sentences, words = [], []
    for line in [*lines, ""]:
        cells = line.split("\t")
        if len(cells) > 1 and cells[0].isdigit():
            words.append(cells[1])
        elif not line.strip() and words:
            sentences.append("".join(words))
            words = []
    return sentences
