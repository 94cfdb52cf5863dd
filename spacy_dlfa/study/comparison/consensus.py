"""How far systems agree with all others on unlabelled sentences of the target languages."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from spacy_dlfa.evaluation.record import Run
from spacy_dlfa.study.comparison.rules import Checkpoint
from spacy_dlfa.study.comparison.runs import System, at_checkpoint, by_system, foreign
from spacy_dlfa.study.errors import Errors

_Codes = NDArray[np.intp]


def consensus(runs: Sequence[Run], checkpoint: Checkpoint) -> dict[System, float]:
    """Return the mean agreement of each system with the plurality of all others.

    The votes of other models stand in for labels (Chen et al. 2021, arXiv 2106.15728). Each system
    has one vote, which its seeds share.

    RETURNS (Dict[System, float]): In per cent; empty if there is one system only.
    """
    place = _places(runs)
    if len(place) < 2:
        return {}
    found: dict[System, list[float]] = {system: [] for system in place}
    # In whole numbers, so that a tie is one.
    one_vote = math.lcm(*map(len, place.values()))
    for codes, outside in _predictions(runs, checkpoint):
        votes = {
            system: one_vote // len(rows) * _count_votes(codes[rows], codes.max())
            for system, rows in place.items()
        }
        total = np.sum(list(votes.values()), axis=0)
        for system, rows in place.items():
            others = (total - votes[system]).argmax(axis=0)
            found[system].append(float(np.mean([_agree(codes[i], others, outside) for i in rows])))
    return {system: 100 * float(np.mean(values)) for system, values in found.items()}


def _places(runs: Sequence[Run]) -> dict[System, list[int]]:
    index = {id(run): i for i, run in enumerate(runs)}
    return {system: [index[id(run)] for run in group] for system, group in by_system(runs).items()}


def _predictions(runs: Sequence[Run], checkpoint: Checkpoint) -> list[tuple[_Codes, int]]:
    """Return (R, T) codes of the labels and the code of "outside", -1 if none, by test set."""
    rows = [at_checkpoint(run, checkpoint)["predictions"] for run in runs]
    corpora = foreign(rows[0])
    letters = sorted(set("".join(row[corpus] for row in rows for corpus in corpora)))
    outside = -1
    if runs[0]["task"] == "ner":
        # Most words of any text are in no entity, and agreement on them says little.
        text = "".join(row[corpus] for row in rows for corpus in corpora)
        outside = letters.index(max(letters, key=text.count))
    code = {letter: i for i, letter in enumerate(letters)}
    found = []
    for corpus in corpora:
        lengths = {len(row[corpus]) for row in rows}
        if len(lengths) > 1:
            raise ValueError(Errors.DL401.format(corpus=corpus, lengths=sorted(lengths)))
        found.append((np.array([[code[c] for c in row[corpus]] for row in rows]), outside))
    return found


def _agree(first: _Codes, second: _Codes, outside: int) -> float:
    # F1 of one against the other; without an "outside" it is the share of equal labels.
    inside = np.count_nonzero(first != outside) + np.count_nonzero(second != outside)
    equal = np.count_nonzero((first == second) & (first != outside))
    return 2 * equal / inside if inside else 0.0


def _count_votes(codes: _Codes, last: int) -> NDArray[np.intp]:
    return (codes[:, None, :] == np.arange(last + 1)[:, None]).sum(axis=0)
