"""Vectors that others have put on a document or its tokens, fused with what a listener makes."""

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy
from spacy.tokens import Doc, Token
from thinc.api import Linear, Model
from thinc.types import Floats2d, Ints1d
from thinc.util import is_xp_array, to_numpy

from spacy_dlfa.errors import Errors
from spacy_dlfa.storage.saved_settings import FixedText
from spacy_dlfa.types import Fusion, HiddenStates

_PLACE = re.compile(r"(doc|token)\._\.([^\W\d]\w*)")


def fuse_features(
    tok2vec: Model[list[Doc], list[Floats2d]], fusion: Fusion, features: str
) -> Model[list[Doc], list[Floats2d]]:
    """Fuse each token's vector with features of the document or the token.

    Features are projected to the width of the vectors, and fused as a lower layer would be, with
    the tokens of a document as the span. That is after pooling, as features belong to tokens and
    documents, and of wordpieces some belong to two tokens and special ones to none.

    tok2vec (Model[List[Doc], List[Floats2d]]): Makes the vectors, (tokens, E) for each document.
    fusion (Fusion): Fuses a pair of layers.
    features (str): `doc._.NAME` or `token._.NAME`, the extension attribute with the features, each
        a NumPy or CuPy array (F,). F is found at initialization.
    RAISES (ValueError): If it names no such attribute.
    """
    if _PLACE.fullmatch(features) is None:
        raise ValueError(Errors.DL041.format(features=features))
    return Model(
        "fuse_features",
        forward,
        init=init,
        layers=[tok2vec, Linear(), fusion],
        dims={"nO": None},
        attrs={"features": FixedText(features)},
    )


def init(model: Model, X: list[Doc] | None = None, Y: Any = None) -> None:
    """Initialise the projection by the features of X, and the fusion.

    RAISES (ValueError): As `gather_features`.
    """
    tok2vec, projection, fusion = model.layers
    tok2vec.initialize(X=X)
    if X is None:
        return
    width = tok2vec.get_dim("nO")
    row: Floats2d = model.ops.alloc2f(1, width)
    projection.initialize(X=gather_features(model, X)[0], Y=row)
    fusion.initialize(X=HiddenStates([row, row], model.ops.asarray1i([1])))
    model.set_dim("nO", width)


def forward(
    model: Model, X: list[Doc], is_train: bool
) -> tuple[list[Floats2d], Callable[[list[Floats2d]], Any]]:
    """Return one array (tokens, E) for each document.

    RAISES (ValueError): As `gather_features`.
    """
    ops = model.ops
    tok2vec, projection, fusion = model.layers
    vectors, tok2vec_backprop = tok2vec(X, is_train)
    lengths: Any = numpy.asarray([len(doc) for doc in X])
    if not lengths.any():
        return vectors, tok2vec_backprop
    features, row_of_token = gather_features(model, X)
    projected, projection_backprop = projection(features, is_train)
    layers = [projected[row_of_token], ops.flatten(vectors)]
    spans = ops.asarray1i(lengths[lengths > 0])
    fused, fusion_backprop = fusion(HiddenStates(layers, spans), is_train)

    def backprop(dY: list[Floats2d]) -> Any:
        d_features, d_vectors = fusion_backprop(ops.flatten(dY))
        d_projected = ops.alloc2f(*projected.shape)
        ops.scatter_add(d_projected, row_of_token, d_features)
        projection_backprop(d_projected)
        return tok2vec_backprop(ops.unflatten(d_vectors, lengths))

    return ops.unflatten(fused, lengths), backprop


def gather_features(model: Model, docs: Sequence[Doc]) -> tuple[Floats2d, Ints1d]:
    """Collect the features of documents that have tokens.

    RETURNS (Tuple[Floats2d, Ints1d]): The features, (R, F), of R documents or tokens; and for each
        token of all documents its row.
    RAISES (ValueError): If a document or token has none, or anything else than F finite numbers.
    """
    place = str(model.attrs["features"])
    kind, _, name = place.partition("._.")
    owner = {"doc": Doc, "token": Token}[kind]
    if not owner.has_extension(name):
        raise ValueError(Errors.DL042.format(place=place, kind=owner.__name__, name=name))
    owners: list[Any] = [doc for doc in docs if len(doc)]
    rows: Any = numpy.repeat(numpy.arange(len(owners)), [len(doc) for doc in owners])
    if owner is Token:
        owners = [token for doc in docs for token in doc]
        rows = numpy.arange(len(owners))
    width = model.layers[1].maybe_get_dim("nI")
    found = []
    for each in owners:
        vector = getattr(each._, name)
        if problem := problem_of(vector, width):
            size = "one or more" if width is None else width
            raise ValueError(
                Errors.DL043.format(place=place, each=name_of(each), problem=problem, size=size)
            )
        found.append(to_numpy(vector).astype("f"))
        width = width or len(vector)
    features: Any = numpy.stack(found)
    return model.ops.asarray2f(features), model.ops.asarray1i(rows)


def problem_of(vector: Any, width: int | None) -> str | None:
    """Say what of a document or token is no vector of features; None if it is one.

    width (Optional[int]): Numbers that it should have, None for any.
    """
    if vector is None:
        return "none"
    if not is_xp_array(vector) or vector.dtype.kind not in "fiu":
        kind = f"an array of {vector.dtype}" if is_xp_array(vector) else f"a {type(vector)}"
        return f"{kind}, which is no NumPy or CuPy array of numbers"
    if vector.ndim != 1 or not vector.size or vector.size != (width or vector.size):
        return f"an array of shape {vector.shape}"
    # What is too large for single precision is infinite there.
    with numpy.errstate(over="ignore"):
        finite = numpy.isfinite(to_numpy(vector).astype("f")).all()
    return None if finite else "a number that is not finite in single precision"


def name_of(owner: Doc | Token) -> str:
    """Name a document by its text, or a token with its document."""
    if isinstance(owner, Doc):
        return f"the text {owner.text[:40]!r}"
    return f"token {owner.i}, {owner.text[:40]!r}, of the text {owner.doc.text[:40]!r}"
