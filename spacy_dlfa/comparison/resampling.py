"""Scores of many runs on the same resampled sentences."""

import numpy as np
from numpy.typing import NDArray

from spacy_dlfa.comparison.counts import Counts
from spacy_dlfa.evaluation.counts import score

_CHUNK = 1000  # keeps the weights of the longest test sets at some megabytes


def resample_scores(
    task: str, counts: Counts, resamples: int, seed: int = 0
) -> NDArray[np.float64]:
    """Score runs on sentences drawn with replacement, the same ones for each run.

    Test sets of one length get the same sentences too, which is due to translations of each other
    and changes nothing for others.

    task (str): The task, which says what counts mean.
    counts (Dict[str, Ints2d]): (R, N) for each kind of count, R runs and N sentences.
    resamples (int): Number of resamples, B.
    seed (int): Seed of the resampling.
    RETURNS (Floats2d): (B, R), the headline metric in per cent, nan where undefined.
    """
    num_runs, num_sentences = next(iter(counts.values())).shape
    rng = np.random.default_rng([seed, num_sentences])
    # Sums of counts stay below 2**24, where single precision is exact.
    columns = np.concatenate(list(counts.values())).T.astype(np.float32)
    scores = np.empty((resamples, num_runs))
    for start in range(0, resamples, _CHUNK):
        size = min(_CHUNK, resamples - start)
        drawn = rng.integers(num_sentences, size=(size, num_sentences))
        drawn += num_sentences * np.arange(size)[:, None]
        weights = np.bincount(drawn.ravel(), minlength=size * num_sentences)
        sums = weights.reshape(size, num_sentences).astype(np.float32) @ columns
        by_kind = sums.astype(np.float64).reshape(size, len(counts), num_runs, 1)
        chunk = {key: by_kind[:, i] for i, key in enumerate(counts)}
        scores[start : start + size] = score(task, chunk)
    return scores
