"""The batch of a step, which depends on nothing but the step's number and the settings."""

from typing import NamedTuple

import numpy as np
import torch
from torch.utils.data import Dataset

from backbone.objectives.masking import Vocabulary, describe_vocabulary, mask_windows
from backbone.objectives.windows import (
    get_second_half,
    make_translation_window,
    make_twins,
    make_window,
)
from backbone.packed import Packed
from backbone.sampling import Translations, make_switched_wheel, make_text_wheel
from backbone.settings import Settings

#: How often words are chosen as a whole, in windows with a translation and in others.
_WHOLE_WORDS_TLM, _WHOLE_WORDS = 0.75, 0.5
#: How often the second half of a window with a translation is segment 1, which fine-tuning on
#: pairs of sentences needs.
_SECOND_SEGMENT = 0.25


class Batch(NamedTuple):
    """Windows, (B, T), in this order: twins, windows with a translation, others.

    ids (Tensor[int64]): Word pieces, some of them hidden.
    positions (Tensor[int64]): They start again at a translation.
    segments (Tensor[int64]): 0 or 1.
    places (Tensor[int64]): Where pieces are to be predicted, in the flat array (B * T,); (M,).
    gold (Tensor[int64]): Those pieces, (M,).
    twins (int): Pairs of windows; windows 2 i and 2 i + 1 translate each other.
    tlm (int): Windows with a translation.
    """

    ids: torch.Tensor
    positions: torch.Tensor
    segments: torch.Tensor
    places: torch.Tensor
    gold: torch.Tensor
    twins: int
    tlm: int


class Batches(Dataset):
    """Batches by the number of their step: a run that goes on later gets the same ones.

    RAISES (ValueError): If the corpus lacks a text that the settings ask for.
    """

    def __init__(self, packed: Packed, settings: Settings):
        self.settings = settings
        self.vocabulary: Vocabulary = describe_vocabulary(packed.vocabulary)
        share = settings.objectives
        self.texts = make_text_wheel(packed, settings.sampling)
        self.switched = make_switched_wheel(packed) if share.switched else None
        aligned = share.tlm or share.twins
        self.translations = Translations(packed, settings.sampling) if aligned else None

    def __getitem__(self, step: int) -> Batch:
        training, objectives = self.settings.training, self.settings.objectives
        rng = np.random.default_rng([training.seed, step])
        lengths, shares = zip(*training.windows, strict=True)
        length = int(rng.choice(lengths, p=np.asarray(shares) / sum(shares)))
        size = max(2, training.pieces_per_step // length)
        tlm = _round(objectives.tlm * size, rng)
        twins = min(_round(objectives.twins * size / 2, rng), (size - tlm) // 2)
        windows: list[np.ndarray] = []
        if self.translations is not None:
            for _ in range(twins):
                windows += make_twins(rng, self.translations, length, self.vocabulary)
            for _ in range(tlm):
                window = make_translation_window(rng, self.translations, length, self.vocabulary)
                windows.append(window)
        while len(windows) < size:
            switched = self.switched is not None and rng.random() < objectives.switched
            wheel = self.switched if switched and self.switched is not None else self.texts
            windows.append(make_window(rng, wheel.draw(rng), length, self.vocabulary))
        ids = np.stack(windows)
        with_translation = np.zeros(size, bool)
        with_translation[2 * twins : 2 * twins + tlm] = True
        positions = np.tile(np.arange(length), (size, 1))
        second = get_second_half(length)
        positions[with_translation, second:] -= second
        segments = np.zeros_like(positions)
        marked = with_translation & (rng.random(size) < _SECOND_SEGMENT)
        segments[marked, second:] = 1
        rates = np.where(with_translation, objectives.mask_tlm, objectives.mask_mlm)
        whole = rng.random(size) < np.where(with_translation, _WHOLE_WORDS_TLM, _WHOLE_WORDS)
        inputs, chosen = mask_windows(ids, rates, whole, self.vocabulary, rng)
        places = np.flatnonzero(chosen)
        return Batch(
            torch.from_numpy(inputs),
            torch.from_numpy(positions),
            torch.from_numpy(segments),
            torch.from_numpy(places),
            torch.from_numpy(ids.reshape(-1)[places]),
            twins,
            tlm,
        )


def _round(number: float, rng: np.random.Generator) -> int:
    """Round up or down by chance, so that the mean is right."""
    return int(number + rng.random())
