"""Augmenters that a config can name."""

import random
from collections.abc import Callable, Iterator

from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example

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
    for name, share in (("level", level), ("names", names)):
        if not 0 <= share <= 1:
            raise ValueError(f"SplitNames: {name} = {share}, expected a share between 0 and 1")

    def augment(nlp: Language, example: Example) -> Iterator[Example]:
        if random.random() >= level:
            yield example
            return
        doc = split_names(example.reference, names)
        yield Example(unannotated(nlp, example, doc), doc)

    return augment


def split_names(doc: Doc, share: float) -> Doc:
    """Cut a share of the names in a Doc into parts, and keep tags, entities and categories.

    doc (Doc): The document.
    share (float): Share of its names that are cut.
    RETURNS (Doc): One of more tokens.
    """
    lost = [name for name in ("LEMMA", "MORPH", "DEP") if doc.has_annotation(name)]
    lost += [f"spans[{key!r}]" for key in doc.spans]
    if lost:
        raise ValueError(
            f"SplitNames: the text {doc.text[:40]!r} has {', '.join(lost)}, which parts of a word "
            f"can't have; leave the augmenter out where components learn from it"
        )
    parts = [cut(t.text) if random.random() < share else [t.text] for t in doc]
    owners = [token for token, each in zip(doc, parts, strict=True) for _ in each]
    first = [i == 0 for each in parts for i in range(len(each))]
    last = [i == len(each) - 1 for each in parts for i in range(len(each))]
    ents = []
    for token, begins in zip(owners, first, strict=True):
        iob = "I" if token.ent_iob_ == "B" and not begins else token.ent_iob_
        ents.append(f"{iob}-{token.ent_type_}" if iob in ("B", "I") else iob or None)
    made = Doc(
        doc.vocab,
        words=[part for each in parts for part in each],
        spaces=[not end or bool(t.whitespace_) for t, end in zip(owners, last, strict=True)],
        tags=[token.tag_ for token in owners],
        pos=[token.pos_ for token in owners],
        sent_starts=[t.is_sent_start if i else False for t, i in zip(owners, first, strict=True)],
        ents=ents,
        user_data=doc.user_data,
    )
    made.cats = dict(doc.cats)
    return made


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


def unannotated(nlp: Language, example: Example, doc: Doc) -> Doc:
    """Return what the pipeline gets: the gold tokens if it got them before, or its own."""
    if [t.text for t in example.predicted] != [t.text for t in example.reference]:
        return nlp.make_doc(doc.text)
    spaces = [bool(token.whitespace_) for token in doc]
    return Doc(nlp.vocab, words=[token.text for token in doc], spaces=spaces)
