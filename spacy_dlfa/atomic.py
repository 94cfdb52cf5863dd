"""Write files and folders whole or not at all, and work in a folder as one process at a time."""

import json
import os
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from typing import Any

from filelock import FileLock, Timeout
from safetensors import SafetensorError

from spacy_dlfa.errors import Errors


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file beside its place and move it there; an old file survives any failure.

    A link is replaced, so that nothing is written outside of the folder; what is no file, such as
    /dev/stdout, is written to.
    RAISES (OSError): If it can't be written; of its name.
    """
    with writing(path):
        if _is_stream(path):
            path.write_bytes(data)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        part = _part(path)
        try:
            with part.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(part, path)
        finally:
            part.unlink(missing_ok=True)


def write_json(path: Path, data: Mapping[str, Any]) -> None:
    """Write a JSON file whole or not at all.

    RAISES (OSError): If it can't be written; of its name.
    RAISES (ValueError): If a number is nan or infinite.
    """
    write_bytes(path, to_json(data))


def to_json(data: Mapping[str, Any]) -> bytes:
    """Return what `write_json` writes."""
    # Not by srsly, which ends the interpreter at a file's name that is no UTF-8
    text = json.dumps(data, indent=2, separators=(",", ":"), allow_nan=False)
    return text.encode("ascii")


def write_each(files: Iterable[tuple[Path, bytes]]) -> None:
    """Write files; one that can't be written keeps none of the others back.

    RAISES (OSError): If some can't, after the others were written.
    """
    failures = []
    for path, data in files:
        try:
            write_bytes(path, data)
        except OSError as err:
            failures.append(err)
    if len(failures) > 1:
        raise OSError("; ".join(f"{err.filename}: {err.strerror}" for err in failures))
    if failures:
        raise failures[0]


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Give a folder beside the place of a new one, which is moved there if nothing fails.

    YIELDS (Path): The folder, which is there and empty. If another process has written the new one
        meanwhile, that one stays.
    RAISES (OSError): If it can't be written; of its name.
    """
    part = _part(path)
    try:
        with writing(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            part.mkdir()
            yield part
            try:
                os.replace(part, path)
            except OSError:
                if not path.is_dir():
                    raise
    finally:
        shutil.rmtree(part, ignore_errors=True)


def check_writable(path: Path) -> None:
    """Find out before the work whether a file can be written after it; leaves nothing behind.

    RAISES (OSError): If it can't; of its name.
    """
    made: list[Path] = []
    try:
        with writing(path):
            if path.is_dir():
                raise OSError("found a folder; expected a file, or none yet")
            if _is_stream(path):
                return
            # The name itself may be too long, though that of the part isn't
            with suppress(FileNotFoundError, NotADirectoryError):
                path.lstat()
            made = [folder for folder in path.parents if not folder.exists()]
            path.parent.mkdir(parents=True, exist_ok=True)
            part = _part(path)
            part.touch()
            part.unlink()
    finally:
        for folder in made:
            with suppress(OSError):
                folder.rmdir()


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Say of what fails inside that the path can't be written.

    RAISES (OSError): If something does.
    """
    try:
        yield
    except (OSError, SafetensorError) as err:
        reason = getattr(err, "strerror", None) or str(err)
        if isinstance(err, FileExistsError):  # in place of a folder to be made
            reason = f"{err.filename} is no folder"
        number = err.errno if isinstance(err, OSError) else None
        raise OSError(number, f"can't be written: {reason}", str(path)) from err


@contextmanager
def hold(folder: Path, name: str = ".lock") -> Iterator[None]:
    """Make a folder if there is none, and hold it against other runs.

    RAISES (ValueError): If another run is at work there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        # The system lets go of it when the process ends, however it ends.
        with FileLock(folder / name, timeout=0):
            yield
    except Timeout:
        raise ValueError(Errors.DL204.format(path=folder)) from None


def remove_parts(folder: Path, age: float = 0.0) -> None:
    """Remove what killed processes left half-written in a folder.

    age (float): Seconds since it was written to, at least. One process may remove what another
        writes, if both share the folder and this is 0.
    """
    for part in folder.glob(".*.tmp"):
        # Another process may have moved it meanwhile; in a folder that is only read it may stay
        with suppress(OSError):
            if time.time() - part.stat().st_mtime >= age:
                shutil.rmtree(part) if part.is_dir() else part.unlink()


def _part(path: Path) -> Path:
    # Not by mkstemp, whose files only the owner can read; two machines may share process ids
    return path.with_name(f".{token_hex(8)}.tmp")


def _is_stream(path: Path) -> bool:
    return path.exists() and not path.is_file() and not path.is_dir()
