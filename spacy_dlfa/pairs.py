"""Sentence pairs as one Doc: the two sentences with a separator between them."""

import re
import unicodedata
from functools import lru_cache
from itertools import pairwise

from spacy.language import Language
from spacy.tokens import Doc

from spacy_dlfa.tokenizer import SEPARATOR

# BERT's and XLM-R's, as corpora are made before their encoder is known
_SPECIAL = (
    SEPARATOR,
    "[CLS]",
    "[MASK]",
    "[PAD]",
    "[UNK]",
    "<s>",
    "</s>",
    "<mask>",
    "<pad>",
    "<unk>",
)


def make_pair(nlp: Language, first: str, second: str) -> Doc:
    """Make one Doc of two sentences: `nlp.pipe(make_pair(nlp, a, b) for a, b in pairs)`.

    The text is `first [SEP] second`. BERT's tokenizer reads the separator as its special token, so
    that the encoder meets the pair as in its pretraining. The tokenizers of other encoders, such
    as XLM-R, whose own separator is `</s>`, read it as the characters that it is: a mark like any
    other to learn in training. It is the same in all texts, so corpora serve any encoder.

    Whatever an encoder could take for a special token in a sentence, BERT's, XLM-R's or those of
    the pipeline's own transformer, is broken up by spaces: `[SEP]` becomes `[ SEP ]`. White space
    at the ends of a sentence is removed. A sentence may be empty.

    nlp (Language): The pipeline that will get the Doc, or the tokenizer for a corpus.
    first (str): A sentence.
    second (str): The other one.
    RETURNS (Doc): The tokens of the first, the separator and the tokens of the second.
    """
    pattern = _compile(_special_tokens(nlp))
    docs = [nlp.make_doc(_break_up(text.strip(), pattern)) for text in (first, second)]
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
            f"The text {doc.text[:40]!r}: found {len(found)} tokens {SEPARATOR}; expected one, "
            "between two sentences. Make the Doc with spacy_dlfa.pairs.make_pair"
        )
    return doc[: found[0]].text, doc[found[0] + 1 :].text


def _special_tokens(nlp: Language) -> tuple[str, ...]:
    if "transformer" not in nlp.component_names:
        return _SPECIAL
    # None before initialisation
    tokenizer = getattr(nlp.get_pipe("transformer").model, "tokenizer", None)
    return (*_SPECIAL, *tokenizer.all_special_tokens) if tokenizer else _SPECIAL


@lru_cache
def _compile(special: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(re.escape("".join(map(_fold, token))) for token in special))


def _break_up(text: str, pattern: re.Pattern[str]) -> str:
    """Put a space after the first and before the last character of each special token."""
    folded = list(map(_fold, text))
    # Position in the text of each folded character
    origin = [i for i, chars in enumerate(folded) for _ in chars]
    cuts = {
        cut
        for match in pattern.finditer("".join(folded))
        for cut in (origin[match.start()] + 1, origin[match.end() - 1])
    }
    bounds = [0, *sorted(cuts), len(text)]
    return " ".join(text[start:end] for start, end in pairwise(bounds))


def _fold(char: str) -> str:
    """Map a character as encoders may before they look for pieces: by NFKC, controls removed."""
    return "".join(
        c for c in unicodedata.normalize("NFKC", char) if unicodedata.category(c)[0] != "C"
    )
