"""Whether weights, configuration and tokenizer of an encoder belong together."""

from collections.abc import Mapping
from typing import Any

import torch


def find_misfit(tokenizer: Any, transformer: Any, info: Mapping[str, list]) -> str | None:
    """Say what doesn't fit in an encoder that was loaded, if anything.

    tokenizer (PreTrainedTokenizerBase): Its tokenizer.
    transformer (PreTrainedModel): The encoder.
    info (Mapping[str, List]): The loading info of `from_pretrained`: keys that were missing,
        unexpected or of another shape.
    RETURNS (Optional[str]): What is wrong.
    """
    mismatched = [key if isinstance(key, str) else key[0] for key in info["mismatched_keys"]]
    for what, keys in [
        ("lack", info["missing_keys"]),
        ("have other shapes for", mismatched),
        ("have, besides those,", info["unexpected_keys"]),
    ]:
        keys = [key for key in keys if not key.startswith("pooler.")]
        if keys:
            width = getattr(transformer.config, "hidden_size", None)
            return (
                f"of the tensors that config.json asks for (hidden_size = {width}), the weights "
                f"{what} {len(keys)}, {keys[0]} first; they belong to another model"
            )
    for key, tensor in transformer.named_parameters():
        if not torch.isfinite(tensor).all():
            return f"the weights are damaged: {key} has numbers that are not finite"
    try:
        rows = len(transformer.get_input_embeddings().weight)
    # transformers raises the one or the other, by family
    except (AttributeError, NotImplementedError):
        return (
            f"a {type(transformer).__name__} has no embeddings of wordpieces, as an encoder of "
            f"characters or bytes has none; docs/encoders.md has the encoders that work"
        )
    piece, highest = max(tokenizer.get_vocab().items(), key=lambda item: item[1])
    if highest >= rows:
        return (
            f"the tokenizer belongs to another model: its word piece {piece!r} has the id "
            f"{highest}, but the encoder has embeddings for the ids 0 to {rows - 1}"
        )
    # RoBERTa and its kin count positions by the id of the padding
    padding = getattr(getattr(transformer, "embeddings", None), "padding_idx", None)
    if padding is not None and padding != tokenizer.pad_token_id:
        return (
            f"the tokenizer belongs to another model: its padding has the id "
            f"{tokenizer.pad_token_id}, but config.json says pad_token_id = {padding}"
        )
    return None
