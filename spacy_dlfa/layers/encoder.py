"""The encoder as a torch module: windows in, the hidden layers that were asked for out."""

from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any, Literal

import torch
from torch import Tensor, nn
from transformers.file_utils import ModelOutput

Precision = Literal["auto", "fp32", "bf16", "int8"]
SavedPrecision = Literal["fp32", "fp16"]

#: Wordpieces encoded at a time, padding included: what fits a CPU's caches, and fills a GPU.
BATCH_SIZES = {"cpu": 1024, "cuda": 16384}
#: A batch ends where more of it would be padding: a call for the rest costs less.
MAX_PADDING = 0.04


class Encoder(nn.Module):
    """A Hugging Face encoder; its outputs are `last_hidden_state` and `layer_<k>`.

    transformer (PreTrainedModel): The encoder.
    hidden_layers (List[int]): The layers to return besides the last; 0 is the embeddings.
    bf16 (bool): Run under bfloat16 autocast.
    """

    def __init__(self, transformer: Any, *, hidden_layers: list[int], bf16: bool):
        super().__init__()
        num_layers = transformer.config.num_hidden_layers
        for layer in hidden_layers:
            if not 0 <= layer <= num_layers:
                raise ValueError(
                    f"TransformerModel: hidden_layers: layer {layer} does not exist; "
                    f"the encoder has {num_layers} layers, so choose from 0 (the embeddings) to "
                    f"{num_layers} (the last)"
                )
        self.transformer = transformer
        self.hidden_layers = hidden_layers
        self.bf16 = bf16

    def forward(self, ids: Tensor, lengths: Tensor, segments: Tensor | None = None) -> ModelOutput:
        """Encode windows one behind the other; their padding is never seen outside.

        ids (Tensor): The N wordpieces of all windows, (N,).
        lengths (Tensor): Length of each of the S windows, (S,), on the CPU.
        segments (Optional[Tensor]): Token types of the wordpieces, (N,); zeros if not given.
        RETURNS (ModelOutput): Tensors (N, E) in the parameters' own type.
        """
        dtype = self.transformer.get_input_embeddings().weight.dtype
        shape = (len(ids), self.transformer.config.hidden_size)
        output = ModelOutput()
        for key in ("last_hidden_state", *map(layer_key, self.hidden_layers)):
            output[key] = torch.empty(shape, dtype=dtype, device=ids.device)
        for positions, mask in plan_batches(lengths, BATCH_SIZES.get(ids.device.type, 1024)):
            positions, mask = positions.to(ids.device), mask.to(ids.device)
            real = mask.flatten().nonzero().flatten()
            target = positions.flatten()[real]
            types = None if segments is None else segments[positions]
            for key, rows in self.encode(ids[positions], mask, types).items():
                found = rows.flatten(0, 1)
                if len(real) < len(found):
                    found = found[real]
                output[key].index_copy_(0, target, found.to(dtype))
        return output

    def encode(self, input_ids: Tensor, mask: Tensor, segments: Tensor | None) -> dict[str, Tensor]:
        """Encode a padded batch (B, T) to (B, T, E)."""
        # Not every encoder has the argument.
        types = {} if segments is None else {"token_type_ids": segments}
        device = input_ids.device.type
        # Entered only if needed: a disabled autocast would switch off mixed_precision around it.
        with torch.autocast(device, torch.bfloat16) if self.bf16 else nullcontext():
            encoded = self.transformer(
                input_ids=input_ids,
                attention_mask=mask.long(),
                output_hidden_states=bool(self.hidden_layers),
                **types,
            )
        output = {"last_hidden_state": encoded.last_hidden_state}
        for layer in self.hidden_layers:
            output[layer_key(layer)] = encoded.hidden_states[layer]
        return output


def plan_batches(lengths: Tensor, size: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Batch windows of like length: a long one would pad all others to its length.

    lengths (Tensor): Length of each window, (S,).
    size (int): Most wordpieces in a batch, unless a single window has more.
    YIELDS (Tuple[Tensor, Tensor]): Where the wordpieces of a batch lie among those of all
        windows, and which of them are not padding; both (B, T).
    """
    starts = lengths.cumsum(0) - lengths
    ordered, order = lengths.sort(stable=True)
    sizes = ordered.tolist()
    begin = padding = 0
    for end, length in enumerate(sizes, start=1):
        if end < len(sizes):
            padding += (end - begin) * (sizes[end] - length)
            if padding <= MAX_PADDING * size and sizes[end] * (end + 1 - begin) <= size:
                continue
        rows = order[begin:end]
        columns = torch.arange(length, device=lengths.device)
        mask = columns < lengths[rows, None]
        # Padding repeats the window's first wordpiece, which is always there.
        yield starts[rows, None] + columns * mask, mask
        begin, padding = end, 0


def layer_key(layer: int) -> str:
    """Name of a hidden layer among the outputs."""
    return f"layer_{layer}"


def use_bf16(precision: Precision, device: str) -> bool:
    """Whether a forward pass on the device computes in bfloat16."""
    if precision not in ("auto", "int8"):
        return precision == "bf16"
    if device == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    return device == "cpu" and has_native_bf16()


def has_native_bf16() -> bool:
    """Whether the CPU has AVX-512 BF16 (or AMX); others emulate it, slower than float32."""
    # Older releases of torch have the private name alone, if any.
    if hasattr(torch.cpu, "get_capabilities"):
        return bool(torch.cpu.get_capabilities().get("avx512_bf16"))
    return bool(getattr(torch.cpu, "_is_avx512_bf16_supported", bool)())
