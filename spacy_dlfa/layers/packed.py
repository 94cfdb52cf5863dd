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

    linear (nn.Linear): The layer; its parameters are shared, for code that reads them.
    dtype (torch.dtype): float32 or bfloat16, which the outputs have too.
    gelu (bool): Apply GELU to the outputs, in the same pass.
    """

    def __init__(self, linear: nn.Linear, *, dtype: torch.dtype, gelu: bool):
        super().__init__()
        self.weight = linear.weight
        self.bias = linear.bias
        self.dtype = dtype
        # The operation behind the product, its numbers, and its algorithm: GELU's exact one
        self.pointwise: tuple[str, list[float], str] = (
            ("gelu", [], "none") if gelu else ("none", [], "")
        )
        packed = linear.weight.detach().to(dtype)
        self.packed_weight = torch.ops.mkldnn._reorder_linear_weight(packed, None)
        self.packed_bias = None if linear.bias is None else linear.bias.detach().to(dtype)

    def forward(self, rows: Tensor) -> Tensor:
        """Map (..., nI) to (..., nO)."""
        return torch.ops.mkldnn._linear_pointwise(
            rows.to(self.dtype), self.packed_weight, self.packed_bias, *self.pointwise
        )


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
            return torch.ao.quantization.quantize_dynamic(packed, {nn.Linear}, dtype=dtype)
    for module in list(packed.modules()):
        for name, child in list(module.named_children()):
            if type(child) is nn.Linear:
                gelu = name == "dense" and _has_gelu(module)
                setattr(module, name, PackedLinear(child, dtype=dtype, gelu=gelu))
                if gelu:
                    module.intermediate_act_fn = nn.Identity()
    return packed


def _has_gelu(module: nn.Module) -> bool:
    """Whether a feed-forward block of BERT's kin applies the exact GELU behind its `dense`."""
    activation: Any = getattr(module, "intermediate_act_fn", None)
    return isinstance(activation, GELUActivation) and activation.act is nn.functional.gelu
