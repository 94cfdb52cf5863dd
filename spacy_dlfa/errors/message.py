"""What an error says: a code and a sentence."""

import re
from pathlib import Path
from typing import Any

_CODE = re.compile(r"\[DL\d{3}\] ")
#: Characters of what was found in a line of a file.
_SHOWN = 300


class Message:
    """An entry of the table; its code is the name that it has there.

    text (str): The sentence, with `{fields}` as of `str.format`.
    """

    code: str

    def __init__(self, text: str) -> None:
        self.text = text

    def __set_name__(self, owner: type, name: str) -> None:
        self.code = name

    def format(self, **fields: Any) -> str:
        """Fill in the fields, and put the code in front."""
        return f"[{self.code}] {self.text.format(**fields)}"

    def at(self, path: Path, line: int, /, **fields: Any) -> str:
        """Say it of a line of a file: the code, the file, the line from 1, and the sentence.

        Fields that are longer than 300 characters are cut.
        """
        shown = {name: _cut(value) for name, value in fields.items()}
        return f"[{self.code}] {path}, line {line}: {self.text.format(**shown)}"


def place_first(place: Path | str, error: Exception | str) -> str:
    """Put a file or an option in front of what is said of it, unless it is there.

    place (Union[Path, str]): The file or the option.
    error (Union[Exception, str]): What is said. If it has a code, that stays the first word.
    """
    message = str(error)
    code = _CODE.match(message)
    found = message[code.end() :] if code else message
    named = found if found.startswith(str(place)) else f"{place}: {found}"
    return f"{code[0] if code else ''}{named}"


def _cut(value: Any) -> Any:
    is_long = isinstance(value, str) and len(value) > _SHOWN
    return f"{value[:_SHOWN]}…" if is_long else value
