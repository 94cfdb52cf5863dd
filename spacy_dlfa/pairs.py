"""Sentence pairs as one Doc: the two sentences with a separator between them."""

from spacy.language import Language
from spacy.tokens import Doc

from spacy_dlfa.errors import Errors
from spacy_dlfa.text.tokenizer import SEPARATOR


def make_pair(nlp: Language, first: str, second: str) -> Doc:
    """Make one Doc of two sentences: `nlp.pipe(make_pair(nlp, a, b) for a, b in pairs)`.

    The text is `first [SEP] second`. A transformer with `separator = "[SEP]"` in its model's
    settings reads the token between the sentences as the separator of its encoder, which is `</s>`
    for XLM-R, so the encoder meets the pair as in its pretraining. All else in the sentences is
    text, whatever it looks like: a `[SEP]` in them becomes `[ SEP ]`, which is not the separator.
    White space at the ends of a sentence is removed. A sentence may be empty.

    nlp (Language): The pipeline that will get the Doc, or the tokenizer for a corpus.
    first (str): A sentence.
    second (str): The other one.
    RETURNS (Doc): The tokens of the first, the separator and the tokens of the second.
    """
    docs = [nlp.make_doc(t.strip().replace(SEPARATOR, "[ SEP ]")) for t in (first, second)]
    before, after = ([bool(token.whitespace_) for token in doc] for doc in docs)
    if before:
        before[-1] = True
    return Doc(
        nlp.vocab,
        words=[*(token.text for token in docs[0]), SEPARATOR, *(token.text for token in docs[1])],
        spaces=[*before, bool(after), *after],
    )


def split_pair(doc: Doc) -> tuple[str, str]:
    """Return the two sentences of a Doc that `make_pair` made, as they stand in its text.

    RAISES (ValueError): If the Doc doesn't have one separator.
    """
    found = [token.i for token in doc if token.text == SEPARATOR]
    if len(found) != 1:
        raise ValueError(
            Errors.DL083.format(text=doc.text[:40], num_found=len(found), separator=SEPARATOR)
        )
    return doc[: found[0]].text, doc[found[0] + 1 :].text
