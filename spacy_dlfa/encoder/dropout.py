"""Dropout on a CPU that draws fewer random numbers than torch's."""

import torch
from torch import Tensor, nn

# A unit is dropped by a number of 16 bits, four of which come out of one draw
_BITS = 16
_DRAWN = 64 // _BITS


class CpuDropout(nn.Dropout):
    """`nn.Dropout` with a probability that is rounded to a multiple of 1 / 65,536.

    torch draws a number for each unit, which is much of a training step of a small encoder. The
    draws come from torch's own generator, so a seed gives the same ones again.
    """

    def forward(self, rows: Tensor) -> Tensor:
        """Map a tensor to one of its shape, with zeros in some places and all else scaled up."""
        dropped = round(self.p * 2**_BITS)
        plain = not self.training or self.inplace or not 0 < dropped < 2**_BITS
        if plain or rows.device.type != "cpu":
            return super().forward(rows)
        draws = torch.empty(-(-rows.numel() // _DRAWN), dtype=torch.int64, device="cpu")
        # All 64 bits of it
        draws.random_(-(2**63), None)
        numbers = draws.view(torch.int16)[: rows.numel()].view(rows.shape)
        kept = (numbers >= dropped - 2 ** (_BITS - 1)).to(rows.dtype)
        return rows * kept.mul_(2**_BITS / (2**_BITS - dropped))


def draw_faster(transformer: nn.Module) -> None:
    """Put `CpuDropout` in the place of an encoder's `nn.Dropout`; other dropouts stay."""
    for module in transformer.modules():
        for name, child in module.named_children():
            if type(child) is nn.Dropout:
                faster = CpuDropout(child.p, child.inplace)
                setattr(module, name, faster.train(child.training))
