"""Sentences that test sets in several languages have in common, by their ids."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from spacy.tokens import Doc
from spacy.vocab import Vocab

from spacy_dlfa.docbin import read_docs
from spacy_dlfa.evaluation.sentences import ids_of
from spacy_dlfa.languages import ENGLISH, language_of
from spacy_dlfa.study.errors import Errors
from spacy_dlfa.study.probing.data import Corpora

#: Titles of the parallel collections, by the task whose test sets they are.
COLLECTIONS = {"tagger": "PUD", "textcat": "SIB-200"}


class Parallel(NamedTuple):
    """The sentences of one foreign test set, in the order of the English ones.

    name (str): Name of the test set.
    rows (List[int]): Which of the English sentences have a translation, (N,).
    docs (List[Doc]): The translations, (N,).
    """

    name: str
    rows: list[int]
    docs: list[Doc]


def collections(data: dict[str, Corpora]) -> dict[str, tuple[Path, ...]]:
    """Return the files of each parallel collection, by its title."""
    return {title: data[task].tests for task, title in COLLECTIONS.items()}


def read_english(paths: Sequence[Path]) -> list[Doc]:
    """Read the English test set of a collection."""
    return read_docs(next(path for path in paths if _is_english(path)), Vocab())


def read_parallel(paths: Sequence[Path], english: Sequence[Doc]) -> Iterator[Parallel]:
    """Read the foreign test sets of a collection one after the other.

    RAISES (ValueError): If one shares fewer than two ids with the English test set.
    """
    for path in paths:
        if _is_english(path):
            continue
        docs = read_docs(path, Vocab())
        rows, places = shared_rows(english, docs)
        if len(rows) < 2:
            raise ValueError(Errors.DL460.format(path=path, num_rows=len(rows)))
        yield Parallel(path.stem, rows, [docs[place] for place in places])


def row_by_id(docs: Sequence[Doc]) -> dict[Any, int]:
    """Return the places of sentences by their ids, by which translations are found.

    Of versions of a sentence the last one counts.

    docs (Sequence[Doc]): A whole test set; of a part, `find_restart` has seen the whole.
    RETURNS (Dict[Any, int]): Without those that have no id; empty if `find_restart` finds one.
    """
    return {id: row for row, id in enumerate(ids_of(docs)) if id is not None}


def shared_rows(docs: Sequence[Doc], others: Sequence[Doc]) -> tuple[list[int], list[int]]:
    """Return the places of sentences and of their translations, in the order of the first.

    docs (Sequence[Doc]): The sentences, whose versions all count.
    others (Sequence[Doc]): Another test set, see `row_by_id`.
    RETURNS (Tuple[List[int], List[int]]): Both (N,), for the N sentences with an id in common.
    """
    places = row_by_id(others)
    rows = {row: places[id] for row, id in enumerate(ids_of(docs)) if id in places}
    return [*rows], [*rows.values()]


def _is_english(path: Path) -> bool:
    return language_of(path.stem).name == ENGLISH
