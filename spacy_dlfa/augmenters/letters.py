"""What can happen to the letters of one word: each function lists what the word may become.

It returns one list for each way, so that a way with many outcomes is not drawn more often.
"""

import unicodedata
from itertools import pairwise
from typing import NamedTuple

# Rows of keys as they lie above each other, each half a key to the right of the one above
_KEYBOARDS = (
    ("qwertyuiop", "asdfghjkl", "zxcvbnm"),
    ("йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю"),
    ("ςερτυθιοπ", "ασδφγηξκλ", "ζχψωβνμ"),
    ("קראטוןםפ", "שדגכעיחלךף", "זסבהנמצתץ"),
    ("ضصثقفغعهخحجد", "شسيبلاتنمكط", "ئءؤرىةوزظ"),
)
_LOOKALIKES = (
    ("aceijopsxyABCEHIJKMOPSTXY", "асеіјорѕхуАВСЕНІЈКМОРЅТХУ"),
    ("ovABEHIKMNOPTXYZ", "ονΑΒΕΗΙΚΜΝΟΡΤΧΥΖ"),
)
# Letters with a stroke, which Unicode does not take apart
_STROKES = str.maketrans("ØøŁłĐđĦħŦŧ", "OoLlDdHhTt")
_ELONGATED = (2, 3, 4)


class _Letter(NamedTuple):
    """A letter with its marks: characters `start` to `end` of the word."""

    start: int
    end: int


def typos(word: str) -> list[list[str]]:
    """List the slips of a hand: a neighbouring key, two letters swapped, one dropped, one doubled.

    Keys are those of Latin, Cyrillic, Greek, Hebrew and Arabic keyboards; the other slips are
    possible in any script. A word never vanishes.
    """
    letters = _letters(word)
    adjacent = [(a, b) for a, b in pairwise(letters) if a.end == b.start]
    return [
        [
            word[:start] + key + word[end:]
            for start, end in letters
            for key in _neighbours(word[start:end])
        ],
        [
            word[: a.start] + word[b.start : b.end] + word[a.start : a.end] + word[b.end :]
            for a, b in adjacent
            if word[a.start : a.end] != word[b.start : b.end]
        ],
        [word[:start] + word[end:] for start, end in letters if len(letters) > 1],
        [word[:end] + word[start:end] + word[end:] for start, end in letters],
    ]


def homoglyphs(word: str) -> list[list[str]]:
    """List the word with one letter of another script in it that looks the same.

    The scripts are Latin, Cyrillic and Greek.
    """
    return [
        [
            word[:i] + other + word[i + 1 :]
            for i, letter in enumerate(word)
            for other in _HOMOGLYPHS.get(letter, ())
        ]
    ]


def elongation(word: str) -> list[list[str]]:
    """List the word with its last letter two to four times more: "sooo". It has two or more."""
    letters = _letters(word)
    if len(letters) < 2:
        return []
    start, end = letters[-1]
    return [[word[:end] + times * word[start:end] + word[end:] for times in _ELONGATED]]


def strip_diacritics(word: str) -> str:
    """Take the marks off letters: accents, dots, hooks and strokes, Arabic and Hebrew vowels.

    Marks that are letters to their script stay: the vowels of Indic scripts and of Thai, the
    voicing of Kana. So does a word that is nothing else.
    """
    bare = word.translate(_STROKES)
    apart = unicodedata.normalize("NFD", bare)
    kept = "".join(char for char in apart if not _is_diacritic(char))
    # Composed anew only where a mark was taken off, as that may change other characters
    return bare if kept == apart else unicodedata.normalize("NFC", kept) or word


def _is_diacritic(char: str) -> bool:
    # Canonical classes: Hebrew and Arabic points, then all that is attached, below or above
    return 10 <= unicodedata.combining(char) <= 35 or unicodedata.combining(char) >= 200


def _letters(word: str) -> list[_Letter]:
    letters: list[_Letter] = []
    for i, char in enumerate(word):
        if char.isalpha():
            letters.append(_Letter(i, i + 1))
        elif letters and letters[-1].end == i and unicodedata.category(char)[0] == "M":
            letters[-1] = _Letter(letters[-1].start, i + 1)
    return letters


def _neighbours(letter: str) -> list[str]:
    keys = _KEYS.get(letter.lower(), [])
    return [key.upper() for key in keys] if letter.isupper() else keys


def _lay_out() -> dict[str, list[str]]:
    neighbours = {}
    for rows in _KEYBOARDS:
        places = {key: (x + y / 2, y) for y, row in enumerate(rows) for x, key in enumerate(row)}
        for key, (x, y) in places.items():
            neighbours[key] = [
                other
                for other, (u, v) in places.items()
                if other != key and abs(x - u) <= 1 and abs(y - v) <= 1
            ]
    return neighbours


def _pair_up() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for latin, others in _LOOKALIKES:
        for a, b in zip(latin, others, strict=True):
            found.setdefault(a, []).append(b)
            found.setdefault(b, []).append(a)
    return found


_KEYS = _lay_out()
_HOMOGLYPHS = _pair_up()
