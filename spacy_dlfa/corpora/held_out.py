"""Test sentences, which must be in no text that is trained on."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from spacy_dlfa.corpora.lines import read_lines
from spacy_dlfa.corpora.serbian import to_latin
from spacy_dlfa.errors import CorpusError, Errors

#: Suffixes of test files.
SUFFIXES = (".conllu", ".iob2", ".tsv", ".spacy")

_ENDS = re.compile(r"(?<=[.!?…؟۔])[\"'»”’)\]]*\s+|(?<=[。！？।])")
#: What doesn't matter; U+0640 is the stroke that only lengthens an Arabic word.
_DROP = re.compile(r"[\W_\u0640]+")
#: Shorter sentences inside a paragraph, such as "Thank you.", are nobody's in particular.
_MIN_INNER = 20
_EXPECTED = "CoNLL-U, IOB2, TSV with a header, or .spacy"
#: Characters that say as much as three letters.
_DENSE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


class HeldOut:
    """Sentences of test files; counts what it finds in a corpus.

    paths (Iterable[Path]): CoNLL-U or IOB2 files with `# text = ` lines or one token a line,
        TSV files with a header, whose sentence columns are called text or sentence*, and what
        `convert` makes of them.
    RAISES (ValueError): If a file has no sentence, or can't be read.
    """

    def __init__(self, paths: Iterable[Path]):
        self.sentences: set[str] = set()
        self._longest = 0
        #: Dropped lines by corpus file.
        self.dropped: Counter[str] = Counter()
        for path in paths:
            found = {_simplify(text) for text in _read_sentences(path)} - {""}
            if not found:
                raise CorpusError(Errors.DL190.at(path, 1, found="no sentence", expected=_EXPECTED))
            self.sentences |= found
            self._longest = max(self._longest, *map(len, found))

    def contains(self, line: str, source: str) -> bool:
        """Return whether a line is, or has in it, a test sentence; counted under `source`.

        Case, spaces and punctuation don't matter, nor does the script of Serbian.
        """
        if not self.sentences:
            return False
        parts = [_simplify(part) for part in _ENDS.split(line)]
        found = "".join(parts) in self.sentences or self._contains_run(parts)
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
                if run in self.sentences and len(run) + 2 * len(_DENSE.findall(run)) >= _MIN_INNER:
                    return True
        return False


def _simplify(text: str) -> str:
    return to_latin(_DROP.sub("", unicodedata.normalize("NFC", text)).casefold())


def _read_sentences(path: Path) -> list[str]:
    if path.suffix == ".spacy":
        # Whoever trains an encoder may lack spaCy
        from spacy.vocab import Vocab

        from spacy_dlfa.evaluation.gold import read_docs
        from spacy_dlfa.text.tokenizer import SEPARATOR

        docs = list(read_docs(path, Vocab()))
        parts = [part for doc in docs for part in doc.text.split(SEPARATOR)]
        cut = [doc for doc in docs if doc.has_annotation("SENT_START")]
        return parts + [sent.text for doc in cut for sent in doc.sents]
    lines = [line for _, line in read_lines(path)]
    if path.suffix == ".tsv":
        header = lines[0].split("\t") if lines else []
        columns = [i for i, name in enumerate(header) if name.startswith(("text", "sentence"))]
        rows = [line.split("\t") for line in lines[1:]]
        return [row[i] for row in rows for i in columns if i < len(row)]
    texts = [line.removeprefix("# text = ") for line in lines if line.startswith("# text = ")]
    return texts + _join_tokens(lines)


def _join_tokens(lines: list[str]) -> list[str]:
    """Return the sentences of token lines, for files whose `# text` differs or lacks."""
    sentences: list[str] = []
    words: list[str] = []
    for line in [*lines, ""]:
        cells = line.split("\t")
        # Numbers in a column of words are no index
        if len(cells) > 1 and cells[0] == str(len(words) + 1):
            words.append(cells[1])
        elif not line.strip() and words:
            sentences.append("".join(words))
            words = []
    return sentences


def find_test_files(paths: Iterable[Path]) -> list[Path]:
    """Return the files, and those in folders.

    RAISES (ValueError): If a folder has none.
    """
    found = []
    for path in paths:
        inside = [p for p in sorted(path.rglob("*")) if p.suffix in SUFFIXES]
        if path.is_dir() and not inside:
            raise ValueError(Errors.DL191.format(path=path, suffixes=", ".join(SUFFIXES)))
        found.extend(inside if path.is_dir() else [path])
    return found
