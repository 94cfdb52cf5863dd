"""Cut files into pieces, the unit of work."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from spacy_dlfa.apply.inputs import READ_ERRORS, kind_of, read_rows
from spacy_dlfa.apply.settings import Fields

#: Bytes after which a piece ends, however few rows it has.
LARGEST = 4 * 2**20


class Piece(NamedTuple):
    """Rows of a file that are worked on together.

    file (str): The file's path.
    place (Tuple[int, int]): Number of the file, and of the piece in it, from 0.
    kind (str): What is in a row: "json", "text" or "tokens".
    rows (List[Tuple[int, Optional[bytes]]]): Number of each row in the file, from 1, and its
        content; None of one that is too long.
    size (float): How many bytes of the file it is.
    """

    file: str
    place: tuple[int, int]
    kind: str
    rows: list[tuple[int, bytes | None]]
    size: float

    def key(self, fingerprint: str) -> str:
        """Return what says whether an output is of this content: 16 hexadecimal digits.

        fingerprint (str): Of the settings.
        """
        name = f"{fingerprint}{self.file}".encode("utf8", "surrogatepass")
        digest = hashlib.blake2b(name, digest_size=8)
        for row, content in self.rows:
            digest.update(b"%d %d\0" % (row, -1 if content is None else len(content)))
            digest.update(content or b"")
        return digest.hexdigest()


def cut(path: Path, number: int, fields: Fields, piece_rows: int) -> Iterator[Piece]:
    """Cut a file into pieces while it is read: a compressed one can't be entered in the middle.

    number (int): Number of the file.
    piece_rows (int): Rows of a piece, or fewer if they are long.
    RAISES (READ_ERRORS): If it is damaged, after the rows before the damage.
    """
    kind = kind_of(path)
    assert kind is not None
    count, size, start = 0, 0, 0.0
    rows: list[tuple[int, bytes | None]] = []
    error: Exception | None = None
    try:
        for raw in read_rows(path, fields):
            rows.append((raw.row, raw.content))
            size += len(raw.content or b"")
            end = raw.position
            if len(rows) == piece_rows or size >= LARGEST:
                yield Piece(str(path), (number, count), kind, rows, end - start)
                count, size, start, rows = count + 1, 0, end, []
    except READ_ERRORS as err:
        error = err
    # A disk that fails may not do so the next time, and the piece would be another one then
    if rows and getattr(error, "errno", None) is None:
        yield Piece(str(path), (number, count), kind, rows, end - start)
    if error is not None:
        raise error
