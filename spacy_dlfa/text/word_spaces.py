"""Word breaks of scripts without spaces, for encoders that know a word by the space before it."""

import re
from itertools import pairwise
from typing import Any

import numpy
from spacy.attrs import IDX, LENGTH
from spacy.tokens import Span

from spacy_dlfa.text.tokenizer import UNSPACED, UNSPACED_LETTERS

# What begins a word joins it without a space.
_OPENING = r"\(\[\{\"'“‘«‹（［｛｢「『〈《【〔〖〘〚"
_UNSPACED = re.compile(f"[{UNSPACED_LETTERS}]")
_BREAK = re.compile(f"(?<![{_OPENING}])(?:(?=[{UNSPACED_LETTERS}])|(?<=[{UNSPACED}])(?=\\w))")


def marks_spaces(tokenizer: Any) -> bool:
    """Whether a tokenizer's pieces differ by the space before them, as those of XLM-R do."""
    return any(piece.startswith(("▁", "Ġ")) for piece in tokenizer.tokenize("a a"))


def show_breaks(span: Span) -> tuple[str, numpy.ndarray | None]:
    """Put a space between tokens of scripts that are written without any.

    A component that learned English takes a piece with a space before it for the beginning of a
    word. Punctuation joins the word before it, as in English.

    RETURNS (Tuple[str, Optional[numpy.ndarray]]): The text of the span with these spaces, and
        where they stand in it; None if there is none.
    """
    text = span.text
    if _UNSPACED.search(text) is None:
        return text, None
    starts, lengths = (span.to_array([IDX, LENGTH]).astype("int64") - [span.start_char, 0]).T
    ends = starts + lengths
    meeting = ends[:-1][ends[:-1] == starts[1:]].tolist()
    breaks = [i for i in meeting if _BREAK.match(text, i)]
    bounds = [0, *breaks, len(text)]
    shown = " ".join(text[i:j] for i, j in pairwise(bounds))
    return shown, numpy.asarray(breaks, dtype="int64") + numpy.arange(len(breaks))
