"""Read entities: Universal NER's IOB2 files, and others with a word and its tag on each line."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from spacy.tokens import Doc, Span
from spacy.vocab import Vocab

from spacy_dlfa.corpora.choices import ALL, DROPPED
from spacy_dlfa.corpora.lines import Block, read_blocks
from spacy_dlfa.errors import CorpusError, Errors
from spacy_dlfa.languages import LANGUAGES

_KIND = "an IOB2 file"
_TAG = re.compile(r"O|-|[BIESLUM]-\S+")
_COMMENT = re.compile(r"#\s*\w+\s*=")
_DOCUMENT = "-DOCSTART-"
_SAMPLE = 20  # sentences


class _Columns(NamedTuple):
    """How many columns the lines of words have, and which of them is the tag's."""

    number: int
    tag: int
    tabs: bool

    def split(self, line: str) -> list[str]:
        return _split(line, self.tabs)

    def has_second(self, block: Block) -> bool:
        """Whether a column between words and tags says something, as CoNLL-2003's of POS."""
        if self.tag < 2:
            return False
        return any(self.split(line)[1] not in ("_", "-", "O") for _, line in block.rows)

    def is_word(self, line: str) -> bool:
        """Whether a line that begins with # is no comment, but a word like #hashtag."""
        columns = self.split(line)
        if len(columns) != self.number or _COMMENT.match(line):
            return False
        return self.tabs or bool(_TAG.fullmatch(columns[self.tag]))


def read_iob2(
    path: Path,
    vocab: Vocab,
    labels: Collection[str] | None = None,
    dropped: Counter[str] | None = None,
    unread: set[str] | None = None,
) -> Iterator[Doc]:
    """Read the sentences of a file with a word and its tag on each line.

    The file is UTF-8, with or without a byte-order mark, with LF or CRLF line ends. The lines are
    those of Universal NER: number, word, tag, and two more columns, set apart by tabs. Or else, as
    in CoNLL-2003, the word is the first column, set apart by tabs or spaces, and the tag the last
    one that has tags in it. WikiANN's mark of the language, `en:` before each word of the file, is
    taken off.

    Tags may be IOB1, IOB2, IOBES or BILOU: an I- or E- that continues nothing starts an entity.
    Tags with labels that are not kept, and `-`, are read as O.

    The format doesn't mark spaces: they are taken from the `# text` comment, a run of white space
    between two words as one space. If the words don't spell that text, all are set apart by spaces.

    path (Path): The file.
    vocab (Vocab): The vocab of the Docs.
    labels (Optional[Collection[str]]): The labels to keep, see `is_kept`.
    dropped (Optional[Counter[str]]): Counts the entities of each label that is not kept.
    unread (Optional[Set[str]]): Gets POS if the second of several columns has content beside tags.
    YIELDS (Doc): A Doc for each sentence, all words but its entities' outside of one. It keeps its
        `sent_id` as `doc.user_data["id"]`.
    RAISES (CorpusError): If a line can't be read, or there is no sentence. None is left out.
    """
    columns = _find_columns(path)
    mark = _find_mark(path, columns) if columns else ""
    for block in _read_blocks(path, columns):
        words, tags = _read_words(block, columns, path, mark)
        if not words:  # a mark of CoNLL-2003 between documents
            continue
        if unread is not None and not unread and columns and columns.has_second(block):
            unread.add("POS")
        doc = Doc(
            vocab,
            words=words,
            spaces=block.spaces(words) or [*[True] * (len(words) - 1), False],
            sent_starts=[i == 0 for i in range(len(words))],
            user_data=block.user_data,
        )
        spans = []
        for start, end, label in _find_entities(tags):
            if is_kept(label, labels):
                spans.append(Span(doc, start, end, label))
            elif dropped is not None:
                dropped[label] += 1
        doc.set_ents(spans, default="outside")
        yield doc


def is_kept(label: str, labels: Collection[str] | None) -> bool:
    """Whether to keep the entities of a label.

    labels (Optional[Collection[str]]): Those to keep, or with `all` each one; if None, each but
        Universal NER's for other and uncertain entities.
    """
    return label not in DROPPED if labels is None else label in labels or ALL in labels


def _read_blocks(path: Path, columns: _Columns | None) -> Iterator[Block]:
    for block in read_blocks(path, _KIND, columns.is_word if columns else lambda line: False):
        for number, line in block.rows:
            # Many lines would be one word
            if "\r" in line:
                raise CorpusError(Errors.DL105.at(path, number))
        yield block


def _find_columns(path: Path) -> _Columns | None:
    """Look at the first sentences; returns None for numbered words, as Universal NER has them."""
    blocks = (
        [row for row in block.rows if not row[1].startswith(_DOCUMENT)]
        for block in _read_blocks(path, None)
    )
    sample = [row for rows in islice(filter(None, blocks), _SAMPLE) for row in rows]
    if not sample:
        raise CorpusError(Errors.DL120.at(path, 1, mark=_DOCUMENT, expected=_KIND))
    tabs = 2 * sum("\t" in line for _, line in sample) > len(sample)
    rows = [_split(line, tabs) for _, line in sample]
    if 2 * sum(len(row) >= 3 and row[0][:1].isdigit() for row in rows) > len(rows):
        return None
    number = Counter(map(len, rows)).most_common(1)[0][0]
    alike = [row for row in rows if len(row) == number]
    tags = [
        column
        for column in range(1, number)
        if 2 * sum(row[column] != "-" and bool(_TAG.fullmatch(row[column])) for row in alike)
        > len(alike)
    ]
    if not tags:
        raise CorpusError(Errors.DL121.at(path, sample[0][0], line=sample[0][1]))
    return _Columns(number, tags[-1], tabs)


def _find_mark(path: Path, columns: _Columns) -> str:
    """Return the mark of a language that each word of the file has, `en:`; empty if there is none.

    All other files are read no further than to their first word without one.
    """
    mark = ""
    for block in _read_blocks(path, columns):
        for _, line in block.rows:
            if line.startswith(_DOCUMENT):
                continue
            word = columns.split(line)[0]
            if not mark:
                code, colon, _ = word.partition(":")
                mark = code + colon if colon and code in LANGUAGES else ""
            if not mark or not word.startswith(mark):
                return ""
    return mark


def _split(line: str, tabs: bool) -> list[str]:
    if tabs:
        return [column.strip(" ") for column in line.split("\t")]
    # Other white space, as in "10\u00a0000", is a part of a word
    return re.split("[ \t]+", line.strip(" \t"))


def _read_words(
    block: Block, columns: _Columns | None, path: Path, mark: str
) -> tuple[list[str], list[str]]:
    words: list[str] = []
    tags: list[str] = []
    for number, line in block.rows:
        if columns is None:
            word, tag = _parse_numbered(line, len(words) + 1, path, number)
        elif line.startswith(_DOCUMENT):
            continue
        else:
            word, tag = _parse_word(line, columns, path, number, mark)
        words.append(word)
        tags.append(tag)
    return words, tags


def _parse_word(
    line: str, columns: _Columns, path: Path, number: int, mark: str
) -> tuple[str, str]:
    found = columns.split(line)
    if len(found) != columns.number:
        raise CorpusError(
            Errors.DL122.at(
                path,
                number,
                num_found=len(found),
                num_expected=columns.number,
                separator="tabs" if columns.tabs else "spaces",
            )
        )
    word, tag = found[0].removeprefix(mark), found[columns.tag]
    _check(word, tag, (1, columns.tag + 1), path, number)
    return word, tag


def _parse_numbered(line: str, index: int, path: Path, number: int) -> tuple[str, str]:
    columns = line.split("\t")
    if len(columns) not in (3, 5):
        raise CorpusError(Errors.DL123.at(path, number, num_columns=len(columns)))
    token, form, tag = columns[:3]
    if token != str(index):
        raise CorpusError(Errors.DL124.at(path, number, token=token, index=index))
    _check(form, tag, (2, 3), path, number)
    # A file that was cut off would end in a label that nobody asks for
    if len(columns) == 3 and tag != "O":
        raise CorpusError(Errors.DL125.at(path, number, tag=tag))
    return form, tag


def _check(word: str, tag: str, columns: tuple[int, int], path: Path, number: int) -> None:
    if not word.strip():
        raise CorpusError(Errors.DL111.at(path, number, column=columns[0]))
    if not _TAG.fullmatch(tag):
        raise CorpusError(Errors.DL126.at(path, number, tag=tag, column=columns[1]))


def _find_entities(tags: Sequence[str]) -> list[tuple[int, int, str]]:
    entities: list[tuple[int, int, str]] = []
    is_open = False
    for i, tag in enumerate(tags):
        mark, label = tag[0], tag[2:]
        if not label:
            continue
        if mark in "IMEL" and is_open and entities[-1][1:] == (i, label):
            entities[-1] = (entities[-1][0], i + 1, label)
        else:
            entities.append((i, i + 1, label))
        # IOBES and BILOU say where an entity ends
        is_open = mark not in "ESLU"
    return entities
