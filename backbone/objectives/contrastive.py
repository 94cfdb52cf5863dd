"""Windows that translate each other should be alike in a middle layer, and unlike others."""

import torch
from torch.nn import functional


def contrastive_loss(states: torch.Tensor, twins: int, temperature: float) -> torch.Tensor:
    """Return the symmetric InfoNCE loss (van den Oord et al., 2018) of pairs of windows.

    states (Tensor): A layer's hidden states, (B, T, W); windows 2 i and 2 i + 1 are a pair, for
        i < twins.
    temperature (float): What cosines are divided by.
    RETURNS (Tensor): A number; 0 if there are fewer than two pairs, as then nothing is to choose.
    """
    if twins < 2:
        return states.new_zeros((), dtype=torch.float32)
    means = functional.normalize(states[: 2 * twins].float().mean(1), dim=-1)
    cosines = means[0::2] @ means[1::2].T / temperature
    pairs = torch.arange(twins, device=states.device)
    return (
        functional.cross_entropy(cosines, pairs) + functional.cross_entropy(cosines.T, pairs)
    ) / 2
