"""The output folder: one file for each piece that is done, and what says how they were made."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import srsly

from spacy_dlfa.apply.settings import Format
from spacy_dlfa.atomic import check_writable, hold, remove_parts, write_bytes, write_json
from spacy_dlfa.errors import Errors

#: How the files were made. Not seen by those who read the folder as a table, for its dot.
MEMO = ".apply.json"
_NAME = re.compile(r"(\d{5,})-(\d{6,})-([0-9a-f]{16})-(\d+)-(\d+)\.(?:jsonl|parquet)")
# By which names are in the order of the input; folders that were begun before have fewer
_DIGITS, _FORMER_DIGITS = 7, 5


class Written(NamedTuple):
    """An output file, by its name: what is written at once with it can't contradict it.

    path (Path): The file.
    key (str): What it was made of.
    rows (int): Its rows.
    errors (int): Those of them that hold an error.
    """

    path: Path
    key: str
    rows: int
    errors: int


class Folder:
    """The output files by their pieces' places.

    path (Path): The folder.
    fingerprint (Mapping[str, Any]): How the files are to be made.
    force (bool): Whether files that were made otherwise are removed, instead of an error.
    RAISES (ValueError): If they were made otherwise, or are not ours.
    """

    def __init__(self, path: Path, fingerprint: Mapping[str, Any], *, force: bool) -> None:
        self.path = path
        self.force = force
        self._fingerprint = fingerprint
        self._written: dict[tuple[int, int], list[Written]] = {}
        self._outdated: list[Path] = []
        self._digits = _DIGITS
        remove_parts(path)
        before = _read(path / MEMO)
        others = [each.name for each in _visible(path) if not _NAME.fullmatch(each.name)]
        if others or (before is None and any(_visible(path))):
            name = others[0] if others else next(_visible(path)).name
            raise ValueError(Errors.DL201.format(path=path, name=name, memo=MEMO))
        changed = [] if before is None else list(_differences(before, fingerprint))
        if changed and not force:
            raise ValueError(Errors.DL202.format(path=path, changed="; ".join(changed)))
        same = set() if before is None else _same_files(before, fingerprint)
        for file in _visible(path):
            found = _NAME.fullmatch(file.name)
            assert found
            number, piece, key, rows, errors = found.groups()
            if int(number) not in same:
                self._outdated.append(file)
                continue
            if len(number) < _DIGITS:
                self._digits = _FORMER_DIGITS
            written = Written(file, key, int(rows), int(errors))
            self._written.setdefault((int(number), int(piece)), []).append(written)
        if not self._outdated:
            write_json(path / MEMO, fingerprint)

    def find(self, place: tuple[int, int], key: str, file: str) -> Written | None:
        """Return the output of a piece, if it is done; a file at its place that isn't is removed.

        place (Tuple[int, int]): Number of the file, and of the piece in it.
        key (str): What it is made of.
        file (str): The input's name.
        RAISES (ValueError): If the input was another one when it was done.
        """
        found = None
        for written in self._written.pop(place, ()):
            if written.key == key:
                found = written
                continue
            self._remove(written, file)
        return found

    def write(
        self, place: tuple[int, int], key: str, rows: int, errors: int, data: bytes, format: Format
    ) -> None:
        """Write the output of a piece, whole or not at all; what is outdated is removed before.

        RAISES (OSError): If it can't be written.
        """
        self._renew()
        number = f"{place[0]:0{self._digits}}"
        name = f"{number}-{place[1]:06}-{key}-{rows}-{errors}.{format}"
        write_bytes(self.path / name, data)

    def finish(self, unread: Collection[int]) -> None:
        """Remove what is left of pieces that there are no more.

        unread (Collection[int]): Numbers of input files that could not be read to their end.
        RAISES (ValueError): If there is some, and it may not be removed.
        """
        if not unread:  # else there may be nothing new
            self._renew()
        for place, each in self._written.items():
            if place[0] not in unread:
                for written in each:
                    self._remove(written, "The input")

    def _renew(self) -> None:
        """Remove what was made otherwise: not before there is something new, but then at once.

        So a run that is stopped leaves no rows of two kinds, and one that fails loses none.
        """
        if self._outdated:
            for path in self._outdated:
                path.unlink()
            write_json(self.path / MEMO, self._fingerprint)
            self._outdated = []

    def _remove(self, written: Written, file: str) -> None:
        if not self.force:
            raise ValueError(Errors.DL203.format(file=file, source=written.path.name))
        written.path.unlink()


@contextmanager
def open_folder(
    path: Path, fingerprint: Mapping[str, Any], inputs: Sequence[Path], *, force: bool
) -> Iterator[Folder]:
    """Make the folder if there is none, and hold it against other runs.

    fingerprint (Mapping[str, Any]): Of the settings.
    inputs (Sequence[Path]): The input files.
    force (bool): Whether files that were made otherwise are removed, instead of an error.
    RAISES (OSError): If nothing can be written there.
    RAISES (ValueError): If its files were made otherwise, are not ours, or another run is at work.
    """
    check_writable(path / MEMO)
    sizes = {str(file): file.stat().st_size for file in inputs}
    with hold(path):
        yield Folder(path, {**fingerprint, "input": sizes}, force=force)


def _visible(path: Path) -> Iterator[Path]:
    return (each for each in sorted(path.iterdir()) if not each.name.startswith("."))


def _read(memo: Path) -> dict[str, Any] | None:
    try:
        found = srsly.read_json(memo) if memo.exists() else None
    except ValueError as err:
        raise ValueError(Errors.DL205.format(path=memo, error=err)) from err
    if found is not None and not (
        isinstance(found, dict) and isinstance(found.get("input", {}), dict)
    ):
        raise ValueError(Errors.DL205.format(path=memo, error=f"but {found!r:.100}"))
    return found


def _same_files(before: Mapping[str, Any], now: Mapping[str, Any]) -> set[int]:
    """Return the numbers of input files whose pieces may still be right."""
    names = before.keys() | now.keys()
    if any(before.get(name) != now.get(name) for name in names - {"input"}):
        return set()
    pairs = zip(before.get("input", ()), now["input"], strict=False)
    return {number for number, (old, new) in enumerate(pairs) if old == new}


def _differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    for name in dict.fromkeys([*before, *now]):
        old, new = before.get(name), now.get(name)
        if isinstance(old, dict) and isinstance(new, dict):  # the input's files and their sizes
            if old == new and list(old.items()) != list(new.items()):
                yield f"{name} was in another order"
            # Files are numbered, so others at the end change nothing of what was made.
            more_at_end = list(new)[: len(old)] == list(old)
            yield from _differences(old, {key: new[key] for key in old} if more_at_end else new)
        elif old == new:
            continue
        elif old is None or new is None:
            yield f"{name} is {'gone' if new is None else 'new'}"
        else:
            yield f"{name} was {old} and is {new}"
