"""The encoder as a torch module that returns only the hidden layers it was asked for."""

from contextlib import nullcontext
from typing import Any, Literal

import torch
import torch.nn.functional as F  # noqa: N812
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
        """Encode input_ids (B, T); returns tensors (B, T, E) in the parameters' own type.

        Rows of like length are encoded together and cut to it: one word of 200 pieces would
        otherwise pad a hundred short sentences to its length. What is padded comes back as zeros.
        """
        groups = group_by_length(inputs["attention_mask"])
        encoded = [
            self.encode({name: value[rows, :length] for name, value in inputs.items()})
            for rows, length in groups
        ]
        back = torch.cat([rows for rows, _ in groups]).argsort()
        width = inputs["input_ids"].shape[1]
        output = ModelOutput()
        for key in encoded[0]:
            parts = [F.pad(part[key], (0, 0, 0, width - part[key].shape[1])) for part in encoded]
            output[key] = torch.cat(parts)[back]
        return output

    def encode(self, inputs: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        """Encode rows of like length."""
        dtype = self.transformer.dtype
        device = inputs["input_ids"].device.type
        # Entered only if needed: a disabled autocast would switch off mixed_precision around it.
        bf16 = use_bf16(self.precision, device)
        with torch.autocast(device, torch.bfloat16) if bf16 else nullcontext():
            encoded = self.transformer(**inputs, output_hidden_states=bool(self.hidden_layers))
        output = {"last_hidden_state": encoded.last_hidden_state.to(dtype)}
        for layer in self.hidden_layers:
            output[layer_key(layer)] = encoded.hidden_states[layer].to(dtype)
        return output


def group_by_length(mask: torch.Tensor) -> list[tuple[torch.Tensor, int]]:
    """Group the rows of an attention mask (B, T) so that little of a group is padding.

    RETURNS (List[Tuple[torch.Tensor, int]]): The rows of each group, and its longest length.
    """
    if not bool((mask[:, 1:] <= mask[:, :-1]).all()):
        # Padded on the left: rows can't be cut.
        return [(torch.arange(mask.shape[0], device=mask.device), mask.shape[1])]
    lengths, order = mask.sum(dim=1).long().sort(stable=True)
    sizes = lengths.tolist()
    starts = [0]
    for i, size in enumerate(sizes):
        # A quarter of padding costs less than one more small call of the encoder.
        if size > 1.25 * sizes[starts[-1]] + 4:
            starts.append(i)
    ends = [*starts[1:], len(sizes)]
    return [(order[i:j], max(sizes[j - 1], 1)) for i, j in zip(starts, ends, strict=True)]


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
