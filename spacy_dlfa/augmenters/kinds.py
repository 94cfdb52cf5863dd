"""The kinds of noise, and a Doc damaged by one of them."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import groupby
from random import Random

from spacy.tokens import Doc

from spacy_dlfa.augmenters.letters import elongation, homoglyphs, strip_diacritics, typos
from spacy_dlfa.augmenters.words import Word, rebuild, words_of
from spacy_dlfa.errors import Errors
from spacy_dlfa.text.tokenizer import SEPARATOR

# Unicode has capitals for it, which nobody writes
_GEORGIAN = re.compile("[\u10d0-\u10ff]")


def damage(doc: Doc, kind: str, amount: float, rng: Random) -> Doc:
    """Damage the text of a Doc, and keep its annotation aligned.

    doc (Doc): The document, which stays as it is. The separator of a pair is left alone.
    kind (str): A key of `KINDS`.
    amount (float): Share of the words that are damaged, of those that can be, and of the spaces by
        the kind `spaces`; one at least. Casing, diacritics and punctuation are the whole text's.
    rng (Random): All that is drawn is drawn from it.
    RETURNS (Doc): Another document, see `spacy_dlfa.augmenters.words.rebuild`.
    """
    return rebuild(doc, KINDS[kind](words_of(doc), amount, rng))


def check_kinds(kinds: Iterable[str]) -> None:
    """Check names of kinds.

    RAISES (ValueError): If there is none, or no such kind.
    """
    names = list(kinds)
    unknown = [name for name in names if name not in KINDS]
    if unknown or not names:
        found = ", ".join(map(repr, unknown)) or "none"
        raise ValueError(Errors.DL070.format(found=found, known=", ".join(KINDS)))


def change_words(
    words: Sequence[Word], amount: float, rng: Random, *, ways: Callable[[str], list[list[str]]]
) -> list[Word]:
    """Change a share of the words.

    ways (Callable[[str], List[List[str]]]): Lists what a word may become, by the way of damage.
    """
    outcomes = {i: [*filter(None, ways(w.text))] for i, w in enumerate(words) if _is_text(w)}
    damaged = list(words)
    for place in _draw([place for place, found in outcomes.items() if found], amount, rng):
        damaged[place] = words[place]._replace(text=rng.choice(rng.choice(outcomes[place])))
    return damaged


def change_case(words: Sequence[Word], amount: float, rng: Random) -> list[Word]:
    """Write all in lower case or in capitals: what is drawn of these, if both change the text."""
    cased = [_change_all(words, change) for change in (str.lower, upper)]
    return rng.choice([each for each in cased if each != [*words]] or cased)


def drop_diacritics(words: Sequence[Word], amount: float, rng: Random) -> list[Word]:
    """Take the marks off all letters."""
    return _change_all(words, strip_diacritics)


def drop_punctuation(words: Sequence[Word], amount: float, rng: Random) -> list[Word]:
    """Drop words of punctuation, and take it out of other words; between digits it stays.

    Words that were set apart by it have a space between. A text of nothing else stays as it is, and
    so does a sentence of a pair.
    """
    damaged: list[Word] = []
    for is_text, group in groupby(words, _is_text):
        sentence = list(group)
        left: list[Word] = []
        for word in sentence if is_text else ():
            if text := _without_punctuation(word.text):
                left.append(word._replace(text=text))
            elif left:
                left[-1] = left[-1]._replace(space=True)
        if left:
            left[-1] = left[-1]._replace(space=sentence[-1].space)
        damaged += left or sentence
    return damaged


def change_spaces(words: Sequence[Word], amount: float, rng: Random) -> list[Word]:
    """Double or drop a share of the spaces between words, evenly."""
    found = [
        place
        for place in range(len(words) - 1)
        if words[place].space and _is_text(words[place]) and _is_text(words[place + 1])
    ]
    drawn = {place: rng.random() < 0.5 for place in _draw(found, amount, rng)}
    damaged: list[Word] = []
    for place, word in enumerate(words):
        doubled = drawn.get(place)
        damaged.append(word._replace(space=False) if doubled is False else word)
        # As spaCy cuts such text, the second space is a token
        damaged += [Word(" ", False, None)] if doubled else []
    return damaged


Kind = Callable[[Sequence[Word], float, Random], list[Word]]
#: By name: what makes of the words of a text, an amount and a source of chance the damaged words.
KINDS: dict[str, Kind] = {
    "typos": partial(change_words, ways=typos),
    "casing": change_case,
    "diacritics": drop_diacritics,
    "punctuation": drop_punctuation,
    "spaces": change_spaces,
    "homoglyphs": partial(change_words, ways=homoglyphs),
    "elongation": partial(change_words, ways=elongation),
}


def _is_text(word: Word) -> bool:
    return word.text != SEPARATOR and not word.text.isspace()


def _draw(places: Sequence[int], amount: float, rng: Random) -> list[int]:
    # One at least, or a short text would not be damaged
    number = max(amount > 0, round(amount * len(places)))
    return rng.sample(places, min(number, len(places)))


def _change_all(words: Sequence[Word], change: Callable[[str], str]) -> list[Word]:
    return [word._replace(text=change(word.text)) if _is_text(word) else word for word in words]


def upper(word: str) -> str:
    """Write a word in capitals, but for Georgian."""
    return word if _GEORGIAN.search(word) else word.upper()


def _without_punctuation(word: str) -> str:
    return "".join(
        char
        for i, char in enumerate(word)
        if unicodedata.category(char)[0] != "P"
        or (word[i - 1 : i].isdigit() and word[i + 1 : i + 2].isdigit())
    )
