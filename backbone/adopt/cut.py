"""A vocabulary cut by use: the pieces that most text in most languages is written with."""

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tokenizers import Tokenizer

#: This part of a vocabulary is taken by use alone, and the rest is weighed against it: by how
#: many of its pieces a piece would be written with instead.
_BASE = 0.7


def count_pieces(tokenizer: Tokenizer, lines: Sequence[str]) -> Counter[int]:
    """Count the pieces of a text."""
    counts: Counter[int] = Counter()
    for encoding in tokenizer.encode_batch(lines, add_special_tokens=False):
        counts.update(encoding.ids)
    return counts


def choose_pieces(
    specification: Mapping[str, Any],
    counts: Mapping[str, Counter[int]],
    weights: Mapping[str, float],
    size: int,
) -> list[int]:
    """Choose the pieces whose loss would make text longest.

    Use is half what was counted, all languages alike, and half the model's own probability: a
    few hundred sentences don't show which of their rarer words a language has. Special pieces
    and single characters always stay.

    specification (Mapping[str, Any]): The tokenizer's tokenizer.json; a Unigram model.
    counts (Mapping[str, Counter[int]]): How often pieces were used, by language.
    weights (Mapping[str, float]): How much a language counts.
    size (int): How many to choose.
    RETURNS (List[int]): The pieces by number, rising.
    RAISES (ValueError): If the size is too small for all characters, or larger than there is.
    """
    pieces = specification["model"]["vocab"]
    special = {token["id"] for token in specification["added_tokens"]}
    kept = special | {i for i, (text, _) in enumerate(pieces) if len(text.lstrip("▁")) <= 1}
    if not len(kept) <= size <= len(pieces):
        raise ValueError(
            f"a vocabulary of {size:,} pieces: found {len(kept):,} special ones and single "
            f"characters, which all stay, and {len(pieces):,} in all; choose a number between"
        )
    use = _measure_use(pieces, special, counts, weights)
    ranked = sorted(set(range(len(pieces))) - kept, key=lambda i: (-use[i], i))
    base = kept | set(ranked[: int(size * _BASE)][: size - len(kept)])
    rest = [i for i in ranked if i not in base]
    lengths = _lengths(cut_tokenizer(specification, sorted(base)), [pieces[i][0] for i in rest])
    longer = dict(zip(rest, lengths, strict=True))
    rest.sort(key=lambda i: (-use[i] * (longer[i] - 1), i))
    return sorted([*base, *rest[: size - len(base)]])


def _measure_use(
    pieces: Sequence[tuple[str, float]],
    special: set[int],
    counts: Mapping[str, Counter[int]],
    weights: Mapping[str, float],
) -> list[float]:
    use = [0.0 if i in special else math.exp(score) for i, (_, score) in enumerate(pieces)]
    total = sum(use)
    use = [each / total for each in use]
    all_weights = sum(weights[language] for language in counts)
    for language, found in counts.items():
        scale = weights[language] / (all_weights * max(found.total(), 1))
        for piece, count in found.items():
            use[piece] += count * scale
    return use


def cut_tokenizer(specification: Mapping[str, Any], kept: Sequence[int]) -> Tokenizer:
    """Make a tokenizer of some of the pieces, numbered in their order."""
    return Tokenizer.from_str(json.dumps(cut_specification(specification, kept)))


def cut_specification(specification: Mapping[str, Any], kept: Sequence[int]) -> dict[str, Any]:
    """Return a tokenizer.json with some of the pieces; the special ones have to be among them."""
    new = {old: i for i, old in enumerate(kept)}
    model = specification["model"]
    post = specification["post_processor"]
    return {
        **specification,
        "added_tokens": [{**t, "id": new[t["id"]]} for t in specification["added_tokens"]],
        "post_processor": {
            **post,
            "special_tokens": {
                text: {**token, "ids": [new[i] for i in token["ids"]]}
                for text, token in post["special_tokens"].items()
            },
        },
        "model": {
            **model,
            "unk_id": new[model["unk_id"]],
            "vocab": [model["vocab"][i] for i in kept],
        },
    }


def _lengths(tokenizer: Tokenizer, texts: Iterable[str]) -> list[int]:
    """Return how many pieces each text has, a leading space written as in a vocabulary."""
    inner = [text.removeprefix("▁") for text in texts]
    return [
        len(encoding.ids) for encoding in tokenizer.encode_batch(inner, add_special_tokens=False)
    ]
