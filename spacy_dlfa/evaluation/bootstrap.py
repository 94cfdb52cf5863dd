"""How far scores would move if other sentences had been drawn."""

from collections.abc import Mapping
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from spacy_dlfa.evaluation.counts import score
from spacy_dlfa.evaluation.sentences import Sentences

RESAMPLES = 1000
_CHUNK = 1_000_000  # weights at a time, some megabytes


def resample(
    task: str,
    counts: Mapping[str, NDArray[Any]],
    sentences: Sentences,
    *,
    resamples: int = RESAMPLES,
) -> NDArray[np.float64]:
    """Score runs on sentences drawn with replacement, the same ones for each run.

    A draw is of the sentences that any of the translations of a test set has, so that all of them
    get the same ones; a test set that lacks some goes without.

    task (str): Name of the task.
    counts (Dict[str, Ints2d]): (R, N) by kind, R runs and N sentences, see `score`.
    sentences (Sentences): The sentences of the test set.
    resamples (int): Number of resamples, B.
    RETURNS (Floats2d): (B, R), the headline metric in per cent, nan where undefined.
    """
    num_runs = len(next(iter(counts.values())))
    total = sentences.total
    rng = np.random.default_rng([0, crc32(sentences.key.encode("utf8"))])
    # Sums of counts stay below 2**24, where single precision is exact.
    columns = np.concatenate(list(counts.values())).T.astype(np.float32)
    scores = np.empty((resamples, num_runs))
    chunk = max(1, _CHUNK // total)
    for start in range(0, resamples, chunk):
        size = min(chunk, resamples - start)
        drawn = rng.integers(total, size=(size, total))
        drawn += total * np.arange(size)[:, None]
        weights = np.bincount(drawn.ravel(), minlength=size * total).reshape(size, total)
        sums = weights[:, sentences.numbers].astype(np.float32) @ columns
        by_kind = sums.astype(np.float64).reshape(size, len(counts), num_runs, 1)
        drawn_counts = {kind: by_kind[:, i] for i, kind in enumerate(counts)}
        scores[start : start + size] = score(task, drawn_counts)
    return scores


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
