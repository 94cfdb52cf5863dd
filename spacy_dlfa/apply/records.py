"""Parse the rows of a piece; one that can't be parsed says why."""

import json
from typing import Any, NamedTuple

from spacy_dlfa.apply.inputs import LONGEST
from spacy_dlfa.apply.settings import Fields


class Record(NamedTuple):
    """A document to be.

    file (str): The file that it is from.
    row (int): Its row there, from 1.
    id (Optional[str]): Its id, if it has one.
    language (Optional[str]): Its language, if it is given.
    text (Optional[str]): Its text.
    words (Optional[List[str]]): Its tokens, if they are given.
    spaces (Optional[List[bool]]): Whether a space follows each.
    error (Optional[str]): Why it is none.
    """

    file: str
    row: int
    id: str | None = None
    language: str | None = None
    text: str | None = None
    words: list[str] | None = None
    spaces: list[bool] | None = None
    error: str | None = None


def parse(file: str, row: int, content: bytes | None, kind: str, fields: Fields) -> Record:
    """Parse a row of a file.

    kind (str): What is in it: "json", "text" or "tokens".
    """
    if content is None:
        return Record(file, row, error=f"found a row of {LONGEST:,} bytes or more")
    try:
        line = content.decode("utf-8-sig" if row == 1 else "utf-8", _errors(kind))
    except UnicodeDecodeError as err:
        found = f"found byte 0x{content[err.start]:02x}, which isn't UTF-8"
        return Record(file, row, error=f"{found}; expected a file saved as UTF-8")
    if kind == "text":
        return Record(file, row, text=line)
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as err:
        return Record(file, row, error=f"found no JSON: {err}")
    return from_object(file, row, found, kind, fields)


def from_object(file: str, row: int, found: Any, kind: str, fields: Fields) -> Record:
    """Make a record of an object with the named fields."""
    if not isinstance(found, dict):
        return Record(file, row, error=f"found {_kind(found)}; expected an object")
    if kind == "tokens":  # the names are our own reader's
        fields = Fields()
    record = Record(file, row, _name(found.get(fields.id)), _name(found.get(fields.language)))
    if kind == "tokens":
        return record._replace(words=found["words"], spaces=found["spaces"])
    if fields.text not in found:
        names = ", ".join(map(repr, found)) or "none at all"
        return record._replace(
            error=f"found no field {fields.text!r} but {names[:200]}; expected the text there, or "
            "for `apply` in the field that --text-field names"
        )
    text = found[fields.text]
    if not isinstance(text, str):
        return record._replace(error=f"found {_kind(text)} in {fields.text!r}; expected a text")
    return record._replace(text=text)


def whole(text: str | None) -> str | None:
    """Return a text that can be written: half characters, of JSON or of names, become "?"."""
    return text and text.encode("utf8", "replace").decode("utf8")


def _errors(kind: str) -> str:
    # What our own readers made of a row may hold half characters, as a text itself may.
    return "surrogatepass" if kind == "tokens" else "strict"


def _name(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "a text", bool: "true or false"}
    return "null" if value is None else names.get(type(value), "a number")
