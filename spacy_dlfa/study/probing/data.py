"""The data of the probes: the project's English training data and its foreign test sets."""

from pathlib import Path
from typing import NamedTuple

from tqdm import tqdm

from spacy_dlfa.corpora.convert import convert
from spacy_dlfa.languages import ENGLISH, language_of
from spacy_dlfa.study.errors import Errors
from spacy_dlfa.study.sweep.settings import checksum


class _Source(NamedTuple):
    folder: str
    train: str
    dev: str
    tests: str


#: By task; tags are tested on PUD alone, whose sentences are the same in all languages.
_SOURCES = {
    "tagger": _Source("pos", "en_ewt-train-1.conllu", "en_ewt-dev.conllu", "*_pud.conllu"),
    "ner": _Source("ner", "en_ewt-train.iob2", "en_ewt-dev.iob2", "*.iob2"),
    "textcat": _Source("textcat", "train.tsv", "dev.tsv", "*.tsv"),
}


class Corpora(NamedTuple):
    """The `.spacy` files of a task.

    train (Path): English training data.
    dev (Path): English development data.
    tests (Tuple[Path, ...]): Test sets, English among them.
    """

    train: Path
    dev: Path
    tests: tuple[Path, ...]


def prepare(data: Path, folder: Path) -> dict[str, Corpora]:
    """Convert the data of the three tasks, unless that was done before.

    data (Path): A folder like the project's `assets`, with `pos`, `ner` and `textcat`.
    folder (Path): Where the `.spacy` files go, by the checksums of their sources.
    RETURNS (Dict[str, Corpora]): By task.
    RAISES (ValueError): If a file is missing or can't be read, or no test set is English or
        none is foreign.
    """
    if not data.is_dir():
        raise ValueError(Errors.DL450.format(data=data, folder=Path.cwd()))
    found = {}
    for task, source in _SOURCES.items():
        tests = sorted((data / source.folder / "test").glob(source.tests))
        languages = {language_of(path.stem).name for path in tests}
        if ENGLISH not in languages or len(languages) < 2:
            raise ValueError(
                Errors.DL452.format(
                    path=data / source.folder / "test" / source.tests,
                    found=", ".join(path.name for path in tests) or "no file",
                )
            )
        target = folder / task
        bar = tqdm(tests, desc=f"Reading {data / source.folder}", unit="set", leave=False)
        found[task] = Corpora(
            _convert(data / source.folder / source.train, target),
            _convert(data / source.folder / source.dev, target),
            tuple(_convert(path, target / "test") for path in bar),
        )
    return found


def _convert(source: Path, folder: Path) -> Path:
    if not source.is_file():
        raise ValueError(Errors.DL451.format(source=source))
    # By what is in it: another folder of data has files of the same names, and they may be older
    target = folder / checksum([source]) / f"{source.stem}.spacy"
    if not target.exists():
        convert(source, target.parent)
    return target
