"""Names of persons and places by country and language, as `assets/names/` has them."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from spacy_dlfa.errors import CorpusError, Errors

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
            raise CorpusError(
                Errors.DL076.at(folder / PERSONS, number, kind=kind, known=", ".join(_KINDS))
            )
        scripts = names.persons.setdefault(country, {})
        scripts.setdefault(script, {}).setdefault(kind, []).append(name)
    for _, (language, name) in _rows(folder / PLACES):
        languages = names.places.setdefault(len(name.split()), {})
        languages.setdefault(language, []).append(name)
    return names


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    columns = _COLUMNS[path.name]
    if not path.is_file():
        raise ValueError(Errors.DL073.format(path=path, columns=", ".join(columns)))
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as err:
        raise ValueError(Errors.DL074.format(path=path)) from err
    if not lines or lines[0].split("\t") != columns or len(lines) < 2:
        raise CorpusError(
            Errors.DL075.at(path, 1, line=lines[0] if lines else "", columns=" ".join(columns))
        )
    for number, line in enumerate(lines[1:], 2):
        row = line.split("\t")
        if len(row) != len(columns) or not all(map(str.strip, row)):
            raise CorpusError(
                Errors.DL077.at(
                    path, number, num_found=len(row), line=line, num_columns=len(columns)
                )
            )
        yield number, row
