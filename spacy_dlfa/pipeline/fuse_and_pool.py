"""Fuse the layers of each wordpiece, then pool the wordpieces of each token."""

import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy
from thinc.api import Model
from thinc.types import Floats2d, Ints1d, Ragged

from spacy_dlfa.encoder.encoder import LAST, layer_key, layer_number
from spacy_dlfa.encoder.parts import is_factor
from spacy_dlfa.errors import Errors, Warnings
from spacy_dlfa.storage.saved_settings import FixedInt, FixedReads, FixedText, Free
from spacy_dlfa.types import DocRows, Fusion, Gradients, HiddenStates


def fuse_and_pool(
    fusion: Fusion,
    pooling: Model[Ragged, Floats2d],
    *,
    layer: int,
    upper: int | None = None,
    grad_factor: float,
) -> Model[list[DocRows], list[Floats2d]]:
    """Turn the encoder's rows into one vector for each token.

    Fusion sees wordpieces within their span, special tokens included.

    fusion (Fusion): The fusion.
    pooling (Model[Ragged, Floats2d]): Reduces the wordpieces of a token to one vector; a token
        without a wordpiece gets zeros.
    layer (int): The lower layer.
    upper (Optional[int]): The upper layer; None for the encoder's last.
    grad_factor (float): Factor on the gradients sent to the encoder.
    RAISES (ValueError): If the encoder would go uphill by the factor.
    """
    if not is_factor(grad_factor):
        raise ValueError(Errors.DL088.format(found=grad_factor))
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
            "upper": FixedText(LAST if upper is None else layer_key(upper)),
            "grad_factor": Free(grad_factor),
            "pooling": FixedText(pooling.name),
            # The names of the layers that the weights are for
            "outputs": [],
        },
    )


class Rows(NamedTuple):
    """The rows of a batch.

    states (HiddenStates): Layers (N, E) and span lengths.
    align (Ints1d): For each wordpiece of each token, its row; N, a row of zeros, for a token
        without wordpieces (white space, control characters).
    align_lengths (Ints1d): Number of rows of each token, 1 or more.
    any_empty (bool): Whether there are tokens without wordpieces.
    """

    states: HiddenStates
    align: Ints1d
    align_lengths: Ints1d
    any_empty: bool


def init(model: Model, X: list[DocRows] | None = None, Y: Any = None) -> None:
    """Initialise fusion and pooling by the shape of X.

    RAISES (ValueError): If no document of X has a token.
    """
    if X is None:
        return
    docs = [doc for doc in X if doc.layers]
    if not docs:
        raise ValueError(Errors.DL044.format(num_docs=len(X)))
    rows = gather_rows(model, docs)
    fusion, pooling = model.layers
    fusion.initialize(X=rows.states)
    pooling.initialize(X=Ragged(rows.states.layers[-1], rows.states.lengths))
    model.set_dim("nO", rows.states.layers[-1].shape[1])
    model.attrs["outputs"] = layers_read(model)


def forward(
    model: Model, X: list[DocRows], is_train: bool
) -> tuple[list[Floats2d], Callable[[list[Floats2d]], Gradients]]:
    """Return one array (tokens, E) for each document."""
    ops = model.ops
    xp: Any = ops.xp
    fusion, pooling = model.layers
    docs = [doc for doc in X if doc.layers]
    if not docs:
        width = model.maybe_get_dim("nO") or 0
        return [ops.alloc2f(len(doc.align.lengths), width) for doc in X], lambda dY: {}
    rows = gather_rows(model, docs)
    fused, fusion_backprop = fusion(rows.states, is_train)
    if rows.any_empty:
        fused = xp.pad(fused, ((0, 1), (0, 0)))
    pieces = Ragged(fused[rows.align], rows.align_lengths)
    pooled, pooling_backprop = pooling(pieces, is_train)
    Y: list[Floats2d] = []
    start = 0
    for doc in X:
        if not doc.layers:
            Y.append(ops.alloc2f(len(doc.align.lengths), pooled.shape[1]))
            continue
        end = start + len(doc.align.lengths)
        Y.append(pooled[start:end])
        start = end

    def backprop(dY: list[Floats2d]) -> Gradients:
        d_tokens = [d for d, doc in zip(dY, X, strict=True) if doc.layers]
        d_pieces = pooling_backprop(xp.concatenate(d_tokens))
        d_fused = xp.zeros_like(fused)
        ops.scatter_add(d_fused, rows.align, d_pieces.dataXd)
        d_layers = fusion_backprop(d_fused[: len(rows.states.layers[0])])
        factor = float(model.attrs["grad_factor"])
        # New arrays, as the component adds those of other listeners to them
        return {
            key: d_layer * factor for key, d_layer in zip(layers_read(model), d_layers, strict=True)
        }

    return Y, backprop


def check_layers(model: Model, num_layers: int, configured: list[int]) -> list[str]:
    """Return the names of the layers that the fusion reads of an encoder.

    num_layers (int): The encoder's layers.
    configured (List[int]): The transformer's `hidden_layers`: what weights for "all" are for that
        were saved before they said so themselves.
    RAISES (ValueError): If the encoder lacks one of them, or they are no pair.
    """
    fusion, layer = model.layers[0], model.attrs["layer"]
    reads, upper = fusion.attrs["reads"], number_of(model.attrs["upper"], num_layers)
    named = {"layer": layer} if reads in ("pair", "lower") else {}
    named |= {} if reads == "lower" else {"upper": upper}
    for name, number in named.items():
        if not 0 <= number <= num_layers:
            raise ValueError(Errors.DL047.format(name=name, layer=number, num_layers=num_layers))
    same = layer_key(layer) == model.attrs["upper"]
    if reads == "pair" and (layer > upper or same):
        raise ValueError(Errors.DL045.format(layer=layer, upper=upper))
    # The last layer by its number, beside itself: a control, and most often a mistake
    if reads == "pair" and layer == upper and not model.has_dim("nO"):
        warnings.warn(Warnings.DL912.format(layer=layer), stacklevel=2)
    if reads == "all" and not model.attrs["outputs"]:
        layers = configured if fusion.has_dim("nL") else range(upper)
        model.attrs["outputs"] = [*map(layer_key, layers), model.attrs["upper"]]
    found = layers_read(model)
    if any(number_of(key, num_layers) > num_layers for key in found):
        raise ValueError(Errors.DL046.format(found=found, num_layers=num_layers))
    return found


def number_of(key: str, num_layers: int) -> int:
    """Return the number of a layer of an encoder by its name among the outputs."""
    return num_layers if key == LAST else layer_number(key)


def layers_read(model: Model) -> list[str]:
    """Name the layers that the fusion reads, lower layers first."""
    reads = model.layers[0].attrs["reads"]
    if reads == "all":
        return model.attrs["outputs"]
    lower, upper = layer_key(model.attrs["layer"]), str(model.attrs["upper"])
    return {"last": [upper], "lower": [lower], "pair": [lower, upper]}[reads]


def gather_rows(model: Model, docs: list[DocRows]) -> Rows:
    """Collect the rows of all documents, none of which is empty."""
    xp: Any = model.ops.xp
    ends = numpy.cumsum([sum(doc.lengths) for doc in docs])
    starts = [0, *ends[:-1]]
    num_rows = int(ends[-1])
    aligns: list[Any] = [doc.align for doc in docs]
    indices = numpy.concatenate(
        [align.dataXd + start for align, start in zip(aligns, starts, strict=True)]
    )
    per_token = numpy.concatenate([align.lengths for align in aligns])
    empty = per_token == 0
    indices = numpy.insert(indices, (numpy.cumsum(per_token) - per_token)[empty], num_rows)
    layers = []
    for key in layers_read(model):
        if lacking := [list(doc.layers) for doc in docs if key not in doc.layers]:
            raise ValueError(Errors.DL048.format(key=key, lacking=lacking[0]))
        # Of documents from elsewhere they may be in another memory.
        arrays = [xp.asarray(doc.layers[key]) for doc in docs]
        layers.append(arrays[0] if len(arrays) == 1 else xp.concatenate(arrays))
    return Rows(
        HiddenStates(layers, xp.asarray([n for doc in docs for n in doc.lengths], dtype="i")),
        xp.asarray(indices, dtype="i"),
        xp.asarray(numpy.where(empty, 1, per_token), dtype="i"),
        bool(empty.any()),
    )
