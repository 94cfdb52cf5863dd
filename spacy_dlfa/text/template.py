"""What a tokenizer puts around a text, and around and between two."""

import inspect
from typing import Any, NamedTuple


class Segments(NamedTuple):
    """The token types of a window, where a tokenizer has others than zeros.

    prefix (List[int]): Of the special tokens before the text.
    first (int): Of a text, and of the first of two; what stands between two has it as well.
    second (int): Of the second of two.
    suffix (List[int]): Of the special tokens behind the text.
    pair_suffix (List[int]): The same behind the second of two.
    """

    prefix: list[int]
    first: int
    second: int
    suffix: list[int]
    pair_suffix: list[int]

    def of(self, length: int, second: int) -> list[int]:
        """Return the types of a window; nothing if all are zeros.

        length (int): The pieces of the window, without special tokens.
        second (int): The first of them that is of the second text; `length` if none is.
        """
        pair = second < length
        types = [
            *self.prefix,
            *[self.first] * min(second, length),
            *[self.second] * max(length - second, 0),
            *(self.pair_suffix if pair else self.suffix),
        ]
        return types if any(types) else []


class Template(NamedTuple):
    """The special tokens of a tokenizer: `[CLS] a [SEP] b [SEP]` for BERT, `<s> a </s></s> b </s>`.

    between_ids (List[int]): What stands between two texts; empty if there is no such token.
    segments (Optional[Segments]): Token types, if the encoder takes them and not all are zeros.
    """

    prefix_ids: list[int]
    suffix_ids: list[int]
    between_ids: list[int]
    prefix_strings: list[str]
    suffix_strings: list[str]
    between_strings: list[str]
    segments: Segments | None

    @property
    def size(self) -> int:
        """The wordpieces that stand around each window."""
        return len(self.prefix_ids) + len(self.suffix_ids)


def find_template(tokenizer: Any, transformer: Any = None) -> Template:
    """Find a tokenizer's template by what it makes of one text, and of two.

    tokenizer (PreTrainedTokenizerBase): The encoder's tokenizer.
    transformer (Optional[PreTrainedModel]): The encoder, which may take no token types.
    """
    ids, types, start, end = _encode(tokenizer, "a")
    single = types[:start], types[start], types[end:]
    between, second, pair_suffix = _find_pair(tokenizer)
    parts = (ids[:start], ids[end:], between)
    strings = [tokenizer.convert_ids_to_tokens(part) for part in parts]
    segments = Segments(*single[:2], second, single[2], pair_suffix)
    takes = transformer is None or _takes(transformer, segments)
    named = "token_type_ids" in tokenizer.model_input_names
    return Template(
        *parts, strings[0], strings[1], strings[2], segments if takes and named else None
    )


def _find_pair(tokenizer: Any) -> tuple[list[int], int, list[int]]:
    """Return what stands between two texts, and the types of the second and what is behind it."""
    ids, types, start, end = _encode(tokenizer, "a", "a")
    mask = _special(tokenizer, "a", "a")
    inner = [i for i in range(start, end) if mask[i]]
    if inner:
        return [ids[i] for i in inner], types[end - 1], types[end:]
    # A tokenizer without a template for two, whose texts would run into each other
    separator = tokenizer.sep_token_id
    _, single_types, _, single_end = _encode(tokenizer, "a")
    return [] if separator is None else [separator], 0, single_types[single_end:]


def _encode(tokenizer: Any, *texts: str) -> tuple[list[int], list[int], int, int]:
    """Return ids, token types, and where the texts begin and end."""
    encoded = tokenizer(*texts, return_token_type_ids=True)
    mask = _special(tokenizer, *texts)
    start, end = mask.index(0), len(mask) - mask[::-1].index(0)
    return encoded["input_ids"], encoded["token_type_ids"], start, end


def _special(tokenizer: Any, *texts: str) -> list[int]:
    return tokenizer(*texts, return_special_tokens_mask=True)["special_tokens_mask"]


def _takes(transformer: Any, segments: Segments) -> bool:
    """Whether an encoder has all the types of a template."""
    found = [*segments.prefix, segments.first, segments.second, *segments.suffix]
    known = getattr(transformer.config, "type_vocab_size", None)
    accepts = "token_type_ids" in inspect.signature(transformer.forward).parameters
    return accepts and (known is None or max(found) < known)
