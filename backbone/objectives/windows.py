"""Windows of full length, so that nothing is spent on padding."""

import numpy as np

from backbone.objectives.masking import Vocabulary
from backbone.sampling import Stream, Translations


def make_window(
    rng: np.random.Generator, stream: Stream, length: int, vocabulary: Vocabulary
) -> np.ndarray:
    """Return [CLS] lines in a row [SEP], (length,)."""
    return _enclose(stream.draw(rng, length - 2), vocabulary)


def make_translation_window(
    rng: np.random.Generator, translations: Translations, length: int, vocabulary: Vocabulary
) -> np.ndarray:
    """Return [CLS] lines [SEP] their translation [SEP], (length,) (Conneau and Lample, 2019)."""
    second = get_second_half(length)
    left, right = translations.draw(rng, (second - 2, length - second - 1))
    sep = [vocabulary.sep]
    return np.concatenate(([vocabulary.cls], left, sep, right, sep)).astype(np.int64)


def make_twins(
    rng: np.random.Generator, translations: Translations, length: int, vocabulary: Vocabulary
) -> tuple[np.ndarray, np.ndarray]:
    """Return lines and their translation as two windows, each (length,)."""
    left, right = translations.draw(rng, (length - 2, length - 2))
    return _enclose(left, vocabulary), _enclose(right, vocabulary)


def get_second_half(length: int) -> int:
    """Return where the translation starts in a window."""
    return (length - 3) // 2 + 2


def _enclose(pieces: np.ndarray, vocabulary: Vocabulary) -> np.ndarray:
    return np.concatenate(([vocabulary.cls], pieces, [vocabulary.sep])).astype(np.int64)
