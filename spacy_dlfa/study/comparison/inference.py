"""Interval and p-value of a paired difference over seeds and sentences, and Holm's correction."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats


class Estimate(NamedTuple):
    """A mean difference over seeds, with what seeds and sentences leave open.

    difference (float): In points.
    low (float): Lower end of the 95 % interval.
    high (float): Upper end.
    p (float): Two-sided; below 0.05 where the interval leaves zero out.
    """

    difference: float
    low: float
    high: float
    p: float


def estimate(differences: NDArray[np.float64], draws: NDArray[np.float64]) -> Estimate:
    """Infer a mean difference from its values by seed, and on resampled sentences.

    Sentences are resampled (Koehn 2004). Seeds are too few for that: with three, resampling them
    too rejects a true null up to a quarter of the time, sign flips never reach p < 0.25, and a
    permutation of sentences says nothing of other seeds. So their spread enters by Student's t,
    as in a paired t-test, and the two sources add up (Behrens 1929; Fisher 1935).

    differences (Floats1d): (S,), one for each seed; with a single one, sentences only.
    draws (Floats2d): (B, S), the same on B resamples of the sentences; rows with nan are left out.
    RETURNS (Estimate): Difference, interval and p-value.
    """
    draws = draws[~np.isnan(draws).any(axis=1)]
    difference = float(differences.mean())
    means = draws.mean(axis=1)
    seeds, resamples = len(differences), len(means)
    if seeds > 1 and resamples:
        error = differences.std(ddof=1) / seeds**0.5
        shared = _shared_part(draws, means)
        means = difference + shared * (means - difference) + error * _student(seeds, resamples)
    low, high = np.quantile(means, [0.025, 0.975]) if resamples else (np.nan, np.nan)
    tail = min(np.count_nonzero(means <= 0), np.count_nonzero(means >= 0))
    p = min(1.0, 2 * (tail + 1) / (resamples + 1))
    return Estimate(difference, float(low), float(high), p)


def holm(p_values: Sequence[float]) -> list[float]:
    """Correct p-values for their number (Holm 1979), which keeps the family-wise error rate."""
    p = np.asarray(p_values, dtype=float)
    ranked = np.argsort(p, kind="stable")
    corrected = np.empty_like(p)
    corrected[ranked] = np.maximum.accumulate(p[ranked] * np.arange(len(p), 0, -1)).clip(max=1)
    return corrected.tolist()


def _shared_part(draws: NDArray[np.float64], means: NDArray[np.float64]) -> float:
    # What sentences do to single seeds is in the seeds' spread already and must not count twice.
    total = means.var()
    own = (draws.var(axis=0).mean() - total) / (draws.shape[1] - 1)
    return float(np.sqrt(max(0.0, total - own) / total)) if total > 0 else 0.0


@lru_cache(maxsize=64)
def _student(seeds: int, size: int) -> NDArray[np.float64]:
    # Its quantiles in random order: a sample without the noise of the far tails.
    quantiles = stats.t.ppf((np.arange(size) + 0.5) / size, seeds - 1)
    return np.random.default_rng(0).permutation(quantiles)
