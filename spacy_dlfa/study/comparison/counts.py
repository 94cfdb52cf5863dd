"""The counts by sentence of many runs on one test set."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spacy_dlfa.evaluation.counts import unpack
from spacy_dlfa.evaluation.record import Run
from spacy_dlfa.evaluation.sentences import Sentences, find_translations
from spacy_dlfa.study.comparison.rules import Checkpoint
from spacy_dlfa.study.comparison.runs import at_checkpoint, label
from spacy_dlfa.study.errors import Errors

Counts = dict[str, NDArray[Any]]


def stack_counts(runs: Sequence[Run], corpus: str, checkpoint: Checkpoint = "best") -> Counts:
    """Put the counts of runs on one test set together.

    RETURNS (Dict[str, Ints2d]): (R, N) for each kind of count, R runs and N sentences.
    RAISES (ValueError): If the runs did not see the same sentences.
    """
    rows = [at_checkpoint(run, checkpoint)["counts"][corpus] for run in runs]
    unpacked = [{key: unpack(row[key]) for key in row} for row in rows]
    for run, counts in zip(runs, unpacked, strict=True):
        found, expected = _gold(counts), _gold(unpacked[0])
        if len(found) != len(expected):
            raise ValueError(
                Errors.DL402.format(
                    corpus=corpus,
                    num_found=len(found),
                    run=label(run),
                    num_expected=len(expected),
                    other=label(runs[0]),
                )
            )
        if odd := np.flatnonzero(found != expected).tolist():
            raise ValueError(
                Errors.DL403.format(
                    corpus=corpus,
                    number=odd[0] + 1,
                    num_found=found[odd[0]],
                    run=label(run),
                    num_expected=expected[odd[0]],
                    other=label(runs[0]),
                )
            )
    return {key: np.stack([counts[key] for counts in unpacked]) for key in unpacked[0]}


def sentences_of(runs: Sequence[Run]) -> dict[str, Sentences]:
    """Return the sentences of each test set of runs on the same ones.

    Runs without ids, of older versions, get those of the others.

    RAISES (ValueError): If a test set has more or fewer ids than sentences.
    """
    ids = next((run["ids"] for run in runs if "ids" in run), None)
    counts = runs[0]["counts"]
    return find_translations(ids, {name: _num_sentences(counts[name]) for name in counts})


def _num_sentences(packed: dict[str, str]) -> int:
    return len(next(iter(packed.values())).split())


def _gold(counts: Counts) -> NDArray[Any]:
    return counts["total"] if "total" in counts else counts["tp"] + counts["fn"]
