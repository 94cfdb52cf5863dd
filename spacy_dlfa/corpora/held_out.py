"""Test sentences, which must be in no text that is trained on."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from spacy_dlfa.corpora import choices
from spacy_dlfa.corpora.lines import read_lines
from spacy_dlfa.corpora.serbian import to_latin
from spacy_dlfa.errors import CorpusError, Errors
from spacy_dlfa.files import list_files

#: Suffixes of test files.
SUFFIXES = (*choices.SUFFIXES, ".spacy")

_ENDS = re.compile(r"(?<=[.!?…؟۔])[\"'»”’)\]]*\s+|(?<=[。！？।])")
#: What doesn't matter; U+0640 is the stroke that only lengthens an Arabic word.
_DROP = re.compile(r"[\W_\u0640]+")
#: Shorter sentences inside a paragraph, such as "Thank you.", are nobody's in particular.
_MIN_INNER = 20
#: Shorter ones inside another sentence may be anybody's, too: "The house is old" and grey.
_MIN_QUOTED = 40
#: Characters that long sentences are looked up by, as many as the shortest of them has.
_HEAD = 14
_EXPECTED = "CoNLL-U, IOB2, TSV or .spacy"
_COMMENT = re.compile(r"#\s*text\s*=(.*)")
#: Characters that say as much as three letters.
_DENSE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


class HeldOut:
    """Sentences of test files; counts what it finds in a corpus.

    paths (Iterable[Path]): Files that `convert` reads, of which tables need no labels, and what it
        makes of them.
    RAISES (ValueError): If a file has no sentence, or can't be read.
    """

    def __init__(self, paths: Iterable[Path]):
        self.sentences: set[str] = set()
        self._longest = 0
        self._quoted: dict[str, list[str]] = {}
        #: Dropped lines by corpus file.
        self.dropped: Counter[str] = Counter()
        for path in paths:
            found = {_simplify(text) for text in _read_texts(path)} - {""}
            if not found:
                raise CorpusError(Errors.DL190.at(path, 1, found="no sentence", expected=_EXPECTED))
            self.sentences |= found
            self._longest = max(self._longest, *map(len, found))
        for text in self.sentences:
            if _letters(text) >= _MIN_QUOTED:
                self._quoted.setdefault(text[:_HEAD], []).append(text)

    def contains(self, line: str, source: str) -> bool:
        """Return whether a line is, or has in it, a test sentence; counted under `source`.

        Case, spaces, punctuation and form of Unicode don't matter, nor does the script of Serbian.
        """
        if not self.sentences:
            return False
        parts = [_simplify(part) for part in _ENDS.split(line)]
        whole = "".join(parts)
        found = whole in self.sentences or self._contains_run(parts) or self._contains_quoted(whole)
        self.dropped[source] += found
        return found

    def _contains_run(self, parts: list[str]) -> bool:
        """Return whether parts in a row are a sentence: "Dr." ends a part, but no sentence."""
        for first in range(len(parts)):
            run = ""
            for part in parts[first:]:
                run += part
                if len(run) > self._longest:
                    break
                if run in self.sentences and _letters(run) >= _MIN_INNER:
                    return True
        return False

    def _contains_quoted(self, whole: str) -> bool:
        """Return whether a long sentence is anywhere, as in a quotation or before a clause."""
        return any(
            whole.startswith(text, first)
            for first in range(len(whole) - _HEAD + 1)
            for text in self._quoted.get(whole[first : first + _HEAD], ())
        )


def _letters(text: str) -> int:
    return len(text) + 2 * len(_DENSE.findall(text))


def _simplify(text: str) -> str:
    # Twice, since in lower case some letters come apart: İ, whose dot is dropped, or ΐ
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    # In capitals a Turkish ı is an I, too
    return to_latin(_DROP.sub("", folded).replace("ı", "i"))


def _read_texts(path: Path) -> Iterator[str]:
    # Whoever trains an encoder may lack spaCy
    from spacy_dlfa.corpora.formats import find_format, make_tokenizer
    from spacy_dlfa.corpora.tables import open_table
    from spacy_dlfa.docbin import read_docs
    from spacy_dlfa.text.tokenizer import SEPARATOR

    suffix = path.suffix.lower()
    if suffix == ".tsv":
        for row in open_table(path, labelled=False).rows():
            yield from row.texts
        return
    if suffix != ".spacy":
        # Words may spell another text
        comments = (_COMMENT.match(line) for _, line in read_lines(path))
        yield from (comment[1] for comment in comments if comment)
    nlp = make_tokenizer()
    docs = read_docs(path, nlp.vocab) if suffix == ".spacy" else find_format(path).read(nlp)
    for doc in docs:
        yield from doc.text.split(SEPARATOR)
        if doc.has_annotation("SENT_START"):
            yield from (sent.text for sent in doc.sents)


def find_test_files(paths: Iterable[Path]) -> list[Path]:
    """Return the files, and those in folders and in what these link to.

    RAISES (ValueError): If a folder has none.
    """
    found = []
    for path in paths:
        if not path.is_dir():
            found.append(path)
            continue
        inside = [each for each in list_files(path) if each.suffix.lower() in SUFFIXES]
        if not inside:
            raise ValueError(Errors.DL191.format(path=path, suffixes=", ".join(SUFFIXES)))
        found.extend(inside)
    return found
