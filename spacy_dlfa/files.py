"""Find the files of a folder, as spaCy's readers do, which follow links; checksums."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def list_files(folder: Path) -> list[Path]:
    """List all that is no folder in a folder, in those below it and in those it links to, sorted.

    A link back to a folder that it lies in is not followed; one that leads nowhere is listed.
    RAISES (OSError): If a folder can't be read; of its name.
    """
    return sorted(_walk(folder, frozenset()))


def digest_file(digest: Any, path: Path) -> None:
    """Add the SHA-256 of a file to a digest of hashlib's.

    RAISES (OSError): If it can't be read; of its name.
    """
    with path.open("rb") as file:
        digest.update(hashlib.file_digest(file, "sha256").digest())


def _walk(folder: Path, above: frozenset[Path]) -> Iterator[Path]:
    real = folder.resolve()
    if real in above:
        return
    for path in folder.iterdir():
        if path.is_dir():
            yield from _walk(path, above | {real})
        else:
            yield path
