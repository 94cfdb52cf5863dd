"""Lines in which some words are replaced by their translation.

Of what was tried on the first model, this raised zero-shot transfer most. The idea is that of Qin
et al., "CoSDA-ML: Multi-Lingual Code-Switching Data Augmentation for Zero-Shot Cross-Lingual NLP"
(IJCAI 2020), here in pretraining.
"""

import random
from collections.abc import Mapping, Sequence

from backbone.lexicon import UNSPACED, WORD, Lexicon, Rows, split_words
from backbone.settings import LexiconSettings


def replace_words(
    text: str, translations: Mapping[str, str], rate: float, rng: random.Random
) -> str:
    """Replace words that have a translation, each with probability `rate`."""

    def replace(match: "object") -> str:
        word = match.group()  # type: ignore[attr-defined]
        return translations[word] if word in translations and rng.random() < rate else word

    return WORD.sub(replace, text)


def pair_words(english: str, text: str, language: str, lexicon: Lexicon) -> dict[str, str]:
    """Return the English words of a row with the translation that stands in the same row."""
    there = split_words(text, language)
    best: dict[str, tuple[float, str]] = {}
    for word in sorted(split_words(english, "en")):
        for translation, dice in lexicon.candidates.get(word, ()):
            if translation in there:
                best[translation] = max(best.get(translation, (0.0, "")), (dice, word))
                break
    return {word: translation for translation, (_, word) in best.items()}


def switch_row(
    english: str,
    text: str,
    language: str,
    lexicon: Lexicon,
    rate: float,
    rng: random.Random,
) -> tuple[str, str]:
    """Return an aligned row with words of each side in the other."""
    pairs = pair_words(english, text, language, lexicon)
    mixed = replace_words(english, pairs, rate, rng)
    back = {translation: word for word, translation in pairs.items()}
    if language not in UNSPACED:
        return mixed, replace_words(text, back, rate, rng)
    for translation, word in back.items():
        # Single characters are parts of too many other words.
        if len(translation) > 1 and rng.random() < 2 * rate:
            text = text.replace(translation, f" {word} ", 1)
    return mixed, text


def switch_lines(
    rows: Rows,
    sentences: Sequence[str],
    language: str,
    lexicon: Lexicon,
    settings: LexiconSettings,
    seed: int,
) -> list[str]:
    """Return code-switched lines of a language, shuffled.

    rows (Sequence[Tuple[str, str]]): English and its translation.
    sentences (Sequence[str]): English without a translation; its words are replaced by their
        mutually best one.
    """
    rng = random.Random(f"{seed} {language}")
    lines: list[str] = []
    for english, text in rng.sample(rows, min(settings.rows, len(rows))):
        lines += switch_row(english, text, language, lexicon, settings.rate, rng)
    best = {word: translation for word, (translation, _) in lexicon.mutual.items()}
    for word, translation in list(best.items()):
        best.setdefault(_capitalize(word), _capitalize(translation))
    for sentence in rng.sample(sentences, min(settings.sentences, len(sentences))):
        lines.append(replace_words(sentence, best, settings.rate, rng))
    rng.shuffle(lines)
    return lines


def _capitalize(word: str) -> str:
    return word[:1].upper() + word[1:]
