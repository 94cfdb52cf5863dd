"""Read tables: a header, then a text or a pair of them with a label on each line."""

import csv
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from spacy_dlfa.corpora.lines import read_lines
from spacy_dlfa.errors import CorpusError, Errors
from spacy_dlfa.languages import is_code

#: SIB-200's header, the one whose columns are always quoted as in CSV.
SIB200 = ("index_id", "category", "text")

#: PAWS-X's header, which tells its 0 and 1 from those of others.
PAWSX = ("id", "sentence1", "sentence2", "label")

#: Labels by which a table of pairs without a header is known, and what they are called.
PARAPHRASE = {"1": "paraphrase", "0": "different"}
INFERENCE = {
    "entailment": "entailment",
    "neutral": "neutral",
    "contradiction": "contradiction",
    "contradictory": "contradiction",
}

#: Anything beyond is a text, or a number, in the wrong column.
LONGEST_LABEL, MOST_LABELS = 100, 1000

_TEXTS = ("text", "sentence", "content")
_PAIRS = (
    ("sentence1", "sentence2"),
    ("premise", "hypo"),
    ("premise", "hypothesis"),
    ("text1", "text2"),
    ("question1", "question2"),
)
_LABELS = ("label", "gold_label", "category", "topic", "class", "intent")
_IDS = ("id", "index_id", "pairid", "index", "idx")
_LANGUAGES = ("language", "lang")
# As CSV would read it
_COLUMN = re.compile(r'(?:^|\t)("(?:[^"]|"")*"(?![^\t])|(?!")[^\t]*)')


class Row(NamedTuple):
    """A row of a table.

    number (int): Number of its line, from 1.
    texts (Tuple[str, ...]): A text, or the two of a pair.
    label (str): Its label; empty of a table that is read without.
    user_data (Dict[str, str]): `id` and `language`, if there are such columns and values.
    """

    number: int
    texts: tuple[str, ...]
    label: str
    user_data: dict[str, str]


class Table(NamedTuple):
    """The layout of a table.

    path (Path): The file.
    header (Sequence[str]): All columns.
    texts (Tuple[int, ...]): The place of the text's column, or of those of a pair.
    label (Optional[int]): The place of the label's; None of a table that is read without.
    id (Optional[int]): The place of the id's.
    language (Optional[int]): The place of the language's.
    has_header (bool): Whether the first line is one.
    quoted (bool): Whether columns are quoted as in CSV.
    """

    path: Path
    header: Sequence[str]
    texts: tuple[int, ...]
    label: int | None
    id: int | None
    language: int | None
    has_header: bool
    quoted: bool

    def rows(self) -> Iterator[Row]:
        """Read the rows.

        RAISES (CorpusError): If a line can't be read, or there is none but the header.
        """
        empty = True
        for number, line in read_lines(self.path):
            if line.strip(" ") and (number > 1 or not self.has_header):
                yield self._read_row(line, number)
                empty = False
        if empty:
            raise CorpusError(Errors.DL131.at(self.path, number))

    def labels(self) -> list[str]:
        """List the labels in their order.

        RAISES (CorpusError): As `rows`, and if there are more labels than classes can be.
        """
        labels: dict[str, None] = {}
        for row in self.rows():
            labels[row.label] = None
            if len(labels) > MOST_LABELS:
                assert self.label is not None
                raise CorpusError(
                    Errors.DL136.at(self.path, row.number, most=MOST_LABELS, column=self.label + 1)
                )
        return list(labels)

    def _read_row(self, line: str, number: int) -> Row:
        columns = _split(line, self.quoted, self.path, number)
        if len(columns) != len(self.header):
            raise CorpusError(
                Errors.DL132.at(
                    self.path, number, num_columns=len(columns), num_expected=len(self.header)
                )
            )
        label = "" if self.label is None else columns[self.label].strip()
        # A hyphen is SNLI's mark of a pair without one
        if self.label is not None and (label in ("", "-") or len(label) > LONGEST_LABEL):
            raise CorpusError(
                Errors.DL133.at(
                    self.path, number, label=label, longest=LONGEST_LABEL, column=self.label + 1
                )
            )
        places = {"id": self.id, "language": self.language}
        found = {key: columns[place] for key, place in places.items() if place is not None}
        # It becomes a part of a file's name
        if not is_code(found.get("language", "de")):
            raise CorpusError(Errors.DL134.at(self.path, number, language=found["language"]))
        user_data = {key: value for key, value in found.items() if value}
        return Row(number, tuple(columns[place] for place in self.texts), label, user_data)


def open_table(path: Path, *, labelled: bool = True) -> Table:
    """Find out how a table is laid out.

    The header names the columns, in any order and case: a text (`text`, `sentence`, `content`) or
    a pair (`sentence1` and `sentence2`, or other such names), and a label. Of two columns without
    id and language one name is enough. Others are passed over. Without a header there have to be
    three columns: sentence, sentence and one of the labels of PAWS-X and XNLI.

    SIB-200's columns are quoted as in CSV. Other tables are where all of the header is, or where
    each column that begins with a quotation mark is quoted as CSV would do it and one has such a
    mark, or a tab, inside; in all others quotation marks are text.

    path (Path): The file.
    labelled (bool): Whether to read labels; otherwise there may be none.
    RAISES (CorpusError): If the columns can't be told, or a line isn't UTF-8.
    """
    _, line = next(read_lines(path))
    bare = line.split("\t")
    if len(bare) == 3 and bare[2] in {**PARAPHRASE, **INFERENCE}:
        return Table(path, bare, (0, 1), 2 if labelled else None, None, None, False, False)
    quoted = tuple(bare) == SIB200 or _is_quoted(path)
    header = _split(line, quoted, path, 1)
    names = [name.strip().lower() for name in header]
    id, language = (_first(names, known) for known in (_IDS, _LANGUAGES))
    texts, label = _find_columns(names, {id, language})
    if texts is None or (labelled and label is None):
        raise CorpusError(Errors.DL130.at(path, 1, columns=", ".join(header)[:200]))
    label = label if labelled else None
    return Table(path, header, texts, label, id, language, True, quoted)


def _find_columns(
    names: list[str], others: set[int | None]
) -> tuple[tuple[int, ...] | None, int | None]:
    labels = [place for place, name in enumerate(names) if name in _LABELS]
    singles = [(place,) for place, name in enumerate(names) if name in _TEXTS]
    pairs = [(names.index(a), names.index(b)) for a, b in _PAIRS if a in names and b in names]
    left = [place for place in range(len(names)) if place not in others]
    texts = pairs or singles
    if len(texts) == 1:
        rest = [place for place in left if place not in texts[0]]
        # No name for the label, but it is all that is left
        labels = labels or (rest if len(rest) == 1 else [])
    elif not texts and len(labels) == 1 and len(left) == 2:
        texts = [(place,) for place in left if place not in labels]
    return (
        texts[0] if len(texts) == 1 else None,
        labels[0] if len(labels) == 1 else None,
    )


def _first(names: list[str], known: Sequence[str]) -> int | None:
    return next((names.index(name) for name in known if name in names), None)


def _split(line: str, quoted: bool, path: Path, number: int) -> list[str]:
    if not quoted:
        return line.split("\t")
    try:
        return next(csv.reader([line], delimiter="\t", strict=True))
    except csv.Error as err:
        raise CorpusError(
            Errors.DL135.at(path, number, error=err, longest=csv.field_size_limit())
        ) from err


def _is_quoted(path: Path) -> bool:
    width = 0
    inside = False
    for number, line in read_lines(path):
        columns = _COLUMN.findall(line)
        width = width or len(columns)
        num_bare = line.count("\t") + 1
        if "\t".join(columns) != line or num_bare == width != len(columns):
            return False
        quoted = [column for column in columns if column.startswith('"')]
        if number == 1 and len(quoted) == len(columns):
            return True
        inside |= len(columns) == width != num_bare
        inside |= any('""' in column[1:-1] for column in quoted)
    return inside
