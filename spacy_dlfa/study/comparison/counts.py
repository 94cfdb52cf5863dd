"""The counts by sentence of many runs on one test set."""

from collections.abc import Mapping, Sequence
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
_Ids = Mapping[str, NDArray[np.int64]]


def stack_counts(runs: Sequence[Run], corpus: str, checkpoint: Checkpoint = "best") -> Counts:
    """Put the counts of runs on one test set together.

    RETURNS (Dict[str, Ints2d]): (R, N) for each kind of count, R runs and N sentences.
    RAISES (ValueError): If the runs did not see the same sentences.
    """
    parts = [at_checkpoint(run, checkpoint) for run in runs]
    rows = [part["counts"][corpus] for part in parts]
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
    _check_texts(runs, [part["scores"][corpus].get("checksum") for part in parts], corpus)
    return {key: np.stack([counts[key] for counts in unpacked]) for key in unpacked[0]}


def sentences_of(runs: Sequence[Run]) -> dict[str, Sentences]:
    """Return the sentences of each test set of runs on the same ones.

    Runs without ids, of older versions, get those of the others.

    RAISES (ValueError): If a test set has more or fewer ids than sentences, or other ids in
        another run.
    """
    numbered = [run for run in runs if "ids" in run]
    counts = runs[0]["counts"]
    found = find_translations(
        numbered[0]["ids"] if numbered else None,
        {name: _num_sentences(counts[name]) for name in counts},
    )
    for run in numbered[1:]:
        _check_ids(numbered[0], run)
    return found


def _check_texts(runs: Sequence[Run], checksums: Sequence[str | None], corpus: str) -> None:
    said = [(run, checksum) for run, checksum in zip(runs, checksums, strict=True) if checksum]
    for run, checksum in said:
        if checksum != said[0][1]:
            raise ValueError(
                Errors.DL427.format(
                    corpus=corpus,
                    what="texts or gold annotations",
                    run=label(run),
                    other=label(said[0][0]),
                )
            )


def _check_ids(run: Run, other: Run) -> None:
    ours, theirs = ({k: unpack(v) for k, v in each["ids"].items()} for each in (run, other))
    # Of other lengths more is said elsewhere
    names = [name for name in ours if name in theirs and len(ours[name]) == len(theirs[name])]
    if not names or not _contradict(ours, theirs, names):
        return
    odd = next(n for n in range(1, len(names) + 1) if _contradict(ours, theirs, names[:n]))
    raise ValueError(
        Errors.DL427.format(corpus=names[odd - 1], what="ids", run=label(other), other=label(run))
    )


def _contradict(ours: _Ids, theirs: _Ids, names: Sequence[str]) -> bool:
    """Whether each of two runs takes sentences for translations that the other one tells apart.

    Versions differ in what they take for one, and without ids nothing is; a sentence that has other
    translations is another one.
    """
    pairs = np.stack([np.concatenate([ids[name] for name in names]) for ids in (ours, theirs)])
    most = max(len(np.unique(numbers)) for numbers in pairs)
    return np.unique(pairs, axis=1).shape[1] > most


def _num_sentences(packed: dict[str, str]) -> int:
    return len(next(iter(packed.values())).split())


def _gold(counts: Counts) -> NDArray[Any]:
    return counts["total"] if "total" in counts else counts["tp"] + counts["fn"]
