"""Linear layers and self-attention for inference on a CPU, with weights in oneDNN's own layout."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from transformers.activations import GELUActivation


class PackedLinear(nn.Module):
    """`nn.Linear` for inference, with weights in oneDNN's own layout.

    torch multiplies float32 matrices with MKL, which runs at less than half of oneDNN's speed on
    processors that are not Intel's; and oneDNN packs plain weights anew in each call.

    weight (Tensor): As in `nn.Linear`, (nO, nI).
    bias (Optional[Tensor]): (nO,).
    dtype (torch.dtype): float32 or bfloat16, which the outputs have too.
    gelu (bool): Apply GELU to the outputs, in the same pass.
    widen (bool): Return float32 whatever the type, for what is added to a residual stream.
    """

    def __init__(
        self,
        weight: Tensor,
        bias: Tensor | None,
        *,
        dtype: torch.dtype,
        gelu: bool = False,
        widen: bool = False,
    ):
        super().__init__()
        self.dtype = dtype
        self.widen = widen
        # The operation behind the product, its numbers, and its algorithm: GELU's exact one
        self.pointwise: tuple[str, list[float], str] = (
            ("gelu", [], "none") if gelu else ("none", [], "")
        )
        packed = weight.detach().to(dtype)
        self.packed_weight = torch.ops.mkldnn._reorder_linear_weight(packed, None)
        self.packed_bias = None if bias is None else bias.detach().to(dtype)

    def forward(self, rows: Tensor) -> Tensor:
        """Map (..., nI) to (..., nO)."""
        mapped = torch.ops.mkldnn._linear_pointwise(
            rows.to(self.dtype), self.packed_weight, self.packed_bias, *self.pointwise
        )
        # A sum of two types would cost another copy
        return mapped.float() if self.widen else mapped


class EqualWindows(NamedTuple):
    """Windows of one length, one behind the other.

    number (int): B.
    length (int): T.
    """

    number: int
    length: int


class PackedSelfAttention(nn.Module):
    """Self-attention of BERT's kin for inference, within each window of a batch of rows.

    Query, key and value are one product. Windows of one length go together, so that nothing is
    padded and nothing masked.

    attention (nn.Module): transformers' attention, with `query`, `key` and `value`.
    """

    def __init__(self, attention: Any):
        super().__init__()
        self.num_heads = attention.num_attention_heads
        parts = (attention.query, attention.key, attention.value)
        weight = torch.cat([part.weight.detach() for part in parts])
        self.project = nn.Linear(weight.shape[1], weight.shape[0], device="meta")
        self.project.weight = nn.Parameter(weight, requires_grad=False)
        bias = torch.cat([part.bias.detach() for part in parts])
        self.project.bias = nn.Parameter(bias, requires_grad=False)

    def forward(
        self, hidden_states: Tensor, attention_mask: Sequence[EqualWindows], *_: Any, **__: Any
    ) -> tuple[Tensor]:
        """Map rows (1, N, E) to (1, N, E); those behind the windows become zeros.

        attention_mask (Sequence[EqualWindows]): How the windows lie among the rows.
        """
        projected = self.project(hidden_states)[0]
        sizes = [number * length for number, length in attention_mask]
        sizes.append(len(projected) - sum(sizes))
        *groups, rest = projected.split(sizes)
        contexts = []
        for rows, (number, length) in zip(groups, attention_mask, strict=True):
            heads = rows.view(number, length, 3, self.num_heads, -1).permute(2, 0, 3, 1, 4)
            context = nn.functional.scaled_dot_product_attention(*heads)
            contexts.append(context.transpose(1, 2).reshape(number * length, -1))
        # As wide as the heads are: some have fewer than fill the encoder's width
        contexts.append(rest.new_zeros(len(rest), projected.shape[1] // 3))
        return (torch.cat(contexts)[None],)


class PackedOutput(nn.Module):
    """The end of a block of BERT's kin for inference: linear layer, residual, LayerNorm.

    It calls no dropout and adds the residual in place, which single sentences gain most by.

    output (nn.Module): transformers' own, with `dense` and `LayerNorm`.
    """

    def __init__(self, output: Any):
        super().__init__()
        self.dense = output.dense
        self.LayerNorm = output.LayerNorm

    def forward(self, hidden_states: Tensor, input_tensor: Tensor) -> Tensor:
        """Map (..., nI) to (..., E), and add (..., E)."""
        return self.LayerNorm(self.dense(hidden_states).add_(input_tensor))


def is_plain_output(module: nn.Module) -> bool:
    """Whether a module is the end of a block of BERT or its kin, which normalises last."""
    children = {name for name, _ in module.named_children()}
    named = type(module).__name__.endswith("Output")
    return named and children == {"dense", "LayerNorm", "dropout"}


def pack_linear_layers(transformer: nn.Module, dtype: torch.dtype) -> None:
    """Pack the linear layers, those before a GELU together with it."""
    for module in list(transformer.modules()):
        for name, child in list(module.named_children()):
            if type(child) is nn.Linear:
                gelu = name == "dense" and _has_gelu(module)
                widen = name == "dense" and hasattr(module, "LayerNorm")
                linear = PackedLinear(child.weight, child.bias, dtype=dtype, gelu=gelu, widen=widen)
                if not isinstance(module, PackedSelfAttention):
                    # For code that asks for them
                    linear.weight, linear.bias = child.weight, child.bias
                setattr(module, name, linear)
                if gelu:
                    module.intermediate_act_fn = nn.Identity()


def _has_gelu(module: nn.Module) -> bool:
    """Whether a feed-forward block of BERT's kin applies the exact GELU behind its `dense`."""
    activation: Any = getattr(module, "intermediate_act_fn", None)
    return isinstance(activation, GELUActivation) and activation.act is nn.functional.gelu
