"""Errors of the package that a user can mend."""

from pathlib import Path


class CorpusError(ValueError):
    """A line of a corpus file that can't be read.

    path (Path): The file.
    line (int): Number of the line, from 1.
    found (str): What is there.
    expected (str): What should be there, or what to do.
    """

    def __init__(self, path: Path, line: int, found: str, expected: str) -> None:
        shown = found if len(found) <= 300 else f"{found[:300]}…"
        super().__init__(path, line, shown, expected)

    def __str__(self) -> str:
        path, line, found, expected = self.args
        return f"{path}, line {line}: found {found}; expected {expected}"
