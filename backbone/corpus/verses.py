"""Bible translations by verse, as JSON or CSV of github.com/scrollmapper/bible_databases."""

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path

from spacy_dlfa.errors import CorpusError, Errors

_COLUMNS = ["Book", "Chapter", "Verse", "Text"]
_MARKUP = re.compile(r"<[^>]*>|[\[\]*{}¶]")
#: Shorter verses are left out ones.
_MIN_LENGTH = 6


def read_verses(path: Path) -> Iterator[tuple[str, str]]:
    """Yield verses, keyed by book, chapter and number.

    RAISES (CorpusError): If the file isn't of this format.
    """
    rows = _read_csv(path) if path.suffix == ".csv" else _read_json(path)
    for book, chapter, verse, text in rows:
        text = _MARKUP.sub(" ", text).strip()
        if len(text) >= _MIN_LENGTH:
            yield f"{book}.{chapter}.{verse}", text


def _read_csv(path: Path) -> Iterator[tuple[str, str, str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        if reader.fieldnames is None or not set(_COLUMNS) <= set(reader.fieldnames):
            raise CorpusError(
                Errors.DL190.at(
                    path, 1, found=str(reader.fieldnames), expected=f"columns {', '.join(_COLUMNS)}"
                )
            )
        for row in reader:
            if row["Text"] is None:
                raise CorpusError(
                    Errors.DL190.at(
                        path, reader.line_num, found="too few columns", expected=", ".join(_COLUMNS)
                    )
                )
            yield row["Book"], row["Chapter"], row["Verse"], row["Text"]


def _read_json(path: Path) -> Iterator[tuple[str, str, str, str]]:
    try:
        for book in json.loads(path.read_text(encoding="utf-8-sig"))["books"]:
            for chapter in book["chapters"]:
                for verse in chapter["verses"]:
                    yield book["name"], chapter["chapter"], verse["verse"], verse["text"]
    except json.JSONDecodeError as err:
        raise CorpusError(
            Errors.DL190.at(path, err.lineno, found=err.msg, expected="JSON")
        ) from err
    except (KeyError, TypeError) as err:
        expected = "books (name, chapters), chapters (chapter, verses), verses (verse, text)"
        raise CorpusError(Errors.DL190.at(path, 1, found=f"no {err}", expected=expected)) from err
