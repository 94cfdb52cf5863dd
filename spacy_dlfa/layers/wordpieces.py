"""Wordpieces of spans, and the tokens that they belong to."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy
from spacy.attrs import IDX
from spacy.tokens import Span, Token
from spacy_alignments.tokenizations import get_alignments


class Pieces(NamedTuple):
    """The n wordpieces of a span, without the special tokens around them.

    ids (List[int]): Their numbers in the vocabulary.
    strings (List[str]): Their text.
    first (numpy.ndarray): The first token of the document that a piece belongs to, (n,).
    last (numpy.ndarray): The last one, (n,); it is before the first if a piece belongs to none.
    """

    ids: list[int]
    strings: list[str]
    first: numpy.ndarray
    last: numpy.ndarray


def prepare(tokenizer: Any) -> None:
    """Set a tokenizer up to cut text into all of its wordpieces, and to take it as text.

    This is done once: to change a tokenizer while another thread uses it is an error.
    """
    if tokenizer.is_fast:
        tokenizer.backend_tokenizer.no_truncation()
        tokenizer.backend_tokenizer.no_padding()
        tokenizer.backend_tokenizer.encode_special_tokens = True


def tokenize(tokenizer: Any, spans: Sequence[Span], separator: str | None) -> list[Pieces]:
    """Cut spans into wordpieces, all at once.

    What looks like a special token in a text is text.

    tokenizer (PreTrainedTokenizerBase): The encoder's tokenizer, after `prepare`.
    separator (Optional[str]): Tokens with this text become the tokenizer's own separator.
    RAISES (ValueError): If the tokenizer has no separator, and a span has.
    """
    split = [_split(span, separator) for span in spans]
    parts = [part for parts in split for part in parts if isinstance(part, Span)]
    pieces = iter(_tokenize(tokenizer, parts))
    return [
        _concatenate(
            [next(pieces) if isinstance(p, Span) else _separator(tokenizer, p) for p in parts]
        )
        for parts in split
    ]


def _split(span: Span, separator: str | None) -> list[Span | Token]:
    if separator is None:
        return [span]
    parts: list[Span | Token] = []
    start = 0
    for i, token in enumerate(span):
        if token.text == separator:
            parts += [span[start:i], token] if start < i else [token]
            start = i + 1
    return [*parts, span[start:]] if start < len(span) else parts


def _separator(tokenizer: Any, token: Token) -> Pieces:
    if tokenizer.sep_token_id is None:
        raise ValueError(
            f"[components.transformer.model] separator = {token.text!r}, but the encoder's "
            "tokenizer has no separator; set separator = null, so that it is read as text"
        )
    here = numpy.asarray([token.i])
    return Pieces([tokenizer.sep_token_id], [tokenizer.sep_token], here, here)


def _tokenize(tokenizer: Any, spans: Sequence[Span]) -> list[Pieces]:
    if not spans:
        return []
    if not tokenizer.is_fast:
        return [_align_strings(tokenizer, span) for span in spans]
    # transformers' own call would copy each list and array several times.
    encodings = tokenizer.backend_tokenizer.encode_batch(
        [span.text for span in spans], add_special_tokens=False
    )
    return [
        _align_offsets(span, _as_text(tokenizer, encoding.ids), encoding.tokens, encoding.offsets)
        for span, encoding in zip(spans, encodings, strict=True)
    ]


def _as_text(tokenizer: Any, ids: list[int]) -> list[int]:
    """Make special tokens unknown ones: some tokenizers keep them, whatever they are told."""
    unknown = tokenizer.unk_token_id
    special = {*tokenizer.all_special_ids} - {unknown}
    if unknown is None or special.isdisjoint(ids):
        return ids
    return [unknown if piece in special else piece for piece in ids]


def _align_offsets(
    span: Span, ids: list[int], strings: list[str], offsets: list[tuple[int, int]]
) -> Pieces:
    starts = span.to_array([IDX]).astype("int64").ravel()
    begin, end = numpy.asarray(offsets, dtype="int64").reshape(-1, 2).T + starts[0]

    def token_at(position: numpy.ndarray) -> numpy.ndarray:
        # White space between tokens counts to the one before it.
        return numpy.searchsorted(starts, position, side="right") - 1 + span.start

    first = token_at(begin)
    return Pieces(ids, strings, first, numpy.where(end > begin, token_at(end - 1), first - 1))


def _align_strings(tokenizer: Any, span: Span) -> Pieces:
    """Align the pieces of a tokenizer written in Python, which has no offsets."""
    strings = tokenizer.tokenize(span.text, split_special_tokens=True)
    _, tokens = get_alignments([token.text for token in span], strings)
    return Pieces(
        _as_text(tokenizer, tokenizer.convert_tokens_to_ids(strings)),
        strings,
        numpy.asarray([each[0] if each else 0 for each in tokens], dtype="int64") + span.start,
        numpy.asarray([each[-1] if each else -1 for each in tokens], dtype="int64") + span.start,
    )


def _concatenate(parts: Sequence[Pieces]) -> Pieces:
    if len(parts) == 1:
        return parts[0]
    return Pieces(
        [piece for part in parts for piece in part.ids],
        [string for part in parts for string in part.strings],
        numpy.concatenate([part.first for part in parts]),
        numpy.concatenate([part.last for part in parts]),
    )
