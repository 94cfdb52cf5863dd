"""Read SIB-200's tables of sentences with topics."""

import csv
from collections.abc import Iterator
from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc

from spacy_dlfa.corpora.lines import read_lines
from spacy_dlfa.errors import CorpusError

HEADER = ["index_id", "category", "text"]
TOPICS = (
    "science/technology",
    "travel",
    "politics",
    "sports",
    "health",
    "entertainment",
    "geography",
)


def read_sib200(path: Path, nlp: Language) -> Iterator[Doc]:
    """Read the sentences of a SIB-200 file: columns index_id, category and text.

    The columns are set apart by tabs and quoted as in CSV, a row on each line. White space at the
    ends of a text, which would be a token of its own, is removed.

    path (Path): The file.
    nlp (Language): The tokenizer of the texts.
    YIELDS (Doc): A Doc for each row, with the row's topic 1.0 in `doc.cats` and the others 0.0. It
        keeps its `index_id` as `doc.user_data["id"]`.
    RAISES (CorpusError): If a line can't be read, or there is none but the header.
    """
    lines = read_lines(path)
    number, line = next(lines)
    if line.split("\t") != HEADER:
        raise CorpusError(path, number, f"the header {line!r}", f"the columns {', '.join(HEADER)}")
    empty = True
    for number, line in lines:
        if line:
            index_id, topic, text = _parse_row(line, path, number)
            doc = nlp.make_doc(text.strip())
            doc.cats = {other: float(other == topic) for other in TOPICS}
            doc.user_data["id"] = index_id
            yield doc
            empty = False
    if empty:
        raise CorpusError(path, number, "the end of a file without sentences", "rows of SIB-200")


def _parse_row(line: str, path: Path, number: int) -> list[str]:
    try:
        row = next(csv.reader([line], delimiter="\t", strict=True))
    except csv.Error as err:
        longest = f"{csv.field_size_limit():,}"
        expected = f"quotation marks as in CSV, and no more than {longest} characters in a column"
        raise CorpusError(path, number, f"a row that can't be read ({err})", expected) from err
    if len(row) != len(HEADER):
        expected = f"{len(HEADER)}: {', '.join(HEADER)}"
        raise CorpusError(path, number, f"{len(row)} column(s)", expected)
    if row[1] not in TOPICS:
        raise CorpusError(path, number, f"topic {row[1]!r}", f"one of {', '.join(TOPICS)}")
    if not row[2].strip():
        raise CorpusError(path, number, "an empty text", "a sentence in column 3")
    return row
