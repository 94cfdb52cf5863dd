"""An encoder with packed weights, which sees the wordpieces of its windows as rows."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from transformers.file_utils import ModelOutput

from spacy_dlfa.encoder.depth import first_layers
from spacy_dlfa.encoder.encoder import BATCH_SIZES, Encoder
from spacy_dlfa.encoder.packed_layers import (
    EqualWindows,
    PackedOutput,
    PackedSelfAttention,
    is_plain_output,
)


class PackedTransformer(nn.Module):
    """An encoder of BERT's kin for inference, whose layers see rows and not windows.

    Only attention knows which window a wordpiece is in: nothing is padded.

    transformer (PreTrainedModel): The encoder; what is in it is taken over, and changed.
    pack (Callable[[nn.Module], Any]): Packs the linear layers in a module.
    rounds (bool): Add rows until there are a round number of them: oneDNN prepares each product for
        its number of rows, which takes as long as computing it for a small encoder.
    """

    def __init__(self, transformer: Any, pack: Callable[[nn.Module], Any], *, rounds: bool):
        super().__init__()
        self.rounds = rounds
        self.config = transformer.config
        self.embeddings = transformer.embeddings
        self.encoder = transformer.encoder
        for layer in self.encoder.layer:
            layer.attention.self = PackedSelfAttention(layer.attention.self)
            for block in (layer, layer.attention):
                if is_plain_output(block.output):
                    block.output = PackedOutput(block.output)
            # One after the other, so that few weights are there twice
            pack(layer)

    def get_input_embeddings(self) -> nn.Module:
        """Return the embeddings of wordpieces."""
        return self.embeddings.word_embeddings

    def forward(
        self,
        *,
        input_ids: Tensor,
        windows: Sequence[EqualWindows],
        output_hidden_states: bool,
        token_type_ids: Tensor | None = None,
    ) -> ModelOutput:
        """Encode windows one behind the other.

        input_ids (Tensor): Their wordpieces, (N,).
        windows (Sequence[EqualWindows]): How many there are of which length, in their order.
        token_type_ids (Optional[Tensor]): (N,); zeros if not given.
        RETURNS (ModelOutput): `last_hidden_state`, and `hidden_states` if asked for; (N, E).
        """
        sizes = [number * length for number, length in windows]
        ids = input_ids.split(sizes)
        types = [None] * len(ids) if token_type_ids is None else token_type_ids.split(sizes)
        # Only the embeddings know how an encoder counts positions
        embedded = [
            self.embeddings(
                input_ids=own.view(shape), token_type_ids=None if kind is None else kind.view(shape)
            ).flatten(0, 1)
            for own, kind, shape in zip(ids, types, windows, strict=True)
        ]
        num_rows = len(input_ids)
        more = round_up(num_rows) - num_rows if self.rounds else 0
        embedded.append(embedded[0].new_zeros(more, embedded[0].shape[1]))
        encoded = self.encoder(
            torch.cat(embedded)[None],
            attention_mask=windows,
            output_hidden_states=output_hidden_states,
        )
        output = ModelOutput(last_hidden_state=encoded.last_hidden_state[0, :num_rows])
        if output_hidden_states:
            output["hidden_states"] = [rows[0, :num_rows] for rows in encoded.hidden_states]
        return output


class PackedEncoder(Encoder):
    """An encoder around a PackedTransformer, for which nothing is padded."""

    def encode_batches(
        self, ids: Tensor, lengths: Tensor, outputs: Sequence[str], segments: Tensor | None
    ) -> Iterator[tuple[Tensor, dict[str, Tensor]]]:
        """Encode windows in batches of like length, as `Encoder` does."""
        for positions, windows in plan_rows(lengths, BATCH_SIZES["cpu"]):
            types = None if segments is None else segments[positions]
            yield positions, self.encode(ids[positions], windows, types, outputs)

    def call(
        self,
        ids: Tensor,
        where: Sequence[EqualWindows],
        segments: Tensor | None,
        *,
        hidden: bool,
        depth: int | None = None,
    ) -> Any:
        """Return what the encoder makes of the wordpieces of a batch, (N,), as rows (N, E)."""
        transformer = self.transformer if depth is None else first_layers(self.transformer, depth)
        return transformer(
            input_ids=ids, windows=where, output_hidden_states=hidden, token_type_ids=segments
        )


def plan_rows(lengths: Tensor, size: int) -> Iterator[tuple[Tensor, list[EqualWindows]]]:
    """Batch windows, sorted by length.

    lengths (Tensor): Length of each window, (S,).
    size (int): Most wordpieces in a batch, unless a single window has more.
    YIELDS (Tuple[Tensor, List[EqualWindows]]): Where the wordpieces of a batch lie among those of
        all windows, (N,), and the windows that they are.
    """
    starts = lengths.cumsum(0) - lengths
    ordered, order = lengths.sort(stable=True)
    sizes = ordered.tolist()
    begin = 0
    while begin < len(sizes):
        end, num_rows = begin + 1, sizes[begin]
        while end < len(sizes) and num_rows + sizes[end] <= size:
            num_rows += sizes[end]
            end += 1
        counts = Counter(sizes[begin:end])
        own = ordered[begin:end]
        # Where each window begins, less the rows of this batch before it
        shifts = starts[order[begin:end]] - (own.cumsum(0) - own)
        positions = torch.arange(num_rows) + shifts.repeat_interleave(own)
        yield positions, [EqualWindows(counts[length], length) for length in sorted(counts)]
        begin = end


def round_up(num_rows: int) -> int:
    """Round a number of rows up to one of eight in each power of two."""
    step = max(8, 1 << max(num_rows.bit_length() - 4, 0))
    return -(-num_rows // step) * step
