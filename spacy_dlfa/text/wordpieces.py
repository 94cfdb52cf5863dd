"""Wordpieces of spans, and the tokens that they belong to."""

import json
import math
import re
from bisect import bisect_right
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from itertools import accumulate
from typing import Any, NamedTuple

import numpy
from spacy.attrs import IDX, LENGTH
from spacy.tokens import Span, Token
from spacy_alignments.tokenizations import get_alignments
from tokenizers import Tokenizer

from spacy_dlfa.errors import Errors
from spacy_dlfa.text.template import Template
from spacy_dlfa.text.word_spaces import show_breaks

#: What tokenizers in Python mark parts of words with. To look for it in the text takes time by the
#: square of its length, and finds the `w` of `</w>` in the next word.
_MARKS = re.compile(r"^##|^▁|</w>$|@@$")


class Pieces(NamedTuple):
    """The n wordpieces of a span, without the special tokens around them.

    ids (List[int]): Their numbers in the vocabulary.
    strings (List[str]): Their text.
    first (numpy.ndarray): The first token of the document that a piece belongs to, (n,).
    last (numpy.ndarray): The last one, (n,); it is before the first if a piece belongs to none.
    second (int): Where the second sentence of a pair begins; n if there is none.
    """

    ids: list[int]
    strings: list[str]
    first: numpy.ndarray
    last: numpy.ndarray
    second: int


def keep_added_tokens(tokenizer: Any, template: Template) -> None:
    """Have special tokens that somebody added, as markers of entities, come out as they are.

    Of the special tokens only those with a role are text where a text happens to contain them.

    tokenizer (PreTrainedTokenizerBase): The encoder's tokenizer, which is changed.
    template (Template): Its special tokens.
    """
    if not tokenizer.is_fast:
        return
    roles = _find_roles(tokenizer, template)
    added = tokenizer.added_tokens_decoder.values()
    if all(token.content in roles for token in added if token.special):
        return
    # tokenizers takes all of its special tokens as text, or none
    state = json.loads(tokenizer.backend_tokenizer.to_str())
    for token in state["added_tokens"]:
        token["special"] = token["special"] and token["content"] in roles
    tokenizer._tokenizer = Tokenizer.from_str(json.dumps(state))


def _find_roles(tokenizer: Any, template: Template) -> set[str]:
    """Return the special tokens that an encoder knows by what they are for, such as [CLS]."""
    named = {role for role in tokenizer.special_tokens_map.values() if isinstance(role, str)}
    return named.union(template.prefix_strings, template.suffix_strings, template.between_strings)


def tokenize(
    tokenizer: Any,
    template: Template,
    spans: Sequence[Span],
    *,
    separator: str | None,
    word_spaces: bool,
) -> list[Pieces]:
    """Cut spans into wordpieces, all at once.

    What looks like a special token with a role in a text is text, see `keep_added_tokens`.

    tokenizer (PreTrainedTokenizerBase): The encoder's tokenizer.
    template (Template): Its special tokens.
    separator (Optional[str]): A token with this text becomes what the template has between two
        sentences.
    word_spaces (bool): Put spaces at word breaks of scripts without, see `show_breaks`.
    RAISES (ValueError): If the tokenizer has no separator, and a span has.
    """
    split = [_split(span, separator) for span in spans]
    parts = [part for parts in split for part in parts if isinstance(part, Span)]
    pieces = iter(_tokenize(tokenizer, template, parts, word_spaces))
    return [
        _concatenate(
            [next(pieces) if isinstance(p, Span) else _separator(template, p) for p in parts],
            is_separator=[not isinstance(p, Span) for p in parts],
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


def _separator(template: Template, token: Token) -> Pieces:
    if not template.between_ids:
        raise ValueError(Errors.DL031.format(text=token.text))
    count = len(template.between_ids)
    here = numpy.full(count, token.i)
    return Pieces(template.between_ids, template.between_strings, here, here, count)


def _tokenize(
    tokenizer: Any, template: Template, spans: Sequence[Span], word_spaces: bool
) -> list[Pieces]:
    if not spans:
        return []
    unknown = tokenizer.unk_token_id
    roles = _find_roles(tokenizer, template)
    special = {*tokenizer.convert_tokens_to_ids([*roles])} - {unknown}
    if not tokenizer.is_fast:
        pieces = [_align_strings(tokenizer, roles, span, word_spaces) for span in spans]
    else:
        # transformers' own call would copy each list and array several times.
        backend = tokenizer.backend_tokenizer
        _prepare(backend)
        shown = [show_breaks(span) if word_spaces else (span.text, None) for span in spans]
        encodings = backend.encode_batch([text for text, _ in shown], add_special_tokens=False)
        pieces = [
            _align_offsets(span, encoding.ids, encoding.tokens, encoding.offsets, added)
            for span, encoding, (_, added) in zip(spans, encodings, shown, strict=True)
        ]
    return [each._replace(ids=_as_text(each.ids, special, unknown)) for each in pieces]


def _prepare(backend: Any) -> None:
    """Have all wordpieces come out, and special tokens taken as text.

    Copies forget it, and calls of the tokenizer by others undo it; to set what is set already would
    be an error while another thread is at work.
    """
    if backend.truncation is not None:
        backend.no_truncation()
    if backend.padding is not None:
        backend.no_padding()
    if not backend.encode_special_tokens:
        backend.encode_special_tokens = True


def _as_text(ids: list[int], special: AbstractSet[int], unknown: int | None) -> list[int]:
    """Make special tokens unknown ones: some tokenizers keep them, whatever they are told."""
    if unknown is None or special.isdisjoint(ids):
        return ids
    return [unknown if piece in special else piece for piece in ids]


def _align_offsets(
    span: Span,
    ids: list[int],
    strings: list[str],
    offsets: list[tuple[int, int]],
    added: numpy.ndarray | None,
) -> Pieces:
    starts, lengths = span.to_array([IDX, LENGTH]).astype("int64").T
    bounds = numpy.asarray(offsets, dtype="int64").reshape(-1, 2)
    if added is not None:
        # Back to the text as it is, without the spaces that were added before
        bounds = bounds - numpy.searchsorted(added, bounds)
    begin, end = bounds.T + starts[0]
    # The first token that ends behind where a piece begins, the last that begins before its end:
    # some pieces include the white space before their word, and some are white space only.
    first = numpy.searchsorted(starts + lengths, begin, side="right").clip(max=len(span) - 1)
    last = numpy.searchsorted(starts, end - 1, side="right") - 1
    last = numpy.where(end > begin, numpy.maximum(last, first - 1), first - 1)
    return Pieces(ids, strings, first + span.start, last + span.start, len(ids))


def _align_strings(
    tokenizer: Any, roles: AbstractSet[str], span: Span, word_spaces: bool
) -> Pieces:
    """Align the pieces of a tokenizer written in Python, which has no offsets."""
    text = show_breaks(span)[0] if word_spaces else span.text
    # All added tokens are split then, or none
    has_role = any(role in text for role in roles)
    strings = tokenizer.tokenize(text, split_special_tokens=has_role)
    is_unknown = [string == tokenizer.unk_token for string in strings]
    shown = [
        "" if unknown else _MARKS.sub("", string)
        for string, unknown in zip(strings, is_unknown, strict=True)
    ]
    _, tokens = get_alignments([token.text for token in span], shown)
    _place_unknown(
        tokens, is_unknown, [token.i - span.start for token in span if not token.is_space]
    )
    return Pieces(
        tokenizer.convert_tokens_to_ids(strings),
        strings,
        numpy.asarray([each[0] if each else 0 for each in tokens], dtype="int64") + span.start,
        numpy.asarray([each[-1] if each else -1 for each in tokens], dtype="int64") + span.start,
        len(strings),
    )


def _place_unknown(
    tokens: list[list[int]], is_unknown: Sequence[bool], words: Sequence[int]
) -> None:
    """Give each unknown piece the next of the words that lie between its known neighbours.

    tokens (List[List[int]]): The tokens of each piece, changed in place.
    is_unknown (Sequence[bool]): Whether a piece stands for a word that the tokenizer doesn't know.
    words (Sequence[int]): The tokens that are no white space.
    """
    following = list(
        accumulate(reversed(tokens), lambda first, own: own[0] if own else first, initial=math.inf)
    )[-2::-1]
    taken = -1
    for piece, unknown in enumerate(is_unknown):
        if unknown:
            place = bisect_right(words, taken)
            if place < len(words) and words[place] < following[piece]:
                tokens[piece] = [words[place]]
        taken = max([taken, *tokens[piece]])


def _concatenate(parts: Sequence[Pieces], is_separator: Sequence[bool]) -> Pieces:
    if len(parts) == 1 and not is_separator[0]:
        return parts[0]
    # Behind the first separator, if there are several
    until = is_separator.index(True) + 1
    return Pieces(
        [piece for part in parts for piece in part.ids],
        [string for part in parts for string in part.strings],
        numpy.concatenate([part.first for part in parts]),
        numpy.concatenate([part.last for part in parts]),
        sum(len(part.ids) for part in parts[:until]),
    )
