"""Linear layers and self-attention for inference on a CPU, with weights in oneDNN's own layout."""

from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

#: Windows of an attention in bfloat16 that are multiplied at a time, and what their length is a
#: multiple of: oneDNN prepares each product for its size, which takes as long as many of them.
TILE_WINDOWS, TILE_LENGTH = 8, 16


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

    count (int): B.
    length (int): T.
    mask (Optional[Tensor]): What is added to the scores of attention, -inf for padding. In
        bfloat16 of the windows as they are multiplied, (B', 1, 1, T'); in float32 of those as
        they are, (B, 1, 1, T), and None if nothing is padded.
    """

    count: int
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
        self.dtype = dtype
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
        count, length, mask = attention_mask
        projected = self.project(hidden_states)
        windows = projected[0, : count * length].view(count, length, 3, self.num_heads, -1)
        windows = windows.permute(2, 0, 3, 1, 4)
        attend = _attend_in_tiles if self.dtype == torch.bfloat16 else _attend
        context = attend(windows, mask).transpose(1, 2)
        rows = context.new_empty(1, hidden_states.shape[1], context.shape[2] * context.shape[3])
        rows[0, : count * length].view(context.shape).copy_(context)
        rows[0, count * length :] = 0
        return (rows,)


def _attend(windows: Tensor, mask: Tensor | None) -> Tensor:
    """Attend within windows: queries, keys and values (3, B, H, T, D) to (B, H, T, D)."""
    query, key, value = windows
    scores = query @ key.transpose(-1, -2)
    if mask is not None:
        scores += mask
    return scores.softmax(-1) @ value


def _attend_in_tiles(windows: Tensor, mask: Tensor) -> Tensor:
    """Do the same by products of few sizes, with the windows padded to that of the mask."""
    count, num_heads, length, width = windows.shape[1:]
    padded = windows.new_empty(3, mask.shape[0], num_heads, mask.shape[-1], width)
    padded[:, :count, :, :length] = windows
    padded[:, count:] = 0
    padded[:, :count, :, length:] = 0
    query, key, value = padded.flatten(1, 2)
    scores = query.new_empty(len(query), mask.shape[-1], mask.shape[-1])
    context = torch.empty_like(value)
    parts = [
        slice(i, i + TILE_WINDOWS * num_heads)
        for i in range(0, len(query), TILE_WINDOWS * num_heads)
    ]
    for part in parts:
        torch.bmm(query[part], key[part].transpose(1, 2), out=scores[part])
    shape = (mask.shape[0], num_heads, *scores.shape[1:])
    weights = scores.view(shape).float().add_(mask).softmax(-1).to(scores.dtype).flatten(0, 1)
    for part in parts:
        torch.bmm(weights[part], value[part], out=context[part])
    return context.view(padded.shape[1:])[:count, :, :length]


def lay_out(attention_mask: Tensor, dtype: torch.dtype) -> Layout:
    """Return the layout of windows (B, T); the mask is 0 for padding."""
    count, length = attention_mask.shape
    padding = attention_mask == 0
    if dtype == torch.bfloat16:
        num = -(-count // TILE_WINDOWS) * TILE_WINDOWS
        # Few windows are one, two or four.
        num = min(num, 1 << (count - 1).bit_length())
        wide = -(-length // TILE_LENGTH) * TILE_LENGTH
        padding = nn.functional.pad(padding, (0, wide - length), value=True)
        # What is behind the windows is encoded for nothing, but must be numbers.
        padding = nn.functional.pad(padding, (0, 0, 0, num - count), value=False)
    elif not padding.any():
        return Layout(count, length, None)
    mask = torch.zeros(padding.shape, dtype=torch.float32, device=padding.device)
    return Layout(count, length, mask.masked_fill_(padding, -torch.inf)[:, None, None])
