"""Look at a fusion of two layers while it reads documents."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy
from numpy.typing import NDArray
from spacy.language import Language
from spacy.tokens import Doc
from thinc.api import Model, to_numpy
from thinc.types import Floats2d

from spacy_dlfa.evaluation.run import bare
from spacy_dlfa.pipeline.fuse_and_pool import gather_rows
from spacy_dlfa.study.errors import Errors
from spacy_dlfa.types import DocRows, Fusion, HiddenStates

Array = NDArray[numpy.floating]


class Look(NamedTuple):
    """What was seen of some documents, those without wordpieces left out; D are left.

    docs (List[Doc]): The documents as they were given, (D,).
    weight (Optional[float]): Weight of the lower layer, the mean over all wordpieces.
    weights (Optional[List[List[Optional[float]]]]): The same under each token of each document;
        None for a token without wordpieces. Both are None if the fusion does not say it.
    pieces (int): Wordpieces of tokens.
    norms (Tuple[float, float]): Mean length of a wordpiece's vector, in the lower layer and in the
        last.
    lower (Floats2d): Mean wordpiece of each document in the lower layer, (D, E).
    last (Floats2d): The same in the last layer, or what is read in its place, (D, E).
    fused (Floats2d): The same of what the fusion puts out, (D, E).
    """

    docs: list[Doc]
    weight: float | None
    weights: list[list[float | None]] | None
    pieces: int
    norms: tuple[float, float]
    lower: Array
    last: Array
    fused: Array


def find_gates(nlp: Language) -> dict[str, Model]:
    """Find the fusions of a pipeline that weigh two layers, by the name of their component.

    RETURNS (Dict[str, Model]): For each the model that encodes, and then fuses.
    RAISES (ValueError): If there is none.
    """
    found = {name: fused_tok2vec(nlp, name) for name in nlp.pipe_names}
    gates = {
        name: tok2vec
        for name, tok2vec in found.items()
        if tok2vec and "lower_weight" in tok2vec.layers[1].layers[0].attrs
    }
    if not gates:
        raise ValueError(Errors.DL491.format(found=", ".join(nlp.pipe_names)))
    return gates


def fused_tok2vec(nlp: Language, component: str) -> Model | None:
    """Return the part of a component's model that fuses two layers; None if it has none."""
    # A listener or the encoder that replaced it, and then the fusion
    model = getattr(nlp.get_pipe(component), "model", None)
    for node in model.walk() if isinstance(model, Model) else ():
        if len(node.layers) == 2 and node.layers[1].name == "fuse_and_pool":
            return node if node.layers[1].layers[0].attrs["reads"] == "pair" else None
    return None


def look(nlp: Language, component: str, tok2vec: Model, docs: Sequence[Doc]) -> Look:
    """Let a pipeline read documents up to a component, and look at the component's fusion.

    component (str): Name of the component.
    tok2vec (Model): What `fused_tok2vec` returns for it.
    docs (Sequence[Doc]): The documents, which stay as they are.
    """
    encoder, fuse_and_pool = tok2vec.layers
    fusion = fuse_and_pool.layers[0]
    encoded = encoder.predict(_pipe_before(nlp, component, docs))
    kept = [place for place, rows in enumerate(encoded) if rows.layers]
    if not kept:
        nothing = numpy.empty((0, 0))
        return Look([], None, None, 0, (0.0, 0.0), nothing, nothing, nothing)
    own = [encoded[place] for place in kept]
    states = gather_rows(fuse_and_pool, own).states
    lengths = fusion.ops.asarray1i([sum(rows.lengths) for rows in own])

    def mean_rows(layer: Floats2d) -> Array:
        return to_numpy(fusion.ops.reduce_mean(layer, lengths))

    weights = _lower_weights(fusion, states)
    lower, last = states.layers
    return Look(
        [docs[place] for place in kept],
        None if weights is None else float(weights.mean()),
        None if weights is None else _by_token(weights, own),
        sum(int(rows.align.lengths.sum()) for rows in own),
        (_mean_norm(lower), _mean_norm(last)),
        mean_rows(lower),
        mean_rows(last),
        mean_rows(fusion.predict(states)),
    )


def token_weights(tok2vec: Model, doc: Doc) -> list[float | None] | None:
    """Return the weight of the lower layer under each token, the mean of its wordpieces.

    tok2vec (Model): What `fused_tok2vec` returns for a component.
    doc (Doc): A document that the components before it have seen.
    RETURNS (Optional[List[Optional[float]]]): None for a token without wordpieces; None of all if
        the fusion does not say its weight.
    """
    encoder, fuse_and_pool = tok2vec.layers
    encoded = encoder.predict([doc])
    if not encoded[0].layers:
        return [None] * len(doc)
    weights = _lower_weights(fuse_and_pool.layers[0], gather_rows(fuse_and_pool, encoded).states)
    return None if weights is None else _by_token(weights, encoded)[0]


def mean_cosine(x: Array, y: Array) -> float:
    """Return the mean cosine of the rows of two arrays (N, E)."""
    norms = numpy.linalg.norm(x, axis=1) * numpy.linalg.norm(y, axis=1)
    return float(((x * y).sum(axis=1) / numpy.maximum(norms, 1e-12)).mean())


def _mean_norm(layer: Floats2d) -> float:
    return float(numpy.linalg.norm(to_numpy(layer), axis=1).mean())


def _lower_weights(fusion: Fusion, states: HiddenStates) -> Array | None:
    weigh = fusion.attrs.get("lower_weight")
    if weigh is None:
        return None
    return numpy.broadcast_to(weigh(fusion, states), len(states.layers[0]))


def _by_token(weights: Array, encoded: Sequence[DocRows]) -> list[list[float | None]]:
    found: list[list[float | None]] = []
    for own, doc in zip(
        numpy.split(weights, numpy.cumsum([sum(doc.lengths) for doc in encoded])[:-1]),
        encoded,
        strict=True,
    ):
        ends = numpy.cumsum(to_numpy(doc.align.lengths))
        rows = numpy.split(to_numpy(doc.align.dataXd), ends[:-1])
        found.append([float(own[each].mean()) if len(each) else None for each in rows])
    return found


def _pipe_before(nlp: Language, component: str, docs: Iterable[Doc]) -> list[Doc]:
    docs = (bare(nlp, doc) for doc in docs)
    for name, pipe in nlp.pipeline:
        if name == component:
            break
        docs = pipe.pipe(docs) if hasattr(pipe, "pipe") else map(pipe, docs)
    return list(docs)
