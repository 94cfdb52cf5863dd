"""Copies of an encoder whose linear layers are packed for fast inference on a CPU."""

import copy
import warnings
from functools import partial
from typing import Any

import torch
from torch import nn

from spacy_dlfa.encoder.encoder import Encoder
from spacy_dlfa.encoder.packed_encoder import PackedEncoder, PackedTransformer
from spacy_dlfa.encoder.packed_layers import pack_linear_layers

#: What the linear layers of a packed copy compute in.
PACKED_TYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "int8": torch.int8}


def can_pack(dtype: torch.dtype) -> bool:
    """Whether packed linear layers of a type are meant for this processor."""
    if dtype == torch.int8:
        return True
    if not torch.backends.mkldnn.is_available():
        return False
    return dtype == torch.float32 or torch.ops.mkldnn._is_mkldnn_bf16_supported()


def pack_encoder(encoder: Encoder, dtype: torch.dtype) -> Encoder:
    """Copy an encoder for inference, with its linear layers packed.

    The copy shares all parameters, and is out of date once they change.

    encoder (Encoder): The encoder, on a CPU.
    dtype (torch.dtype): float32; bfloat16, in which the residual stream stays in float32, as under
        autocast; or int8, for weights in eight bits and activations quantised as they come.
    """
    transformer = encoder.transformer
    shared: dict[int, Any] = {id(tensor): tensor for tensor in transformer.parameters()}
    shared |= {id(tensor): tensor for tensor in transformer.buffers()}
    packed: Any = copy.deepcopy(transformer, shared).eval()
    pack = partial(pack_linear_layers, dtype=dtype) if dtype != torch.int8 else _quantize
    kind = Encoder
    if _is_plain(packed):
        # In eight bits rows that are added would have a say in the scale of the others
        packed = PackedTransformer(packed, pack, rounds=dtype != torch.int8)
        kind = PackedEncoder
    else:
        pack(packed)
    bf16 = dtype == torch.bfloat16
    return kind(packed, bf16=bf16, pads=encoder.pads, spare=encoder.spare).eval()


def _quantize(transformer: nn.Module) -> None:
    with warnings.catch_warnings():
        # torch announces another library for what it still does itself; docs/speed.md has what
        # follows.
        warnings.simplefilter("ignore")
        qconfig = torch.ao.quantization.per_channel_dynamic_qconfig
        torch.ao.quantization.quantize_dynamic(transformer, {nn.Linear: qconfig}, inplace=True)


def _is_plain(transformer: Any) -> bool:
    """Whether an encoder is embeddings and layers of BERT or its kin, and nothing between them."""
    children = {name for name, _ in transformer.named_children()}
    if not {"embeddings", "encoder"} <= children <= {"embeddings", "encoder", "pooler"}:
        return False
    layers = getattr(transformer.encoder, "layer", ())
    attentions = [getattr(getattr(layer, "attention", None), "self", None) for layer in layers]
    return bool(attentions) and all(map(_is_plain_attention, attentions))


def _is_plain_attention(module: Any) -> bool:
    """Whether a module is the self-attention of BERT or its kin, without relative positions."""
    return (
        type(module).__name__.endswith("SdpaSelfAttention")
        and all(type(getattr(module, n, None)) is nn.Linear for n in ("query", "key", "value"))
        and getattr(module, "position_embedding_type", None) == "absolute"
        and not module.is_decoder
    )
