"""The augmenter `spacy_dlfa.SplitNames.v1`."""

import random
from collections.abc import Callable, Iterator

from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example

from spacy_dlfa.augmenters.words import Word, check_share, make_example, rebuild, words_of

#: Letters of a part, which a tokenizer of a script without spaces makes of a name it doesn't know
PART = (1, 3)


def create_split_names(level: float, names: float) -> Callable[[Language, Example], Iterator]:
    """Build `spacy_dlfa.SplitNames.v1`: cuts names into parts, each a token with a space behind.

    In Chinese, Japanese and Thai, a dictionary breaks a name that it does not know into single
    characters. A pipeline that was trained on English has seen few names of so many tokens;
    with this it sees "Sar a jevo" beside "Sarajevo". Each part has the tag of its word, and is
    part of the same entity.

    level (float): Share of the examples that have names cut, 0 to 1.
    names (float): Share of the names in such an example that are cut, 0 to 1. A name is a word of
        four letters or more, the first of them a capital.
    RETURNS (Callable[[Language, Example], Iterator[Example]]): The augmenter. It raises a
        ValueError for annotation that parts of a word can't have: lemmas, morphology, heads, spans.
    RAISES (ValueError): If a share is not one.
    """
    check_share("SplitNames", "level", level)
    check_share("SplitNames", "names", names)

    def augment(nlp: Language, example: Example) -> Iterator[Example]:
        if random.random() >= level:
            yield example
            return
        yield make_example(nlp, example, split_names(example.reference, names), "SplitNames")

    return augment


def split_names(doc: Doc, share: float) -> Doc:
    """Cut a share of the names in a Doc into parts, and keep tags, entities and categories.

    doc (Doc): The document.
    share (float): Share of its names that are cut.
    RETURNS (Doc): One of more tokens.
    """
    words = []
    for word in words_of(doc):
        parts = cut(word.text) if random.random() < share else [word.text]
        words += [Word(part, True, word.token) for part in parts[:-1]]
        words.append(Word(parts[-1], word.space, word.token))
    return rebuild(doc, words)


def cut(word: str) -> list[str]:
    """Cut a word into parts of one to three letters, if it may be a name of four or more."""
    if len(word) < 4 or not word.isalpha() or not word[0].isupper():
        return [word]
    parts = []
    while word:
        size = random.randint(*PART)
        parts.append(word[:size])
        word = word[size:]
    return parts
