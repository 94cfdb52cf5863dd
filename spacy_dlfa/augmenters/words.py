"""The words of a Doc, to be changed, and a Doc of them with the annotation that it had."""

from collections.abc import Sequence
from itertools import accumulate
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from spacy.attrs import (
    DEP,
    ENT_ID,
    ENT_IOB,
    ENT_KB_ID,
    ENT_TYPE,
    HEAD,
    LEMMA,
    MORPH,
    POS,
    SENT_START,
    TAG,
)
from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.training import Example

from spacy_dlfa.errors import Errors

_INSIDE, _OUTSIDE, _BEGINS = 1, 2, 3
# Where words are no longer the tokens, one for one
_KEPT = [ENT_TYPE, ENT_KB_ID, ENT_ID, ENT_IOB, TAG, POS, SENT_START]
_ENTITY, _IOB, _SENT_START = slice(3), 3, 6


class Word(NamedTuple):
    """A word of a text.

    text (str): The word.
    space (bool): Whether a space follows.
    token (Optional[int]): Number of the token that it is or is made of; None of added white space.
    """

    text: str
    space: bool
    token: int | None


def words_of(doc: Doc) -> list[Word]:
    """Return the tokens of a Doc as words."""
    return [Word(token.text, bool(token.whitespace_), token.i) for token in doc]


def rebuild(doc: Doc, words: Sequence[Word]) -> Doc:
    """Make a Doc of words, with the annotation of the tokens that they are made of.

    Each word has the tag of its token. An entity or a sentence is what is left of its tokens.
    Added white space has no tag, and is in an entity if the words around it are. Lemmas,
    morphology, heads and spans are kept where each word is one token, and otherwise dropped.
    Extension attributes are kept of the document, and not of tokens and spans.

    doc (Doc): The document.
    words (Sequence[Word]): Its words as they are to be, in the order of their tokens.
    RETURNS (Doc): Another document.
    """
    made = Doc(
        doc.vocab,
        words=[word.text for word in words],
        spaces=[word.space for word in words],
        user_data={key: value for key, value in doc.user_data.items() if _is_of_doc(key)},
    )
    made.cats = dict(doc.cats)
    if [word.token for word in words] != list(range(len(doc))):
        return made.from_array(_KEPT, _annotate(doc, words))
    tree = [HEAD, DEP] if doc.has_annotation("DEP") else [SENT_START]
    attrs = [*_KEPT[:-1], MORPH, LEMMA, *tree]
    made.from_array(attrs, doc.to_array(attrs))
    for key, group in doc.spans.items():
        made.spans[key] = [
            Span(made, s.start, s.end, label=s.label, kb_id=s.kb_id, span_id=s.id) for s in group
        ]
        made.spans[key].attrs.update(group.attrs)
    return made


def make_example(nlp: Language, example: Example, doc: Doc, augmenter: str) -> Example:
    """Make an example of what became of another one's reference.

    nlp (Language): The pipeline. It gets the words of the document if it got those of the reference
        before, and otherwise what its tokenizer makes of the text.
    example (Example): The example before.
    doc (Doc): What `rebuild` made of its reference.
    augmenter (str): Name of the augmenter.
    RAISES (ValueError): If the document lacks annotation that the reference has.
    """
    old = example.reference
    lost = [key for key in ("LEMMA", "MORPH", "DEP") if old.has_annotation(key)]
    lost = [key for key in lost if not doc.has_annotation(key)]
    lost += [f"spans[{key!r}]" for key in old.spans if key not in doc.spans]
    if lost:
        raise ValueError(
            Errors.DL071.format(augmenter=augmenter, text=old.text[:40], lost=", ".join(lost))
        )
    if [t.text for t in example.predicted] != [t.text for t in old]:
        return Example(nlp.make_doc(doc.text), doc)
    spaces = [bool(token.whitespace_) for token in doc]
    return Example(Doc(nlp.vocab, words=[token.text for token in doc], spaces=spaces), doc)


def check_share(augmenter: str, name: str, share: float) -> None:
    """Check a share among the settings of an augmenter.

    RAISES (ValueError): If it is not between 0 and 1.
    """
    if not 0 <= share <= 1:
        raise ValueError(Errors.DL072.format(augmenter=augmenter, name=name, share=share))


def _is_of_doc(key: Any) -> bool:
    # Extension attributes of tokens and spans are found by places in the text, which change
    return not (isinstance(key, tuple) and key[0] == "._." and key[2] is not None)


def _annotate(doc: Doc, words: Sequence[Word]) -> NDArray[np.uint64]:
    tokens = doc.to_array(_KEPT).reshape(len(doc), -1).astype(np.int64)
    in_entity = {token.i: number for number, ent in enumerate(doc.ents) for token in ent}
    entities = [None if word.token is None else in_entity.get(word.token) for word in words]
    sentences = list(accumulate(token.is_sent_start is True for token in doc))
    # The first token begins a sentence in every document; others say so only where they know
    not_begins = -int(doc.has_annotation("SENT_START"))
    rows = np.zeros((len(words), len(_KEPT)), dtype=np.int64)
    sentence = 0
    for place, (word, entity) in enumerate(zip(words, entities, strict=True)):
        row, before = rows[place], entities[place - 1] if place else None
        if word.token is None:
            after = entities[place + 1] if place + 1 < len(words) else None
            within = before is not None and before == after
            row[_ENTITY] = rows[place - 1, _ENTITY] if within else 0
            row[_IOB] = _INSIDE if within else _OUTSIDE * bool(rows[place - 1, _IOB])
            row[_SENT_START] = not_begins * bool(rows[place - 1, _SENT_START])
            entities[place] = before if within else None
            continue
        row[:] = tokens[word.token]
        if entity is not None:
            row[_IOB] = _INSIDE if entity == before else _BEGINS
        begins = sentences[word.token] > sentence
        row[_SENT_START] = 1 if begins else not_begins * bool(row[_SENT_START])
        sentence = sentences[word.token]
    return rows.astype(np.uint64)
