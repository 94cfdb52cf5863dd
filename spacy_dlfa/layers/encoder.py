"""The encoder as a torch module that returns only the hidden layers it was asked for."""

from contextlib import nullcontext
from typing import Any, Literal

import torch
from torch import nn
from transformers.file_utils import ModelOutput

Precision = Literal["auto", "fp32", "bf16"]


class Encoder(nn.Module):
    """A Hugging Face encoder; its outputs are `last_hidden_state` and `layer_<k>`.

    transformer (PreTrainedModel): The encoder.
    hidden_layers (List[int]): The layers to return besides the last; 0 is the embeddings.
    precision (str): "fp32"; "bf16", the forward pass under bfloat16 autocast; or "auto",
        "bf16" where the processor computes it natively.
    """

    def __init__(self, transformer: Any, *, hidden_layers: list[int], precision: Precision):
        super().__init__()
        num_layers = transformer.config.num_hidden_layers
        for layer in hidden_layers:
            if not 0 <= layer <= num_layers:
                raise ValueError(
                    f"[components.transformer.model] hidden_layers: layer {layer} does not exist; "
                    f"the encoder has {num_layers} layers, so choose from 0 (the embeddings) to "
                    f"{num_layers} (the last)"
                )
        self.transformer = transformer
        self.hidden_layers = hidden_layers
        self.precision = precision

    def forward(self, **inputs: torch.Tensor) -> ModelOutput:
        """Encode input_ids (B, T); returns tensors (B, T, E) in the parameters' own type."""
        dtype = self.transformer.dtype
        device = inputs["input_ids"].device.type
        # Entered only if needed: a disabled autocast would switch off mixed_precision around it.
        bf16 = use_bf16(self.precision, device)
        with torch.autocast(device, torch.bfloat16) if bf16 else nullcontext():
            encoded = self.transformer(**inputs, output_hidden_states=bool(self.hidden_layers))
        output = ModelOutput(last_hidden_state=encoded.last_hidden_state.to(dtype))
        for layer in self.hidden_layers:
            output[layer_key(layer)] = encoded.hidden_states[layer].to(dtype)
        return output


def layer_key(layer: int) -> str:
    """Name of a hidden layer among the outputs."""
    return f"layer_{layer}"


def use_bf16(precision: Precision, device: str) -> bool:
    """Whether a forward pass on the device runs under bfloat16 autocast."""
    if precision != "auto":
        return precision == "bf16"
    if device == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    # Without AVX-512 BF16 (or AMX) a CPU emulates bfloat16 and is slower than in float32.
    return device == "cpu" and torch.cpu._is_avx512_bf16_supported()
