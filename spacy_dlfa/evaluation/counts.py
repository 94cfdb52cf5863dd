"""Counts by sentence: what scores, intervals and paired tests are made of."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spacy_dlfa.evaluation.tasks import task_named


def pack(counts: Iterable[int]) -> str:
    """Write counts as one string, which keeps a JSON file short."""
    return " ".join(map(str, counts))


def unpack(text: str) -> NDArray[np.int64]:
    """Read what `pack` wrote.

    RETURNS (Ints1d): (N,), one count for each sentence.
    """
    return np.array(text.split(), dtype=np.int64)


def score(task: str, counts: Mapping[str, NDArray[Any]]) -> NDArray[np.float64]:
    """Compute a task's headline metric from counts.

    task (str): Name of the task.
    counts (Dict[str, Ints]): Arrays (..., N) by kind, N sentences or N = 1 sum of them: `tp`,
        `fp` and `fn` for `ner`, `correct` and `total` for the other tasks.
    RETURNS (Floats): (...), in per cent; nan where there is no gold annotation.
    """
    sums = {kind: np.asarray(values).sum(axis=-1, dtype=float) for kind, values in counts.items()}
    if task_named(task).metric == "f":
        right, support = 2 * sums["tp"], sums["tp"] + sums["fn"]
        total = right + sums["fp"] + sums["fn"]
    else:
        right, support = sums["correct"], sums["total"]
        total = support
    return np.divide(100 * right, total, out=np.full_like(total, np.nan), where=support > 0)
