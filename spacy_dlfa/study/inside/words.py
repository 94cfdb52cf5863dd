"""Gate weights of words, by part of speech and by script."""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from statistics import mean
from typing import NamedTuple

from spacy.tokens import Doc, Token

#: What a test set must have of a group, so that its mean counts
MIN_WORDS = 10
_SCRIPTS = {
    "CJK": "Han",
    "IDEOGRAPHIC": "Han",
    "HIRAGANA": "Kana",
    "KATAKANA": "Kana",
    "KATAKANA-HIRAGANA": "Kana",
}
_NO_SCRIPTS = {"MODIFIER", "MATHEMATICAL"}

Weights = Sequence[Sequence[float | None]]


class Group(NamedTuple):
    """A group of words, over all test sets that have enough of them.

    mean (float): Mean over test sets of their mean weight.
    above (int): Test sets in which the group is above the mean of all words.
    corpora (int): Test sets.
    """

    mean: float
    above: int
    corpora: int


def weights_by(
    docs: Sequence[Doc], weights: Weights, key: Callable[[Token], str]
) -> dict[str, list[float]]:
    """Sort the weights of words into groups.

    docs (Sequence[Doc]): Documents, (D,).
    weights (Sequence): The weights under their tokens, (D,), None for a token without wordpieces.
    key (Callable[[Token], str]): Names the group of a token; "" for none.
    """
    found: dict[str, list[float]] = {}
    for doc, own in zip(docs, weights, strict=True):
        for token, weight in zip(doc, own, strict=True):
            name = key(token)
            if name and weight is not None:
                found.setdefault(name, []).append(weight)
    return found


def over_corpora(by_corpus: Sequence[Mapping[str, Sequence[float]]]) -> dict[str, Group]:
    """Average groups over test sets, so that a large one counts no more than others.

    by_corpus (Sequence[Mapping[str, Sequence[float]]]): The groups of each test set, which have no
        word in common.
    RETURNS (Dict[str, Group]): By name of the group, the one with most weight first.
    """
    means: dict[str, list[float]] = {}
    above: dict[str, int] = {}
    for groups in by_corpus:
        words = [weight for own in groups.values() for weight in own]
        for name, own in groups.items():
            if len(own) >= MIN_WORDS:
                means.setdefault(name, []).append(mean(own))
                above[name] = above.get(name, 0) + (mean(own) > mean(words))
    found = {name: Group(mean(each), above[name], len(each)) for name, each in means.items()}
    return dict(sorted(found.items(), key=lambda item: -item[1].mean))


def pos_of(token: Token) -> str:
    """Return the universal part of speech."""
    return token.pos_


def script_of_word(token: Token) -> str:
    """Return the script of a word's first letter, as Unicode names it; "" if it has no letter."""
    for letter in unicodedata.normalize("NFKC", token.text):
        script = unicodedata.name(letter, "").partition(" ")[0] if letter.isalpha() else ""
        if script and script not in _NO_SCRIPTS:
            return _SCRIPTS.get(script, script.title())
    return ""
