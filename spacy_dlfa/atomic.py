"""Write a file whole or not at all."""

import os
from pathlib import Path


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file beside its place and move it there; an old file survives any failure."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # Not by mkstemp, whose files only the owner can read.
    part = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
