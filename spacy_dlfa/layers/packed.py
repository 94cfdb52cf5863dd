"""Copies of an encoder whose linear layers are packed for fast inference on a CPU."""

import copy
import warnings
from typing import Any

import torch
from torch import Tensor, nn
from transformers.activations import GELUActivation

#: What the linear layers of a packed copy compute in.
PACKED_TYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "int8": torch.qint8}


class PackedLinear(nn.Module):
    """`nn.Linear` for inference, with weights in oneDNN's own layout.

    torch multiplies float32 matrices with MKL, which runs at less than half of oneDNN's speed on
    processors that are not Intel's; and oneDNN packs plain weights anew in each call.

    weight (Tensor): As in `nn.Linear`, (nO, nI).
    bias (Optional[Tensor]): (nO,).
    dtype (torch.dtype): float32 or bfloat16, which the outputs have too.
    gelu (bool): Apply GELU to the outputs, in the same pass.
    """

    def __init__(
        self, weight: Tensor, bias: Tensor | None, *, dtype: torch.dtype, gelu: bool = False
    ):
        super().__init__()
        self.dtype = dtype
        # The operation behind the product, its numbers, and its algorithm: GELU's exact one
        self.pointwise: tuple[str, list[float], str] = (
            ("gelu", [], "none") if gelu else ("none", [], "")
        )
        packed = weight.detach().to(dtype)
        self.packed_weight = torch.ops.mkldnn._reorder_linear_weight(packed, None)
        self.packed_bias = None if bias is None else bias.detach().to(dtype)

    def forward(self, rows: Tensor) -> Tensor:
        """Map (..., nI) to (..., nO)."""
        return torch.ops.mkldnn._linear_pointwise(
            rows.to(self.dtype), self.packed_weight, self.packed_bias, *self.pointwise
        )


class PackedSelfAttention(nn.Module):
    """Self-attention of BERT's kin for inference: query, key and value are one product.

    torch's own attention on a CPU is made for long texts; for windows of a sentence or a few, plain
    products are up to twice as fast.

    attention (nn.Module): transformers' attention, with `query`, `key` and `value`.
    dtype (torch.dtype): float32 or bfloat16.
    """

    def __init__(self, attention: Any, *, dtype: torch.dtype):
        super().__init__()
        self.num_heads = attention.num_attention_heads
        scale = attention.attention_head_size**-0.5
        query, key, value = attention.query, attention.key, attention.value
        self.project = PackedLinear(
            torch.cat([query.weight * scale, key.weight, value.weight]),
            torch.cat([query.bias * scale, key.bias, value.bias]),
            dtype=dtype,
        )

    def forward(
        self, hidden_states: Tensor, attention_mask: Tensor | None = None, *_: Any, **__: Any
    ) -> tuple[Tensor]:
        """Map (B, T, E) to (B, T, E); the mask (B, 1, 1 or T, T) is added to the scores."""
        projected = self.project(hidden_states).unflatten(-1, (3, self.num_heads, -1))
        query, key, value = projected.permute(2, 0, 3, 1, 4)
        scores = query @ key.transpose(-1, -2)
        if attention_mask is not None:
            scores += attention_mask
        return ((scores.softmax(-1) @ value).transpose(1, 2).flatten(2),)


def can_pack(dtype: torch.dtype) -> bool:
    """Whether this machine's torch has packed linear layers of a type."""
    if dtype == torch.qint8:
        return torch.backends.quantized.engine != "none"
    if not torch.backends.mkldnn.is_available():
        return False
    return dtype == torch.float32 or torch.ops.mkldnn._is_mkldnn_bf16_supported()


def pack_encoder(transformer: Any, dtype: torch.dtype) -> Any:
    """Copy an encoder for inference, with its linear layers packed.

    The copy shares all parameters, and is out of date once they change.

    transformer (PreTrainedModel): The encoder, on a CPU.
    dtype (torch.dtype): float32; bfloat16, in which the residual stream stays in float32, as under
        autocast; or qint8, for weights in eight bits and activations quantised as they come.
    """
    shared: dict[int, Any] = {id(tensor): tensor for tensor in transformer.parameters()}
    shared |= {id(tensor): tensor for tensor in transformer.buffers()}
    packed = copy.deepcopy(transformer, shared).eval()
    if dtype == torch.qint8:
        with warnings.catch_warnings():
            # torch announces another library for what it still does itself.
            warnings.simplefilter("ignore")
            return torch.ao.quantization.quantize_dynamic(
                packed, {nn.Linear}, dtype=dtype, inplace=True
            )
    for module in list(packed.modules()):
        for name, child in list(module.named_children()):
            if _is_plain_attention(child):
                setattr(module, name, PackedSelfAttention(child, dtype=dtype))
            elif type(child) is nn.Linear:
                gelu = name == "dense" and _has_gelu(module)
                linear = PackedLinear(child.weight, child.bias, dtype=dtype, gelu=gelu)
                # For code that asks for them
                linear.weight, linear.bias = child.weight, child.bias
                setattr(module, name, linear)
                if gelu:
                    module.intermediate_act_fn = nn.Identity()
    return packed


def _is_plain_attention(module: Any) -> bool:
    """Whether a module is the self-attention of BERT or its kin, without relative positions."""
    return (
        type(module).__name__.endswith("SdpaSelfAttention")
        and all(type(getattr(module, n, None)) is nn.Linear for n in ("query", "key", "value"))
        and getattr(module, "position_embedding_type", None) == "absolute"
        and not module.is_decoder
    )


def _has_gelu(module: nn.Module) -> bool:
    """Whether a feed-forward block of BERT's kin applies the exact GELU behind its `dense`."""
    activation: Any = getattr(module, "intermediate_act_fn", None)
    return isinstance(activation, GELUActivation) and activation.act is nn.functional.gelu
