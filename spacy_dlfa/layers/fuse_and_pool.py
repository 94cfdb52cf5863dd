"""Fuse the layers of each wordpiece, then pool the wordpieces of each token."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy
from spacy_transformers.data_classes import TransformerData
from thinc.api import Model
from thinc.types import Floats2d, Ints1d, Ragged
from transformers.file_utils import ModelOutput

from spacy_dlfa.layers.encoder import layer_key
from spacy_dlfa.layers.saved_settings import FixedInt, FixedReads, FixedText, Free
from spacy_dlfa.types import Fusion, HiddenStates

LAST = "last_hidden_state"


def fuse_and_pool(
    fusion: Fusion, pooling: Model[Ragged, Floats2d], *, layer: int, grad_factor: float
) -> Model[list[TransformerData], list[Floats2d]]:
    """Turn the transformer's output into one vector for each token.

    Fusion sees wordpieces within their span, special tokens included and padding left out, so
    that padding never changes a result.

    fusion (Fusion): The fusion.
    pooling (Model[Ragged, Floats2d]): Reduces the wordpieces of a token to one vector; a token
        without a wordpiece gets zeros.
    layer (int): The lower layer.
    grad_factor (float): Factor on the gradients sent to the encoder.
    """
    fusion.attrs["reads"] = FixedReads(fusion.attrs["reads"])
    return Model(
        "fuse_and_pool",
        forward,
        init=init,
        layers=[fusion, pooling],
        dims={"nO": None},
        attrs={
            "fusion": FixedText(fusion.name),
            "layer": FixedInt(layer),
            "grad_factor": Free(grad_factor),
            "pooling": FixedText(pooling.name),
            # The outputs that it was initialised with
            "outputs": [],
        },
    )


class Rows(NamedTuple):
    """The unpadded rows of a batch.

    datas (List[TransformerData]): The documents that have any.
    positions (List[Union[slice, Ints1d]]): For each document, where its rows stand in its padded
        output.
    sizes (List[int]): For each document, their number.
    states (HiddenStates): Layers (N, E) and span lengths.
    align (Ints1d): For each wordpiece of each token, its row; N, a row of zeros, for a token
        without wordpieces (white space, control characters).
    align_lengths (Ints1d): Number of rows of each token, 1 or more.
    any_empty (bool): Whether there are tokens without wordpieces.
    """

    datas: list[TransformerData]
    positions: list[slice | Ints1d]
    sizes: list[int]
    states: HiddenStates
    align: Ints1d
    align_lengths: Ints1d
    any_empty: bool


def init(model: Model, X: list[TransformerData] | None = None, Y: Any = None) -> None:
    """Initialise fusion and pooling by the shape of X.

    RAISES (ValueError): If no document of X has a token.
    """
    if X is None:
        return
    datas = [data for data in X if data.model_output]
    if not datas:
        raise ValueError(
            f"None of the {len(X)} documents that this component is initialised with has a token, "
            f"so that its width can't be known; spaCy takes the first ten of the training corpus, "
            f"so put a document with text among them"
        )
    model.attrs["outputs"] = []
    rows = gather_rows(model, datas)
    fusion, pooling = model.layers
    fusion.initialize(X=rows.states)
    pooling.initialize(X=Ragged(rows.states.layers[-1], rows.states.lengths))
    model.set_dim("nO", datas[0].width)
    model.attrs["outputs"] = layers_read(model, datas[0])


def forward(
    model: Model, X: list[TransformerData], is_train: bool
) -> tuple[list[Floats2d], Callable[[list[Floats2d]], list[TransformerData]]]:
    """Return one array (tokens, E) for each document."""
    ops = model.ops
    xp: Any = ops.xp
    fusion, pooling = model.layers
    datas = [data for data in X if data.model_output]
    if not datas:
        width = model.maybe_get_dim("nO") or 0
        return [ops.alloc2f(len(data.align.lengths), width) for data in X], lambda dY: []
    rows = gather_rows(model, datas)
    fused, fusion_backprop = fusion(rows.states, is_train)
    if rows.any_empty:
        fused = xp.pad(fused, ((0, 1), (0, 0)))
    pieces = Ragged(fused[rows.align], rows.align_lengths)
    pooled, pooling_backprop = pooling(pieces, is_train)
    Y: list[Floats2d] = []
    start = 0
    for data in X:
        if not data.model_output:
            Y.append(ops.alloc2f(len(data.align.lengths), pooled.shape[1]))
            continue
        end = start + len(data.align.lengths)
        Y.append(pooled[start:end])
        start = end

    def backprop(dY: list[Floats2d]) -> list[TransformerData]:
        d_tokens = [d for d, data in zip(dY, X, strict=True) if data.model_output]
        d_pieces = pooling_backprop(xp.concatenate(d_tokens))
        d_fused = xp.zeros_like(fused)
        ops.scatter_add(d_fused, rows.align, d_pieces.dataXd)
        return scatter_rows(model, rows, fusion_backprop(d_fused[: len(rows.states.layers[0])]))

    return Y, backprop


def layers_read(model: Model, data: TransformerData) -> list[str]:
    """Name the outputs that the fusion reads, lower layers first."""
    reads = model.layers[0].attrs["reads"]
    if reads == "last":
        return [LAST]
    if reads == "all":
        found = [*(key for key in data.model_output if key != LAST), LAST]
        made_of = model.attrs["outputs"]
        # Of another number of layers the fusion itself says so
        if len(found) == len(made_of) and found != made_of:
            raise ValueError(
                f"The fusion's weights are for {made_of}, but the transformer puts out {found}; "
                f"leave hidden_layers as they were saved, or take both components from the same "
                f"pipeline"
            )
        return found
    lower = layer_key(model.attrs["layer"])
    if lower not in data.model_output:
        raise ValueError(
            f"The fusion reads layer {model.attrs['layer']}, but the transformer puts out "
            f"{list(data.model_output)}; add the layer to hidden_layers of the transformer "
            f"component's model"
        )
    return [lower, LAST]


def gather_rows(model: Model, datas: list[TransformerData]) -> Rows:
    """Collect the rows of real wordpieces of all documents."""
    xp: Any = model.ops.xp
    positions: list[Any] = []
    sizes, lengths, align = [], [], []
    num_rows = 0
    for data in datas:
        mask = data.wordpieces.attention_mask > 0
        if mask.all():
            # One window, or windows of equal length: nothing is padded.
            positions.append(slice(0, mask.size))
            sizes.append(mask.size)
            lengths += [mask.shape[1]] * mask.shape[0]
            align.append(data.align.dataXd + num_rows)
        else:
            real = numpy.flatnonzero(mask)
            row_of_position = numpy.zeros(mask.size, dtype="i")
            row_of_position[real] = numpy.arange(num_rows, num_rows + real.size)
            positions.append(xp.asarray(real))
            sizes.append(real.size)
            # A window of white space may have no wordpiece at all.
            lengths += mask.sum(axis=1)[mask.any(axis=1)].tolist()
            align.append(row_of_position[data.align.dataXd])
        num_rows += sizes[-1]
    indices = numpy.concatenate(align)
    per_token = numpy.concatenate([data.align.lengths for data in datas])
    empty = per_token == 0
    indices = numpy.insert(indices, (numpy.cumsum(per_token) - per_token)[empty], num_rows)
    layers = []
    for key in layers_read(model, datas[0]):
        flat = [data.model_output[key].reshape(-1, data.width) for data in datas]
        rows = [array[own] for array, own in zip(flat, positions, strict=True)]
        layers.append(rows[0] if len(rows) == 1 else xp.concatenate(rows))
    return Rows(
        datas,
        positions,
        sizes,
        HiddenStates(layers, xp.asarray(lengths, dtype="i")),
        xp.asarray(indices, dtype="i"),
        xp.asarray(numpy.where(empty, 1, per_token), dtype="i"),
        bool(empty.any()),
    )


def scatter_rows(model: Model, rows: Rows, d_layers: list[Floats2d]) -> list[TransformerData]:
    """Put gradients of rows back to their places in the padded outputs.

    The transformer component adds up the gradients of its listeners by position, so each
    listener sends all outputs in order, with zeros for those it does not read.
    """
    xp: Any = model.ops.xp
    d_by_key = dict(zip(layers_read(model, rows.datas[0]), d_layers, strict=True))
    d_datas = []
    start = 0
    for data, own, size in zip(rows.datas, rows.positions, rows.sizes, strict=True):
        d_output = ModelOutput()
        for key, output in data.model_output.items():
            d_output[key] = xp.zeros_like(output)
            if key in d_by_key:
                d_rows = d_by_key[key][start : start + size]
                d_rows = d_rows * float(model.attrs["grad_factor"])
                d_output[key].reshape(-1, data.width)[own] = d_rows
        start += size
        d_datas.append(TransformerData(data.wordpieces, d_output, data.align))
    return d_datas
