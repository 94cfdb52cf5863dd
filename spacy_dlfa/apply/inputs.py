"""Find the input files, and read their rows as they are: who works on them parses them."""

import glob
import gzip
import json
import lzma
import os
import zlib
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple, NoReturn, cast

from spacy.vocab import Vocab

from spacy_dlfa.apply.settings import Fields
from spacy_dlfa.docbin import read_docs
from spacy_dlfa.errors import Errors

if TYPE_CHECKING:
    from pyarrow.parquet import FileMetaData

#: What can be read, by suffix in any case, and what is in a row of it.
KINDS = {
    ".jsonl": "json",
    ".jsonl.gz": "json",
    ".jsonl.xz": "json",
    ".txt": "text",
    ".txt.gz": "text",
    ".txt.xz": "text",
    ".parquet": "json",
    ".spacy": "tokens",
}
#: Bytes of a row; of a longer line no more than this comes into memory.
LONGEST = 16 * 2**20
#: Rows of a Parquet file, and bytes of their texts, that are in memory together.
_BATCH, _BATCH_BYTES = 256, 4 * 2**20
#: What damaged files raise, and Parquet files with values or types that Python or pyarrow lacks.
READ_ERRORS = (
    OSError,
    ValueError,
    EOFError,
    zlib.error,
    lzma.LZMAError,
    ArithmeticError,
    NotImplementedError,
)


class Raw(NamedTuple):
    """A row of a file.

    row (int): Its number in the file, from 1: that of the line, or of the row or document.
    content (Optional[bytes]): A line, or an object of JSON; None of one that is too long.
    position (float): How many bytes of the file are read.
    """

    row: int
    content: bytes | None
    position: float


def kind_of(path: Path) -> str | None:
    """Return what is in a row of a file: "json", "text", "tokens", or None if it is no input."""
    name = path.name.lower()
    return next((kind for suffix, kind in KINDS.items() if name.endswith(suffix)), None)


def stem_of(path: Path) -> str:
    """Return the name of an input file without its suffix, or both of its suffixes."""
    name = path.name
    return next(name[: -len(each)] for each in KINDS if name.lower().endswith(each))


def find_inputs(given: Sequence[str], output: Path | None) -> list[Path]:
    """List the input files in files, folders and patterns, each once; links are followed.

    output (Optional[Path]): A folder whose files are no input.
    RAISES (ValueError): If there is none, none outside of the output, one of another kind, or a
        link that leads nowhere.
    RAISES (OSError): If a folder can't be read.
    """
    known = ", ".join(f"*{suffix}" for suffix in KINDS)
    found: dict[Path, Path] = {}
    for each in given:
        matched = [each] if Path(each).exists() else sorted(glob.glob(each, recursive=True))
        # A pattern finds folders, too, as it does where the shell fills it in
        paths = [
            file
            for path in map(Path, matched)
            for file in (_search(path) if path.is_dir() else [path])
        ]
        if not paths:
            raise ValueError(Errors.DL206.format(each=each, known=known))
        if output is not None:
            inside = output.resolve()
            paths = [file for file in paths if not file.resolve().is_relative_to(inside)]
        if not paths:
            raise ValueError(Errors.DL213.format(each=each, output=output))
        for file in paths:
            if kind_of(file) is None:
                raise ValueError(Errors.DL209.format(file=file, suffix=file.suffix, known=known))
            if not file.exists():
                raise ValueError(Errors.DL206.format(each=file, known=known))
            found.setdefault(file.resolve(), file)
    return list(found.values())


def read_rows(path: Path, fields: Fields) -> Iterator[Raw]:
    """Read a file of any size; of a .spacy file, all of it is in memory.

    RAISES (READ_ERRORS): If it is damaged, after the rows before the damage.
    RAISES (ValueError): If it lacks the column with the text.
    """
    suffix = path.suffix.lower()
    if suffix == ".parquet":
        return _read_parquet(path, fields)
    if suffix == ".spacy":
        return _read_docs(path)
    return _read_lines(path)


def _search(folder: Path) -> list[Path]:
    """List the input files in a folder and in those it links to, and links that lead nowhere.

    RAISES (OSError): If a folder can't be read.
    """
    found: list[Path] = []
    seen: set[str] = set()
    for place, folders, names in os.walk(folder, onerror=_refuse, followlinks=True):
        real = os.path.realpath(place)
        if real in seen:  # links may lead in circles
            folders.clear()
            continue
        seen.add(real)
        folders[:] = sorted(name for name in folders if not name.startswith((".", "_")))
        found += [Path(place, name) for name in names if not name.startswith((".", "_"))]
    return sorted(file for file in found if kind_of(file) and (file.is_file() or not file.exists()))


def _refuse(error: OSError) -> NoReturn:
    raise error


def _read_lines(path: Path) -> Iterator[Raw]:
    with path.open("rb") as raw, _unpack(raw, path.suffix.lower()) as file:
        for number, line in enumerate(iter(partial(file.readline, LONGEST), b""), 1):
            if number == 1 and _is_utf16(line):
                raise ValueError(Errors.DL215.format(path=path))
            if len(line) < LONGEST:
                if line.strip():
                    yield Raw(number, line.rstrip(b"\r\n"), raw.tell())
                continue
            rest = line
            while rest and not rest.endswith(b"\n"):
                rest = file.readline(LONGEST)
            yield Raw(number, None, raw.tell())


def _is_utf16(line: bytes) -> bool:
    """Whether a line begins with the mark of UTF-16, or has NULs in most of every other byte."""
    few, many = sorted(line[start::2].count(0) for start in (0, 1))
    # A log that was cut while it was written may begin with NULs alone
    every_other = many > len(line) // 4 and few < many / 8
    return line.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) or every_other


def _unpack(raw: IO[bytes], suffix: str) -> IO[bytes]:
    if suffix == ".gz":
        return cast(IO[bytes], gzip.GzipFile(fileobj=raw))
    return cast(IO[bytes], lzma.LZMAFile(raw)) if suffix == ".xz" else raw


def _read_parquet(path: Path, fields: Fields) -> Iterator[Raw]:
    import pyarrow
    from pyarrow.parquet import ParquetFile

    size = path.stat().st_size
    # With a buffer no more than that of a row group is read ahead
    with ParquetFile(path, buffer_size=2**20) as file:
        schema = file.schema_arrow
        columns = [name for name in dict.fromkeys(fields) if name in schema.names]
        for name in columns:
            if schema.names.count(name) > 1:
                raise ValueError(Errors.DL214.format(path=path, column=name))
        if fields.text not in schema.names:
            raise ValueError(
                Errors.DL207.format(path=path, column=fields.text, columns=", ".join(schema.names))
            )
        found = schema.field(fields.text).type
        if pyarrow.types.is_binary(found) or pyarrow.types.is_large_binary(found):
            raise ValueError(Errors.DL208.format(path=path, column=fields.text))
        number = 0
        for batch in file.iter_batches(_batch_size(file.metadata, columns), columns=columns):
            # One after the other, for those before a damaged one
            for values in zip(*batch.columns, strict=True):
                number += 1
                row = {
                    name: _decode(path, name, value.as_py())
                    for name, value in zip(batch.schema.names, values, strict=True)
                }
                content = _to_json(row)
                end = size * number / file.metadata.num_rows
                yield Raw(number, content if len(content) < LONGEST else None, end)


def _batch_size(metadata: "FileMetaData", names: Sequence[str]) -> int:
    """Return how many rows may be in memory: fewer where the columns that are read are wide."""
    longest = 1.0
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        columns = map(group.column, range(group.num_columns))
        read = [each for each in columns if each.path_in_schema.partition(".")[0] in names]
        size = sum(each.total_uncompressed_size for each in read)
        longest = max(longest, size / max(group.num_rows, 1))
    return max(1, min(_BATCH, int(_BATCH_BYTES / longest)))


def _read_docs(path: Path) -> Iterator[Raw]:

    docs = read_docs(path, Vocab())
    size = path.stat().st_size
    for number, doc in enumerate(docs, 1):
        row = {
            "words": [token.text for token in doc],
            "spaces": [bool(token.whitespace_) for token in doc],
            **{name: _decode(path, name, doc.user_data.get(name)) for name in ("id", "language")},
        }
        try:
            content = _to_json(row)
        except TypeError as err:  # its keys
            raise ValueError(Errors.DL216.format(path=path, row=number, found=err)) from err
        yield Raw(number, content, size * number / len(docs))


def _decode(path: Path, name: str, value: Any) -> Any:
    """Return an id or a language as text if it is bytes.

    RAISES (ValueError): If these are not UTF-8.
    """
    try:
        return value.decode("utf8") if isinstance(value, bytes) else value
    except UnicodeDecodeError:
        raise ValueError(Errors.DL208.format(path=path, column=name)) from None


def _to_json(row: dict[str, Any]) -> bytes:
    return json.dumps(row, ensure_ascii=False, default=str).encode("utf8", "surrogatepass")
