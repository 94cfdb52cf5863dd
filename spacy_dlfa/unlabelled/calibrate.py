"""Estimates beside scores: how far they agree, and which score an estimate lets expect."""

from collections.abc import Iterable, Mapping, Sequence
from statistics import mean

import numpy as np
from numpy.typing import NDArray

from spacy_dlfa.languages import MIN_LANGUAGES, have_in_common, is_foreign, language_of, script_of
from spacy_dlfa.unlabelled.estimate import BEST, ESTIMATES, Estimates, Variety

#: Of fewer languages with a score nothing is expected.
MIN_KNOWN = 3


def by_variety(scores: Mapping[str, float | None]) -> dict[Variety, float]:
    """Average scores over the foreign test sets of a language, in a script where they say it.

    scores (Mapping[str, Optional[float]]): By name of the test set.
    """
    found: dict[Variety, list[float]] = {}
    for corpus, score in scores.items():
        if score is not None and is_foreign(corpus):
            variety = Variety(language_of(corpus).name, script_of(corpus))
            found.setdefault(variety, []).append(score)
    return {variety: mean(values) for variety, values in found.items()}


def match(
    estimates: Mapping[Variety, Estimates], scores: Mapping[Variety, float], name: str
) -> dict[Variety, tuple[float, float]]:
    """Put the estimates of languages beside their scores.

    A score without a script goes with the estimates of the language in all scripts; one with a
    script with those in it, or with those that say none. Where a language has no estimates, those
    of a language that it covers, or that covers it, stand for it.

    name (str): Name of the estimate.
    RETURNS (Dict[Variety, Tuple[float, float]]): Estimate and score of each language with both.
    """
    found = {}
    for variety, score in scores.items():
        near = {k: v for k, v in estimates.items() if have_in_common(k.language, variety.language)}
        same = {k: v for k, v in near.items() if k.language == variety.language} or near
        if variety.script is not None:
            same = {k: v for k, v in same.items() if k.script == variety.script} or {
                k: v for k, v in same.items() if k.script is None
            }
        values = [value for row in same.values() if (value := row.get(name)) is not None]
        if values:
            found[variety] = (mean(values), score)
    return found


def correlate(
    estimates: Mapping[Variety, Estimates], scores: Mapping[Variety, float]
) -> tuple[dict[str, float | None], int]:
    """Return Spearman's correlation of each estimate with the score, and of how many languages.

    RETURNS (Tuple[Dict[str, Optional[float]], int]): By name of the estimate, of those that there
        are; None of one that is the same everywhere, or there in fewer than MIN_LANGUAGES.
    """
    pairs = {name: [*match(estimates, scores, name).values()] for name in ESTIMATES}
    values = {
        name: spearman(*zip(*each, strict=True)) if len(each) >= MIN_LANGUAGES else None
        for name, each in pairs.items()
        if each
    }
    return values, max(map(len, pairs.values()))


def spearman(first: Sequence[float], second: Sequence[float]) -> float | None:
    """Return the rank correlation, with mean ranks for ties; None if one side has no order."""
    a, b = _ranks(first), _ranks(second)
    spread = float(a.std() * b.std())
    return float(((a - a.mean()) * (b - b.mean())).mean()) / spread if spread else None


def expect(
    estimates: Mapping[Variety, Estimates],
    known: Mapping[Variety, Estimates],
    scores: Mapping[Variety, float],
) -> dict[Variety, float]:
    """Return the score that each language's estimate lets expect, by those with a known score.

    Scores are interpolated along a line that never falls (Ayer et al. 1955). A language's own
    score has no say in what is expected of it.

    estimates (Mapping[Variety, Estimates]): Of the languages that are asked for.
    known (Mapping[Variety, Estimates]): Of those whose scores are known, as far as they are.
    scores (Mapping[Variety, float]): Known scores.
    RETURNS (Dict[Variety, float]): Nothing for languages where fewer than MIN_KNOWN others have
        estimate and score.
    """
    found = {}
    for variety, row in estimates.items():
        for name in BEST:
            points = match({**known, **estimates}, scores, name)
            others = [
                pair
                for each, pair in points.items()
                if not have_in_common(each.language, variety.language)
            ]
            value = row.get(name)
            if len(others) >= MIN_KNOWN and value is not None:
                found[variety] = _interpolate(sorted(others), value)
                break
    return found


def _interpolate(points: Sequence[tuple[float, float]], value: float) -> float:
    # Equal estimates are one place
    known: dict[float, list[float]] = {}
    for place, score in points:
        known.setdefault(place, []).append(score)
    return float(np.interp(value, [*known], _never_falling(known.values())))


def _never_falling(groups: Iterable[list[float]]) -> list[float]:
    """Return the nearest values to groups of scores that never fall: neighbours that do are one."""
    blocks: list[tuple[list[float], int]] = []
    for scores in groups:
        blocks.append((scores, 1))
        while len(blocks) > 1 and mean(blocks[-2][0]) > mean(blocks[-1][0]):
            (a, n), (b, m) = blocks[-2:]
            blocks[-2:] = [(a + b, n + m)]
    return [mean(scores) for scores, number in blocks for _ in range(number)]


def _ranks(values: Sequence[float]) -> NDArray[np.float64]:
    array = np.asarray(values, dtype=float)
    _, inverse, counts = np.unique(array, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[inverse]
