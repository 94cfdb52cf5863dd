"""Which test sets hold translations of the same sentences, to be resampled together."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from spacy.tokens import Doc

from spacy_dlfa.errors import Errors
from spacy_dlfa.evaluation.counts import pack, unpack
from spacy_dlfa.languages import kind_of

#: Different texts with one id that are versions of a sentence; xSID's Norwegian has five of one
MOST_VERSIONS = 10


class Sentences(NamedTuple):
    """The sentences of a test set among those of its translations.

    key (str): Names what is drawn from; translations have the same one.
    numbers (Ints1d): (N,), the number of each sentence there.
    total (int): Sentences that are drawn from; versions of one within a test set are one.
    """

    key: str
    numbers: NDArray[np.intp]
    total: int


def ids_of(docs: Sequence[Doc]) -> list[Any]:
    """Return the ids of sentences, which are drawn together where they have the same.

    RETURNS (List[Any]): None of a sentence without an id, and of all if `find_restart` finds one.
    """
    if find_restart(docs):
        return [None] * len(docs)
    return [doc.user_data.get("id") for doc in docs]


def find_restart(docs: Iterable[Doc]) -> tuple[str, int] | None:
    """Find an id of too many texts to be versions of one sentence.

    So they are where the sentences of each document are counted from 1.

    RETURNS (Optional[Tuple[str, int]]): The id with the most different texts, and their number.
    """
    texts: dict[str, set[str]] = {}
    for doc in docs:
        id = doc.user_data.get("id")
        if id is not None:
            texts.setdefault(str(id), set()).add(doc.text)
    numbers = {id: len(own) for id, own in texts.items()}
    most = max(numbers, key=numbers.__getitem__, default="")
    return (most, numbers[most]) if numbers and numbers[most] > MOST_VERSIONS else None


def number_sentences(ids: Mapping[str, Sequence[Any]]) -> dict[str, str]:
    """Give the sentences of test sets numbers; those of one kind and with one id have the same.

    So have versions of a sentence within a test set: they are drawn together. A sentence without an
    id goes with no other.

    ids (Mapping[str, Sequence[Any]]): By name of the test set, such as `de_pud` of the kind `pud`;
        None of a sentence without an id.
    RETURNS (Dict[str, str]): The numbers of each test set, packed like its counts.
    """
    known: dict[tuple[str, Any], int] = {}
    packed = {}
    for name, own in ids.items():
        kind = kind_of(name)
        numbers = []
        for place, id in enumerate(own):
            sentence = (name, place) if id is None else (kind, str(id))
            numbers.append(known.setdefault(sentence, len(known)))
        packed[name] = pack(numbers)
    return packed


def find_translations(
    ids: Mapping[str, str] | None, lengths: Mapping[str, int]
) -> dict[str, Sentences]:
    """Put together the test sets that share a sentence, directly or by way of others.

    ids (Optional[Mapping[str, str]]): What `number_sentences` returns; None of runs that lack it.
        There, test sets of one kind and length are taken for translations.
    lengths (Mapping[str, int]): Sentences of each test set.
    RETURNS (Dict[str, Sentences]): By name of the test set.
    RAISES (ValueError): If a test set has more or fewer ids than sentences.
    """
    if ids is None:
        places = {name: np.arange(length) for name, length in lengths.items()}
        return {n: Sentences(f"{kind_of(n)} {len(p)}", p, len(p)) for n, p in places.items()}
    numbers = {name: unpack(ids.get(name, "")) for name in lengths}
    for name, length in lengths.items():
        if len(numbers[name]) != length:
            raise ValueError(
                Errors.DL313.format(name=name, num_found=len(numbers[name]), length=length)
            )
    found = {}
    for names in _sharing(numbers):
        every = np.unique(np.concatenate([numbers[name] for name in names]))
        for name in names:
            places = np.searchsorted(every, numbers[name])
            found[name] = Sentences(names[0], places, len(every))
    return found


def _sharing(numbers: Mapping[str, NDArray[np.int64]]) -> Iterable[list[str]]:
    groups: list[tuple[list[str], set[int]]] = []
    for name in sorted(numbers):
        names, sentences = [name], set(numbers[name].tolist())
        others = []
        for group in groups:
            if sentences.isdisjoint(group[1]):
                others.append(group)
            else:
                names, sentences = group[0] + names, sentences | group[1]
        groups = [*others, (names, sentences)]
    return [sorted(names) for names, _ in groups]
