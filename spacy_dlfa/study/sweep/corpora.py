"""Corpora in memory: a run reads its data four times, and reading costs more than training does."""

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from weakref import WeakKeyDictionary

from spacy import registry
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example
from spacy.vocab import Vocab
from thinc.api import Config

from spacy_dlfa.docbin import read_docs

IN_MEMORY = "spacy_dlfa.InMemory.v1"

Reader = Callable[[Language], Iterable[Example]]
Augmenter = Callable[[Language, Example], Iterator[Example]]

_read: WeakKeyDictionary[Language, dict[str, list[Example]]] = WeakKeyDictionary()


def keep_in_memory(config: Config, *, augment_once: bool = False) -> None:
    """Make each corpus of a config one that is read once for each pipeline.

    augment_once (bool): Whether it is augmented then, and not each time that it is asked for, as
        its own reader does: with a frozen encoder a text that comes again is not encoded again.
    """
    for name, reader in config["corpora"].items():
        augmenter = None
        if not augment_once and isinstance(reader, dict) and "augmenter" in reader:
            augmenter, reader = reader["augmenter"], {**reader, "augmenter": None}
        config["corpora"][name] = {
            "@readers": IN_MEMORY,
            "name": name,
            "reader": reader,
            "augmenter": augmenter,
        }


# Configs with it are never saved, so that it needs no entry point.
@registry.readers(IN_MEMORY)
def in_memory(name: str, reader: Reader, augmenter: Augmenter | None = None) -> Reader:
    """Read a corpus once for each pipeline.

    name (str): Name of the corpus, among those of the pipeline.
    reader (Callable[[Language], Iterable[Example]]): Reads it.
    augmenter (Optional[Callable[[Language, Example], Iterator[Example]]]): Draws anew each time.
    """

    def read(nlp: Language) -> Iterable[Example]:
        corpora = _read.setdefault(nlp, {})
        if name not in corpora:
            corpora[name] = list(reader(nlp))
        if augmenter is None:
            return corpora[name]
        return (drawn for example in corpora[name] for drawn in augmenter(nlp, example))

    return read


@cache
def read_tests(paths: tuple[Path, ...]) -> dict[str, list[Doc]]:
    """Read test sets, which stay in memory for the next run.

    RETURNS (Dict[str, List[Doc]]): Gold documents by name of the test set.
    """
    return {path.stem: read_docs(path, Vocab()) for path in paths}
