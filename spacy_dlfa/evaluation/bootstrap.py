"""How far scores would move if other sentences had been drawn."""

from collections.abc import Mapping
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from spacy_dlfa.evaluation.counts import score

RESAMPLES = 1000


def resample(
    task: str, counts: Mapping[str, NDArray[Any]], key: str, *, resamples: int = RESAMPLES
) -> NDArray[np.float64]:
    """Score a test set on sentences drawn with replacement.

    task (str): Name of the task.
    counts (Dict[str, Ints1d]): (N,) by kind, see `score`.
    key (str): Says what is drawn, with seed 0: test sets with the same key and length get the
        same sentences, which is due to translations of each other.
    RETURNS (Floats1d): (resamples,), the headline metric in per cent, nan where undefined.
    """
    columns = np.stack(list(counts.values()), axis=-1).astype(float)
    num_sentences = len(columns)
    rng = np.random.default_rng([0, crc32(key.encode("utf8"))])
    sums = np.empty((len(counts), resamples, 1))
    for i in range(resamples):
        drawn = rng.integers(num_sentences, size=num_sentences)
        sums[:, i, 0] = np.bincount(drawn, minlength=num_sentences) @ columns
    return score(task, dict(zip(counts, sums, strict=True)))


def interval(resampled: NDArray[np.float64]) -> list[float] | None:
    """Return the 95 % percentile interval, or None if no resample has a score."""
    defined = resampled[~np.isnan(resampled)]
    return np.percentile(defined, [2.5, 97.5]).tolist() if len(defined) else None


def mean_of_resamples(resampled: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Average over test sets, resample by resample, where a test set has a score."""
    scores = np.stack(resampled)
    defined = ~np.isnan(scores)
    total = np.where(defined, scores, 0.0).sum(axis=0)
    number = defined.sum(axis=0)
    return np.divide(total, number, out=np.full_like(total, np.nan), where=number > 0)
