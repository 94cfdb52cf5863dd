"""Unlabelled sentences on disk, by language."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from spacy_dlfa.apply.inputs import READ_ERRORS, find_inputs, kind_of, read_rows, stem_of
from spacy_dlfa.apply.records import Record, parse, whole
from spacy_dlfa.apply.settings import Fields
from spacy_dlfa.corpora.lines import LONGEST
from spacy_dlfa.errors import Errors, place_first
from spacy_dlfa.languages import code_of, language_by
from spacy_dlfa.messages import sentence

ENGLISH_CODE = "en"


class Sentence(NamedTuple):
    """A sentence.

    place (str): Its file's name and row, `deu_Latn.txt.xz:12`; bytes that are no UTF-8 are "?".
    text (str): Its text, in which all white space is single spaces.
    """

    place: str
    text: str


def find_texts(given: Sequence[str], output: Path | None = None) -> dict[str, list[Path]]:
    """List the files in files, folders and patterns, by the language that their names begin with.

    given (Sequence[str]): Names such as `de.txt`, `deu_Latn.txt.xz`; see `apply.inputs.KINDS`.
    output (Optional[Path]): A folder whose files are no input.
    RETURNS (Dict[str, List[Path]]): By code, one for each language, sorted. Languages that are not
        known here have the code of their files.
    RAISES (ValueError): If there is none, or a file of another kind or without a code.
    """
    found: dict[str, list[Path]] = {}
    for path in find_inputs(given, output):
        found.setdefault(_code_of(path), []).append(path)
    return dict(sorted(found.items()))


def keep_languages(texts: dict[str, list[Path]], wanted: Sequence[str]) -> dict[str, list[Path]]:
    """Return the texts of some languages.

    texts (Dict[str, List[Path]]): What `find_texts` returns.
    wanted (Sequence[str]): Codes, as names of files begin with.
    RETURNS (Dict[str, List[Path]]): Those of `texts` that are wanted.
    RAISES (ValueError): If a language has no texts.
    """
    codes = {_main_code(code): code for code in wanted}
    if missing := [given for code, given in codes.items() if code not in texts]:
        raise ValueError(
            Errors.DL512.format(missing=", ".join(missing), found=", ".join(texts) or "none")
        )
    return {code: paths for code, paths in texts.items() if code in codes}


def read_texts(paths: Iterable[Path]) -> Iterator[Sentence]:
    """Read the rows of files as sentences; blank ones are left out.

    RAISES (ValueError): If a row or a file can't be read; names the file and the row.
    """
    for path in paths:
        kind = kind_of(path)
        assert kind is not None
        try:
            for raw in read_rows(path, Fields()):
                record = parse(str(path), raw.row, raw.content, kind, Fields())
                if record.error is not None:
                    raise ValueError(
                        Errors.DL511.format(path=path, row=raw.row, found=record.error)
                    )
                if text := " ".join(_text_of(record).split()):
                    if found := _problem(text):
                        raise ValueError(Errors.DL511.format(path=path, row=raw.row, found=found))
                    yield Sentence(f"{whole(path.name)}:{raw.row}", text)
        except READ_ERRORS as err:
            raise ValueError(place_first(path, sentence(err))) from err


def _text_of(record: Record) -> str:
    if record.words is None:
        return record.text or ""
    spaces = record.spaces or []
    return "".join(
        f"{word} " if space else word for word, space in zip(record.words, spaces, strict=True)
    )


def _problem(text: str) -> str | None:
    """Say why spaCy takes no such text, if so."""
    if len(text) > LONGEST:
        return f"found {len(text):,} characters; expected {LONGEST:,} at most"
    if text != whole(text):
        return "found half a character of UTF-16; expected whole ones"
    return None


def _code_of(path: Path) -> str:
    stem = stem_of(path)
    code = code_of(stem, alone=True)
    if code is None:
        example = f"de_{stem.partition('.')[0]}.txt"
        raise ValueError(Errors.DL510.format(path=path, example=example))
    return _main_code(code)


def _main_code(code: str) -> str:
    """Return the code that stands for a language by one of its codes."""
    return language_by(code).codes.split()[0]
