"""The encoder as a torch module: windows in, the layers that were asked for out."""

import inspect
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from typing import Any, Literal

import torch
from torch import Tensor, nn

from spacy_dlfa.encoder.depth import first_layers

Precision = Literal["auto", "fp32", "bf16", "int8"]
SavedPrecision = Literal["fp32", "fp16"]

#: Name of the last layer among the outputs, as in transformers
LAST = "last_hidden_state"
#: Wordpieces encoded at a time: fewer make slower products on a CPU, and leave a GPU idle.
BATCH_SIZES = {"cpu": 2048, "cuda": 16384}
#: A batch ends where more of it would be padding: a call for the rest costs less.
MAX_PADDING = 0.04


class Encoder(nn.Module):
    """A Hugging Face encoder; its outputs are `last_hidden_state` and `layer_<k>`.

    transformer (PreTrainedModel): The encoder.
    bf16 (bool): Run under bfloat16 autocast.
    pads (bool): Pad windows to a batch. Without it only windows of one length go together, for
        encoders that see the padding, whatever the mask says.
    spare (Optional[int]): How many layers above the deepest that is read are computed, so that it
        is what the whole encoder has there; None for all.
    """

    def __init__(
        self, transformer: Any, *, bf16: bool, pads: bool = True, spare: int | None = None
    ):
        super().__init__()
        self.transformer = transformer
        self.bf16 = bf16
        self.pads = pads
        self.spare = spare
        self.takes_mask = "attention_mask" in inspect.signature(transformer.forward).parameters

    def forward(
        self,
        ids: Tensor,
        lengths: Tensor,
        outputs: Sequence[str],
        segments: Tensor | None = None,
    ) -> dict[str, Tensor]:
        """Encode windows one behind the other; their padding is never seen outside.

        ids (Tensor): The N wordpieces of all windows, (N,).
        lengths (Tensor): Length of each of the S windows, (S,), on the CPU.
        outputs (Sequence[str]): The layers to return, by name; layer_0 is the embeddings.
        segments (Optional[Tensor]): Token types of the wordpieces, (N,); zeros if not given.
        RETURNS (Dict[str, Tensor]): Layers by name, (N, E) in the parameters' own type.
        """
        device = ids.device.type
        dtype = self.transformer.get_input_embeddings().weight.dtype
        shape = (len(ids), self.transformer.config.hidden_size)
        output = {key: torch.empty(shape, dtype=dtype, device=ids.device) for key in outputs}
        # Entered only if needed: a disabled autocast would switch off mixed_precision around it.
        # And once: the weights that it has cast are lost when the outermost one is left.
        with torch.autocast(device, torch.bfloat16) if self.bf16 else nullcontext():
            for positions, layers in self.encode_batches(ids, lengths, outputs, segments):
                for key, rows in layers.items():
                    output[key].index_copy_(0, positions, rows.to(dtype))
        return output

    def encode_batches(
        self, ids: Tensor, lengths: Tensor, outputs: Sequence[str], segments: Tensor | None
    ) -> Iterator[tuple[Tensor, dict[str, Tensor]]]:
        """Encode windows in batches of like length, padded.

        YIELDS (Tuple[Tensor, Dict[str, Tensor]]): Where the wordpieces of a batch lie among those
            of all windows, (n,), and their layers, (n, E).
        """
        size = BATCH_SIZES.get(ids.device.type, BATCH_SIZES["cpu"])
        for positions, mask in plan_batches(lengths, size, MAX_PADDING if self.pads else 0):
            positions, mask = positions.to(ids.device), mask.to(ids.device)
            types = None if segments is None else segments[positions]
            layers = self.encode(ids[positions], mask, types, outputs)
            real = mask.flatten().nonzero().flatten()
            flat = {key: windows.flatten(0, 1) for key, windows in layers.items()}
            if len(real) < mask.numel():
                flat = {key: rows[real] for key, rows in flat.items()}
            yield positions.flatten()[real], flat

    def encode(
        self, ids: Tensor, where: Any, segments: Tensor | None, outputs: Sequence[str]
    ) -> dict[str, Tensor]:
        """Encode a batch, and have no more layers computed than are asked for.

        ids (Tensor): Wordpieces of windows that are padded, (B, T).
        where (Any): Which of them are no padding, (B, T): what `call` goes by.
        RETURNS (Dict[str, Tensor]): Layers by name, (B, T, E).
        """
        # Some normalise behind their last layer, and have it in the hidden states as it was.
        last = {LAST, layer_key(self.transformer.config.num_hidden_layers)}
        lower = {key: layer_number(key) for key in outputs if key not in last}
        whole = len(lower) < len(outputs)
        # Some fail without a layer.
        deepest = max(1, *lower.values()) if lower else 1
        depth = None if whole or self.spare is None else deepest + self.spare
        encoded = self.call(ids, where, segments, hidden=bool(lower), depth=depth)
        return {
            key: encoded.hidden_states[lower[key]] if key in lower else encoded.last_hidden_state
            for key in outputs
        }

    def call(
        self,
        ids: Tensor,
        where: Any,
        segments: Tensor | None,
        *,
        hidden: bool,
        depth: int | None = None,
    ) -> Any:
        """Return what the encoder makes of a batch (B, T), with all hidden states or none.

        depth (Optional[int]): Compute so many layers alone.
        """
        # Not every encoder has the arguments.
        kwargs: dict[str, Tensor] = {"attention_mask": where.long()} if self.takes_mask else {}
        if segments is not None:
            kwargs["token_type_ids"] = segments
        transformer = self.transformer if depth is None else first_layers(self.transformer, depth)
        return transformer(input_ids=ids, output_hidden_states=hidden, **kwargs)


def plan_batches(
    lengths: Tensor, size: int, max_padding: float = MAX_PADDING
) -> Iterator[tuple[Tensor, Tensor]]:
    """Batch windows of like length: a long one would pad all others to its length.

    lengths (Tensor): Length of each window, (S,).
    size (int): Most wordpieces in a batch, unless a single window has more.
    max_padding (float): Most padding in a batch, as a part of the size; 0 for none at all.
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
            if padding <= max_padding * size and sizes[end] * (end + 1 - begin) <= size:
                continue
        rows = order[begin:end]
        columns = torch.arange(length, device=lengths.device)
        mask = columns < lengths[rows, None]
        # Padding repeats the window's first wordpiece, which is always there.
        yield starts[rows, None] + columns * mask, mask
        begin, padding = end, 0


def layer_key(layer: int) -> str:
    """Return the name of a hidden layer among the outputs."""
    return f"layer_{layer}"


def layer_number(key: str) -> int:
    """Return the number of a hidden layer, by its name among the outputs."""
    return int(key.removeprefix("layer_"))


def use_bf16(precision: Precision, device: str, *, mixed_precision: bool = False) -> bool:
    """Whether a forward pass on the device computes in bfloat16, and not in float16 on a GPU."""
    if mixed_precision and device == "cuda":
        return False
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
