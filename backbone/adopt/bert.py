"""Unpacked weights as transformers' BertModel."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import BertConfig, BertModel

from backbone.adopt.packed_weights import PackedWeights

_EMBEDDINGS = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}
_LAYER = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}


def make_bert(packed: PackedWeights, kept: Sequence[int], pad: int) -> BertModel:
    """Make an encoder of some of the pieces.

    packed (PackedWeights): The weights.
    kept (Sequence[int]): The pieces to keep, by number, in their new order.
    pad (int): The new number of the padding piece.
    RETURNS (BertModel): The encoder in float32, without a pooler.
    RAISES (ValueError): If a tensor is missing, or one has another size than the model.
    """
    sizes = packed.sizes
    config = BertConfig(
        vocab_size=len(kept),
        hidden_size=sizes.hidden,
        num_hidden_layers=sizes.layers,
        num_attention_heads=sizes.heads,
        intermediate_size=sizes.feed_forward,
        max_position_embeddings=sizes.positions,
        type_vocab_size=sizes.types,
        layer_norm_eps=1e-12,
        pad_token_id=pad,
    )
    model = BertModel(config, add_pooling_layer=False)
    theirs = {new: packed.tensors.get(old) for old, new in _names(sizes.layers).items()}
    state: dict[str, Tensor] = {}
    for name, tensor in model.state_dict().items():
        if name not in theirs:
            continue
        is_words = name == _EMBEDDINGS["emb.word"]
        shape = (sizes.vocabulary, sizes.hidden) if is_words else tuple(tensor.shape)
        found = theirs[name]
        if found is None or found.size != torch.Size(shape).numel():
            raise ValueError(
                f"the weights of {name}: found {'none' if found is None else found.size}; "
                f"expected {shape}"
            )
        state[name] = torch.from_numpy(found).view(shape)
        if is_words:
            state[name] = state[name][list(kept)]
    missing, _ = model.load_state_dict(state, strict=False)
    if missing:
        raise ValueError(f"the weights lack {', '.join(missing)}")
    return model.eval()


def save_half(model: Any, folder: Path) -> None:
    """Write an encoder in half precision, to be loaded as float32, in files below 100 MB."""
    model.half().save_pretrained(folder, max_shard_size="90MB")
    path = folder / "config.json"
    config = {**json.loads(path.read_text(encoding="utf8")), "torch_dtype": "float32"}
    path.write_text(json.dumps(config, indent=2) + "\n", encoding="utf8")


def _names(num_layers: int) -> dict[str, str]:
    names = dict(_EMBEDDINGS)
    for k in range(num_layers):
        for short, long in _LAYER.items():
            for end, kind in (("w", "weight"), ("b", "bias")):
                names[f"l{k}.{short}.{end}"] = f"encoder.layer.{k}.{long}.{kind}"
    return names
