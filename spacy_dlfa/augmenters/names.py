"""Names of persons and places by country and language, as `assets/names/` has them."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from spacy_dlfa.errors import CorpusError

PERSONS, PLACES = "persons.tsv", "places.tsv"
_KINDS = ("forename", "surname")
_COLUMNS = {PERSONS: ["country", "script", "kind", "name"], PLACES: ["language", "name"]}


class Names(NamedTuple):
    """Names to draw from.

    persons (Dict[str, Dict[str, Dict[str, List[str]]]]): By country, by script, by kind: `forename`
        and `surname`. One of the two may be missing.
    places (Dict[int, Dict[str, List[str]]]): By their number of words, by language.
    """

    persons: dict[str, dict[str, dict[str, list[str]]]]
    places: dict[int, dict[str, list[str]]]


def read_names(folder: Path) -> Names:
    """Read `persons.tsv` and `places.tsv`, each a header and then tab-separated rows.

    folder (Path): The folder of the two.
    RAISES (ValueError): If there is no such file, it is empty or a line can't be read.
    """
    names = Names({}, {})
    for number, (country, script, kind, name) in _rows(folder / PERSONS):
        if kind not in _KINDS:
            found = f"kind {kind!r}"
            raise CorpusError(folder / PERSONS, number, found, f"one of {', '.join(_KINDS)}")
        scripts = names.persons.setdefault(country, {})
        scripts.setdefault(script, {}).setdefault(kind, []).append(name)
    for _, (language, name) in _rows(folder / PLACES):
        languages = names.places.setdefault(len(name.split()), {})
        languages.setdefault(language, []).append(name)
    return names


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    columns = _COLUMNS[path.name]
    if not path.is_file():
        raise ValueError(f"{path}: there is no such file; expected names in {', '.join(columns)}")
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as err:
        raise ValueError(f"{path}: found a byte that isn't UTF-8; save the file as UTF-8") from err
    if not lines or lines[0].split("\t") != columns or len(lines) < 2:
        expected = f"the header {' '.join(columns)}, set apart by tabs, and rows below it"
        raise CorpusError(path, 1, repr(lines[0] if lines else ""), expected)
    for number, line in enumerate(lines[1:], 2):
        row = line.split("\t")
        if len(row) != len(columns) or not all(map(str.strip, row)):
            found = f"{len(row)} column(s), {line!r}"
            raise CorpusError(path, number, found, f"{len(columns)}, none of them empty")
        yield number, row
