"""How alike the vectors of a sentence and of its translation are, before and after fusion."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy

from spacy_dlfa.languages import language_of
from spacy_dlfa.study.inside.look import Look, mean_cosine
from spacy_dlfa.study.probing.parallel import shared_rows
from spacy_dlfa.study.probing.retrieval import accuracy


class Likeness(NamedTuple):
    """English and another language, in the lower layer, in the last layer, and fused.

    cosines (List[float]): Mean cosine of a sentence and its translation.
    found (List[float]): How often the nearest sentence is the translation, in per cent, see
        `spacy_dlfa.study.probing.retrieval.accuracy`.
    """

    cosines: list[float]
    found: list[float]


def compare_translations(english: Look, foreign: Look) -> Likeness | None:
    """Compare the sentences of two test sets that have an id in common; None if fewer than two."""
    theirs, ours = shared_rows(foreign.docs, english.docs)
    if len(ours) < 2:
        return None
    layers = [
        (getattr(english, name)[ours], getattr(foreign, name)[theirs])
        for name in ("lower", "last", "fused")
    ]
    return Likeness(
        [mean_cosine(x, y) for x, y in layers],
        [accuracy(x, y) for x, y in layers],
    )


def mean_likeness(found: Mapping[str, Likeness]) -> Likeness:
    """Average over test sets."""
    cosines = numpy.mean([each.cosines for each in found.values()], axis=0)
    shares = numpy.mean([each.found for each in found.values()], axis=0)
    return Likeness(cosines.tolist(), shares.tolist())


def by_family(found: Mapping[str, Likeness]) -> dict[str, dict[str, Likeness]]:
    """Sort test sets by the families of their languages."""
    families: dict[str, dict[str, Likeness]] = {}
    for name, likeness in found.items():
        families.setdefault(language_of(name).family or "not known", {})[name] = likeness
    return dict(sorted(families.items()))
