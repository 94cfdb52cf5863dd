"""AIF and DLFA as torch modules (Chen, Guo, Liu, Tao 2022, arXiv 2205.08497)."""

from collections.abc import Callable
from functools import partial
from typing import Literal

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

Gate = Literal["feature", "sigmoid"]
Norm = Literal["batch", "layer"]
#: A function of rows (N, E) to rows (N, E), and those for W_local and W_global
Branch = Callable[[Tensor], Tensor]
Branches = tuple[Branch, Branch]

#: thinc's own, whatever torch's default is
DTYPE = torch.float32
#: Wordpieces that are fused at a time in prediction.
PREDICTED_ROWS = 1024
#: torch's own, of its norms
MOMENTUM, EPSILON = 0.1, 1e-5


class RowBatchNorm(nn.Module):
    """Batch normalisation over the rows of an array (N, E).

    Two things differ from `torch.nn.BatchNorm1d`. Training is an argument and not the module's
    state, so that a thread that trains never changes what another one predicts; and a single
    row, which has no variance, is normalised with the running statistics.
    """

    running_mean: Tensor
    running_var: Tensor

    def __init__(self, width: int):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width, dtype=DTYPE))
        self.bias = nn.Parameter(torch.zeros(width, dtype=DTYPE))
        self.register_buffer("running_mean", torch.zeros(width, dtype=DTYPE))
        self.register_buffer("running_var", torch.ones(width, dtype=DTYPE))

    def forward(self, rows: Tensor, is_train: bool) -> Tensor:
        """Normalise rows (N, E); update the running statistics if `is_train` and N > 1."""
        return F.batch_norm(
            rows,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            training=is_train and rows.shape[0] > 1,
            momentum=MOMENTUM,
            eps=EPSILON,
        )

    def fold(self, linear: nn.Linear) -> tuple[Tensor, Tensor]:
        """Return weight and bias of the linear layer that does what `linear` and this norm do."""
        scale = self.weight * torch.rsqrt(self.running_var + EPSILON)
        bias = (linear.bias - self.running_mean) * scale + self.bias
        return linear.weight * scale.unsqueeze(1), bias


class RowLayerNorm(nn.Module):
    """Layer normalisation with the signature of `RowBatchNorm`."""

    def __init__(self, width: int):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width, dtype=DTYPE))
        self.bias = nn.Parameter(torch.zeros(width, dtype=DTYPE))

    def forward(self, rows: Tensor, is_train: bool) -> Tensor:
        """Normalise rows (N, E), each on its own."""
        return F.layer_norm(rows, self.weight.shape, self.weight, self.bias, EPSILON)


NORMS: dict[str, type[RowBatchNorm] | type[RowLayerNorm]] = {
    "batch": RowBatchNorm,
    "layer": RowLayerNorm,
}


class Bottleneck(nn.Module):
    """Norm(Conv1d(ReLU(Norm(Conv1d(W))))), (N, E) -> (N, E/r) -> (N, E).

    The convolutions have kernel size 1, as in MS-CAM (arXiv 2009.14082), and such a
    convolution is a linear layer on rows. The last norm starts with a weight of zero, as in
    residual networks (Goyal et al. 2017, arXiv 1706.02677), so that DLFA starts with equal parts
    of both layers whatever the other weights, and attention has to be worth something to change it.
    """

    def __init__(self, width: int, *, reduction: int, norm: Norm):
        super().__init__()
        self.squeeze = nn.Linear(width, width // reduction, dtype=DTYPE)
        self.squeeze_norm = NORMS[norm](width // reduction)
        self.expand = nn.Linear(width // reduction, width, dtype=DTYPE)
        self.expand_norm = NORMS[norm](width)
        nn.init.zeros_(self.expand_norm.weight)

    def branch(self, is_train: bool) -> Branch:
        """Return the function of rows (N, E) to rows (N, E); in prediction it holds for many."""
        squeeze = _normed(self.squeeze, self.squeeze_norm, is_train)
        expand = _normed(self.expand, self.expand_norm, is_train)
        return lambda rows: expand(squeeze(rows).relu_())


def _normed(linear: nn.Linear, norm: RowBatchNorm | RowLayerNorm, is_train: bool) -> Branch:
    """Return a linear layer and the norm behind it; in prediction both are one product."""
    if isinstance(norm, RowBatchNorm) and not is_train:
        weight, bias = norm.fold(linear)
        return lambda rows: F.linear(rows, weight, bias)
    return lambda rows: norm(linear(rows), is_train)


class InformationFusion(nn.Module):
    """Attentional Information Fusion, equation (1): AIF(W) = W * sigmoid(W_global + W_local).

    W_local is the bottleneck of each row, W_global that of the mean row of each span. With
    `gate="sigmoid"` the weight is the sigmoid alone, as in AFF (Dai et al. 2021,
    arXiv 2009.14082), and lies in (0, 1).
    """

    def __init__(self, width: int, *, reduction: int, gate: Gate, norm: Norm):
        super().__init__()
        self.gate = gate
        self.local = Bottleneck(width, reduction=reduction, norm=norm)
        self.context = Bottleneck(width, reduction=reduction, norm=norm)

    def branches(self, is_train: bool) -> Branches:
        """Return the functions behind W_local and W_global."""
        return self.local.branch(is_train), self.context.branch(is_train)

    def forward(self, rows: Tensor, lengths: Tensor, branches: Branches) -> Tensor:
        """Weigh rows (N, E) of spans with `lengths` (S,); returns the weights (N, E)."""
        attention = self.attend(rows, lengths, branches)
        return rows * attention if self.gate == "feature" else attention

    def attend(self, rows: Tensor, lengths: Tensor, branches: Branches) -> Tensor:
        """Return the sigmoid of equation (1), (N, E), in (0, 1)."""
        local, context = branches
        span_of_row = torch.repeat_interleave(lengths)
        sums = rows.new_zeros(lengths.shape[0], rows.shape[1]).index_add(0, span_of_row, rows)
        of_span = context(sums / lengths.unsqueeze(1).to(rows.dtype))
        return local(rows).add_(of_span.index_select(0, span_of_row)).sigmoid_()


class DoubleLayerAggregation(nn.Module):
    """DLFA, equation (2): L = L1 * AIF((L1 + L2)/2) + L2 * (1 - AIF((L1 + L2)/2)).

    width (int): E, the width of the encoder.
    reduction (int): r, the bottleneck is E // r wide.
    gate (str): "feature", equation (1) as printed, or "sigmoid", AFF's gate.
    norm (str): "batch" or "layer".
    """

    def __init__(self, width: int, *, reduction: int, gate: Gate, norm: Norm):
        super().__init__()
        self.aif = InformationFusion(width, reduction=reduction, gate=gate, norm=norm)

    def forward(self, lower: Tensor, last: Tensor, lengths: Tensor, is_train: bool) -> Tensor:
        """Fuse `lower` and `last`, both (N, E), of spans with `lengths` (S,), to (N, E)."""
        branches = self.aif.branches(is_train)

        def fuse(lower: Tensor, last: Tensor, lengths: Tensor) -> Tensor:
            weight = self.aif((lower + last).mul_(0.5), lengths, branches)
            return torch.lerp(last, lower, weight)

        if is_train:
            return fuse(lower, last, lengths)
        return in_parts(fuse, (lower, last), lengths)

    def attend(self, lower: Tensor, last: Tensor, lengths: Tensor, is_train: bool) -> Tensor:
        """Return the sigmoid in the weight of `lower`, (N, E), in (0, 1) whatever the gate."""
        return self.aif.attend((lower + last) / 2, lengths, self.aif.branches(is_train))


class SingleLayerAttention(nn.Module):
    """AIF of one layer, equation (1), with the parameters of `DoubleLayerAggregation`."""

    def __init__(self, width: int, *, reduction: int, gate: Gate, norm: Norm):
        super().__init__()
        self.aif = InformationFusion(width, reduction=reduction, gate=gate, norm=norm)

    def forward(self, layer: Tensor, lengths: Tensor, is_train: bool) -> Tensor:
        """Weigh rows (N, E) of spans with `lengths` (S,); returns (N, E)."""
        branches = self.aif.branches(is_train)
        if is_train:
            return self.aif(layer, lengths, branches)
        return in_parts(partial(self.aif, branches=branches), (layer,), lengths)


def in_parts(
    function: Callable[..., Tensor], layers: tuple[Tensor, ...], lengths: Tensor
) -> Tensor:
    """Apply a function of layers (N, E) and span lengths (S,) to some spans at a time.

    What comes between input and output then stays in the processor's cache, and is never large.
    """
    result = torch.empty_like(layers[-1])
    start = 0
    for part in split_spans(lengths, PREDICTED_ROWS):
        end = start + int(part.sum())
        result[start:end] = function(*(layer[start:end] for layer in layers), part)
        start = end
    return result


def split_spans(lengths: Tensor, size: int) -> tuple[Tensor, ...]:
    """Split span lengths (S,) so that the spans of a part begin within `size` wordpieces."""
    part_of_span = (lengths.cumsum(0) - lengths) // size
    _, counts = torch.unique_consecutive(part_of_span, return_counts=True)
    return lengths.split(counts.tolist())
