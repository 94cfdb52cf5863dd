"""Cross entropy over a large vocabulary, in the memory that the scores already take.

torch's own makes several float32 arrays of the scores' size, and on a CPU spends a good part of a
step on that memory. Here a few rows at a time are turned into their gradient where they stand.
"""

from typing import Any

import torch

#: So many rows stay in the processor's cache; a GPU has no use for fewer.
_CPU_ROWS, _GPU_ROWS = 32, 4096


class _CrossEntropy(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, scores: torch.Tensor, gold: torch.Tensor) -> torch.Tensor:
        losses = torch.empty(len(gold), device=scores.device)
        rows = _CPU_ROWS if scores.device.type == "cpu" else _GPU_ROWS
        for start in range(0, len(gold), rows):
            part = slice(start, start + rows)
            right = gold[part, None]
            Z = scores[part].float()
            logs = Z.logsumexp(-1, keepdim=True)
            losses[part] = (logs - Z.gather(1, right)).squeeze(1)
            # The gradient is the probabilities, less 1 for the right piece.
            Z.sub_(logs).exp_()
            Z.scatter_add_(1, right, torch.full_like(logs, -1.0))
            scores[part] = Z
        ctx.save_for_backward(scores)
        return losses

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor, None]:
        (scores,) = ctx.saved_tensors
        return scores.mul_(gradients[0][:, None]), None


def cross_entropy(scores: torch.Tensor, gold: torch.Tensor) -> torch.Tensor:
    """Return the loss of each row, (M,), in float32; its gradient can be asked for once.

    scores (Tensor): Of all word pieces, (M, pieces); overwritten.
    gold (Tensor[int64]): The right pieces, (M,).
    """
    losses: torch.Tensor = _CrossEntropy.apply(scores, gold)
    return losses
