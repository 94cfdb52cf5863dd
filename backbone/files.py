"""The corpus folder: files `<kind>.<language>.txt` or `.tsv`, plain or compressed (`.xz`).

A `.txt` file has a sentence or paragraph a line. A `.tsv` file has a key and a text a line, and
texts of one kind with the same key are translations of each other. In kinds of pairs, such as
Tatoeba, the first column is the English sentence itself.
"""

import lzma
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from spacy_dlfa import atomic
from spacy_dlfa.errors import CorpusError, Errors


class CorpusFile(NamedTuple):
    """A file of a corpus folder.

    path (Path): Where it is.
    kind (str): The kind of text, e.g. "bible".
    language (str): The language's code.
    keyed (bool): Whether lines have two columns.
    """

    path: Path
    kind: str
    language: str
    keyed: bool


def find_corpus_files(folders: Iterable[Path]) -> list[CorpusFile]:
    """Return the files of corpus folders, by kind and language.

    RAISES (ValueError): If a folder holds none.
    """
    files = []
    for folder in folders:
        found = []
        for path in sorted(folder.glob("*")):
            name = path.name.removesuffix(".xz")
            kind, _, rest = name.partition(".")
            language, _, suffix = rest.partition(".")
            if language and suffix in ("txt", "tsv"):
                found.append(CorpusFile(path, kind, language, suffix == "tsv"))
        if not found:
            raise ValueError(
                f"{folder}: found no corpus file; expected names such as mono.de.txt or "
                "bible.de.tsv.xz"
            )
        files.extend(found)
    return sorted(files, key=lambda file: (file.kind, file.language))


def read_lines(path: Path) -> Iterator[str]:
    """Yield the lines of a text file, `.xz` or not, without their ends.

    RAISES (CorpusError): If a line isn't UTF-8 or the compressed file is cut off.
    """
    number = 1
    try:
        with lzma.open(path) if path.suffix == ".xz" else path.open("rb") as file:
            for line in file:
                yield line.decode("utf8").rstrip("\r\n").removeprefix("\ufeff")
                number += 1
    except UnicodeDecodeError as err:
        raise CorpusError(
            Errors.DL190.at(
                path, number, found=f"the byte {err.object[err.start]:#x}", expected="UTF-8"
            )
        ) from err
    except (lzma.LZMAError, EOFError) as err:
        raise CorpusError(
            Errors.DL190.at(
                path, number, found=str(err), expected="a whole .xz file; copy it again"
            )
        ) from err


def read_rows(path: Path) -> Iterator[tuple[str, str]]:
    """Yield both columns of a file with keys or pairs.

    RAISES (CorpusError): If a line hasn't two columns.
    """
    for number, line in enumerate(read_lines(path), 1):
        first, tab, second = line.partition("\t")
        if not tab or "\t" in second:
            expected = "two columns with a tab between them"
            raise CorpusError(
                Errors.DL190.at(
                    path, number, found=f"{line.count(chr(9)) + 1} columns", expected=expected
                )
            )
        yield first, second


def write_lines(path: Path, lines: Iterable[str]) -> None:
    """Write lines, compressed if the name ends in `.xz`."""
    data = "".join(f"{line}\n" for line in lines).encode("utf8")
    atomic.write_bytes(path, lzma.compress(data, preset=3) if path.suffix == ".xz" else data)
