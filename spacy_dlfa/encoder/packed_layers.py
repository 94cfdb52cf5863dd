"""Linear layers and self-attention for inference on a CPU, with weights in oneDNN's own layout."""

from typing import Any, NamedTuple

import torch
from torch import Tensor, nn


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


class Layout(NamedTuple):
    """How the windows (B, T) of a batch lie among its rows, the first B * T of them.

    size (int): B.
    length (int): T.
    mask (Optional[Tensor]): What is added to the scores of attention, -inf for padding,
        (B, 1, 1, T); None if nothing is padded.
    """

    size: int
    length: int
    mask: Tensor | None


class PackedSelfAttention(nn.Module):
    """Self-attention of BERT's kin for inference, within each window of a batch of rows.

    Query, key and value are one product. torch's own attention on a CPU is made for long texts; for
    windows of a sentence or a few, plain products are up to twice as fast.

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
        self, hidden_states: Tensor, attention_mask: Layout, *_: Any, **__: Any
    ) -> tuple[Tensor]:
        """Map rows (1, N, E) to (1, N, E); those behind the windows become zeros.

        attention_mask (Layout): Where the windows are.
        """
        size, length, mask = attention_mask
        projected = self.project(hidden_states)
        windows = projected[0, : size * length].view(size, length, 3, self.num_heads, -1)
        query, key, value = windows.permute(2, 0, 3, 1, 4)
        scores = query @ key.transpose(-1, -2)
        if mask is not None:
            scores += mask
        context = (scores.softmax(-1) @ value).transpose(1, 2)
        rows = context.new_empty(1, hidden_states.shape[1], context.shape[2] * context.shape[3])
        rows[0, : size * length].view(context.shape).copy_(context)
        rows[0, size * length :] = 0
        return (rows,)


def lay_out(attention_mask: Tensor, dtype: torch.dtype) -> Layout:
    """Return the layout of windows (B, T); the mask is 0 for padding."""
    size, length = attention_mask.shape
    padding = attention_mask == 0
    if not padding.any():
        return Layout(size, length, None)
    mask = torch.zeros(padding.shape, dtype=dtype, device=padding.device)
    return Layout(size, length, mask.masked_fill_(padding, -torch.inf)[:, None, None])
