"""Windows of the encoder, cut in wordpieces so that no text is dropped."""

import warnings
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple, cast

import numpy
from spacy.tokens import Doc, Span
from thinc.types import Ints1d, Ragged

from spacy_dlfa.errors import Warnings
from spacy_dlfa.text.template import Template
from spacy_dlfa.text.wordpieces import Pieces, tokenize

#: Windows of a text that is too long for one share this part with each of their neighbours.
OVERLAP = 1 / 6
#: No word, number or address has more; what has, such as a picture in base64, is read up to here.
MAX_TOKEN_PIECES = 1024


class Windows(NamedTuple):
    """The S windows of one document, special tokens included.

    ids (List[List[int]]): The wordpieces of each window, as numbers.
    segments (List[List[int]]): Their token types; a list is empty if all are zeros.
    strings (List[List[str]]): The wordpieces as text.
    align (Ragged): For each token of the document where its wordpieces are, if the windows lie
        one behind the other.
    """

    ids: list[list[int]]
    segments: list[list[int]]
    strings: list[list[str]]
    align: Ragged

    @property
    def lengths(self) -> list[int]:
        """Wordpieces in each window."""
        return [len(row) for row in self.ids]


def cut_windows(
    tokenizer: Any,
    template: Template,
    docs: Sequence[Doc],
    spans: Sequence[Sequence[Span]],
    *,
    max_length: int,
    separator: str | None,
    word_spaces: bool = False,
) -> list[Windows]:
    """Cut documents into windows of wordpieces.

    Each span is one window; one that is too long becomes several of equal length that overlap,
    and each of its wordpieces is read from the window in which it is nearest to the middle.

    tokenizer (PreTrainedTokenizerBase): The encoder's tokenizer.
    template (Template): Its special tokens.
    docs (Sequence[Doc]): The documents.
    spans (Sequence[Sequence[Span]]): What the encoder sees together, for each document.
    max_length (int): Most wordpieces of a window, special tokens included.
    separator (Optional[str]): A token with this text becomes what the template has between two
        sentences.
    word_spaces (bool): Put spaces at word breaks of scripts without.
    """
    capacity = max_length - template.size
    pieces = iter(
        tokenize(
            tokenizer,
            template,
            [span for each in spans for span in each],
            separator=separator,
            word_spaces=word_spaces,
        )
    )
    return [
        _cut(template, [_shorten(next(pieces), doc) for _ in each], len(doc), capacity)
        for doc, each in zip(docs, spans, strict=True)
    ]


def _cut(template: Template, pieces: list[Pieces], num_tokens: int, capacity: int) -> Windows:
    # White space has no wordpiece, and a window of nothing can't be encoded.
    full = [each for each in pieces if each.ids or template.size]
    cuts = [cut for each in full for cut in _cuts(each, capacity)]
    ids, segments, strings, tokens, positions = [], [], [], [], []
    before = 0
    for each, start, end, first, last in cuts:
        ids.append([*template.prefix_ids, *each.ids[start:end], *template.suffix_ids])
        types = template.segments
        segments.append(types.of(end - start, max(each.second - start, 0)) if types else [])
        inner = each.strings[start:end]
        strings.append([*template.prefix_strings, *inner, *template.suffix_strings])
        counts = each.last[first:last] - each.first[first:last] + 1
        offset = before + len(template.prefix_ids) - start
        before += len(ids[-1])
        positions.append(numpy.repeat(numpy.arange(first, last) + offset, counts))
        # The first token of each piece, and those behind it up to the last
        behind = numpy.arange(counts.sum()) - numpy.repeat(counts.cumsum() - counts, counts)
        tokens.append(numpy.repeat(each.first[first:last], counts) + behind)
    return Windows(ids, segments, strings, _align(tokens, positions, num_tokens))


def _cuts(pieces: Pieces, capacity: int) -> list[tuple[Pieces, int, int, int, int]]:
    """Return each window's bounds, and those of the pieces that are read from it."""
    total = len(pieces.ids)
    if total <= capacity:
        return [(pieces, 0, total, 0, total)]
    overlap = int(capacity * OVERLAP)
    count = -((overlap - total) // (capacity - overlap))
    length = -((overlap - overlap * count - total) // count)
    starts = numpy.linspace(0, total - length, count).astype(int).tolist()
    # The middle of what a window shares with the one before it
    middles = [(start + before + length) // 2 for before, start in pairwise(starts)]
    bounds = [0, *middles, total]
    return [
        (pieces, start, start + length, first, last)
        for start, (first, last) in zip(starts, pairwise(bounds), strict=True)
    ]


def _align(tokens: list[numpy.ndarray], positions: list[numpy.ndarray], num_tokens: int) -> Ragged:
    flat = numpy.concatenate(tokens or [_NOTHING])
    order = numpy.argsort(flat, kind="stable")
    indices = numpy.concatenate(positions or [_NOTHING])[order]
    lengths = numpy.bincount(flat, minlength=num_tokens)
    return Ragged(cast(Ints1d, indices.astype("i")), cast(Ints1d, lengths.astype("i")))


def _shorten(pieces: Pieces, doc: Doc) -> Pieces:
    """Leave tokens that are far too long their first wordpieces."""
    total = len(pieces.ids)
    if total <= MAX_TOKEN_PIECES:
        return pieces
    starts = numpy.flatnonzero(numpy.diff(pieces.first, prepend=-1))
    counts = numpy.diff(starts, append=total)
    if counts.max() <= MAX_TOKEN_PIECES:
        return pieces
    for i, count in zip(pieces.first[starts], counts, strict=True):
        if count > MAX_TOKEN_PIECES:
            warnings.warn(
                Warnings.DL907.format(
                    index=i,
                    token=doc[int(i)].text[:20],
                    text=doc.text[:40],
                    count=count,
                    most=MAX_TOKEN_PIECES,
                ),
                stacklevel=2,
            )
    kept = numpy.flatnonzero(numpy.arange(total) - numpy.repeat(starts, counts) < MAX_TOKEN_PIECES)
    return Pieces(
        [pieces.ids[i] for i in kept],
        [pieces.strings[i] for i in kept],
        pieces.first[kept],
        pieces.last[kept],
        int(numpy.searchsorted(kept, pieces.second)),
    )


_NOTHING = numpy.zeros(0, dtype="int64")
