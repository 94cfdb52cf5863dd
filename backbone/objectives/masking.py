"""Which word pieces are hidden, and what stands in their place (Devlin et al., NAACL 2019)."""

import hashlib
from typing import NamedTuple

import numpy as np

#: Of the pieces to predict, so many are hidden, and so many are random; the rest stay.
HIDDEN, RANDOM = 0.8, 0.1


class Vocabulary(NamedTuple):
    """What masking needs to know of the word pieces.

    size (int): How many there are.
    cls (int), sep (int), mask (int): Numbers of [CLS], [SEP] and [MASK].
    special (ndarray[bool]): Whether a piece is special, (size,); these are never predicted.
    continues (ndarray[bool]): Whether a piece goes on with a word, (size,).
    checksum (str): Of the pieces in their order.
    contents (str): Checksum of the pieces in any order.
    """

    size: int
    cls: int
    sep: int
    mask: int
    special: np.ndarray
    continues: np.ndarray
    checksum: str
    contents: str


def describe_vocabulary(pieces: list[str]) -> Vocabulary:
    """Return what masking needs to know.

    RAISES (ValueError): If a special piece is missing.
    """
    special = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
    missing = [piece for piece in special if piece not in pieces]
    if missing:
        raise ValueError(f"the vocabulary lacks {', '.join(missing)}; make it with `vocabulary`")
    return Vocabulary(
        len(pieces),
        pieces.index("[CLS]"),
        pieces.index("[SEP]"),
        pieces.index("[MASK]"),
        np.asarray([piece in special for piece in pieces]),
        np.asarray([piece.startswith("##") for piece in pieces]),
        _checksum(pieces),
        _checksum(sorted(pieces)),
    )


def _checksum(pieces: list[str]) -> str:
    return hashlib.sha256("\n".join(pieces).encode("utf8")).hexdigest()


def mask_windows(
    ids: np.ndarray,
    rates: np.ndarray,
    whole_words: np.ndarray,
    vocabulary: Vocabulary,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the windows with some pieces replaced, and which are to be predicted; both (B, T).

    ids (ndarray[int64]): Windows, (B, T).
    rates (ndarray[float64]): Share of pieces to predict in each window, (B,).
    whole_words (ndarray[bool]): Whether a window's words are chosen as a whole, (B,).
    """
    size, length = ids.shape
    words = np.cumsum(~vocabulary.continues[ids], axis=1)
    units = np.where(whole_words[:, None], words, np.arange(1, length + 1))
    draws = np.take_along_axis(rng.random((size, length + 1)), units, axis=1)
    chosen = (draws < rates[:, None]) & ~vocabulary.special[ids]
    how = rng.random((size, length))
    masked = np.where(chosen & (how < HIDDEN), vocabulary.mask, ids)
    ordinary = np.flatnonzero(~vocabulary.special)
    random = ordinary[rng.integers(len(ordinary), size=(size, length))]
    return np.where(chosen & (how >= 1 - RANDOM), random, masked), chosen
