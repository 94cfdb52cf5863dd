"""Look inside a fusion: what it takes from the lower layer, and what that does to translations."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy
from numpy.typing import NDArray
from spacy.language import Language
from spacy.tokens import Doc
from thinc.api import Model, to_numpy
from thinc.types import Floats2d

from spacy_dlfa.evaluation.languages import kind_of, language_of
from spacy_dlfa.evaluation.run import bare
from spacy_dlfa.evaluation.tasks import task_named
from spacy_dlfa.pipeline.fuse_and_pool import gather_rows
from spacy_dlfa.types import Fusion, HiddenStates

#: More would change little, and a sweep looks inside each of its runs.
MAX_SENTENCES = 100


class _Look(NamedTuple):
    # Mean wordpieces (D, E) before and after fusion, and the row of each sentence id
    weight: float | None
    before: numpy.ndarray
    after: numpy.ndarray
    row_of_id: dict[str, int]


def look_inside(
    nlp: Language, corpora: Mapping[str, Sequence[Doc]], task: str
) -> dict[str, dict[str, Any]] | None:
    """Measure what a fusion of two layers does in each language.

    The weight of the lower layer is the mean of AIF's sigmoid, equation (1). It lies in (0, 1)
    with both gates; with `gate = "feature"` the weight itself is the product of the sigmoid and
    the features, signed and as large as they are, so that its mean says nothing. `LayerMean` has
    0.5, `ScalarMix` its first weight; of other fusions it is not known.

    The cosine similarity is that of translations: of the mean wordpiece of a sentence and that
    of the sentence with the same id in the English test set of the same kind (`de_pud`,
    `en_pud`), in the last layer ("before") and in the fused one ("after").

    nlp (Language): The pipeline.
    corpora (Mapping[str, Sequence[Doc]]): Documents by name of the test set.
    task (str): Name of the task.
    RETURNS (Optional[Dict]): `weight` by test set, and `cosine` by test set with an English
        parallel, each of up to 100 sentences; None if the component does not fuse a pair.
    """
    tok2vec = _fused_tok2vec(nlp, task)
    if tok2vec is None:
        return None
    english = {kind_of(name): name for name in corpora if language_of(name).name == "English"}
    looks = {
        kind: _look(nlp, task, tok2vec, corpora[name][:MAX_SENTENCES])
        for kind, name in english.items()
    }
    weights: dict[str, float] = {}
    cosines: dict[str, dict[str, float]] = {}
    for name in corpora:
        kind = kind_of(name)
        if name == english.get(kind):
            look = looks[kind]
        else:
            known = looks[kind].row_of_id if kind in looks else {}
            docs = corpora[name]
            parallel = [doc for doc in docs if doc.user_data.get("id") in known]
            look = _look(nlp, task, tok2vec, (parallel or docs)[:MAX_SENTENCES])
            if shared := [id for id in look.row_of_id if id in known]:
                cosines[name] = _cosine(look, looks[kind], shared)
        if look.weight is not None:
            weights[name] = look.weight
    return {"weight": weights, "cosine": cosines}


def token_weights(nlp: Language, task: str, doc: Doc) -> list[float | None] | None:
    """Return the weight of the lower layer under each token, the mean of its wordpieces.

    nlp (Language): The pipeline.
    task (str): Name of the task.
    doc (Doc): A document that the components before the task's have seen.
    RETURNS (Optional[List[Optional[float]]]): None for a token without wordpieces; None of all if
        the component does not weigh a pair of layers.
    """
    tok2vec = _fused_tok2vec(nlp, task)
    if tok2vec is None:
        return None
    encoder, fuse_and_pool = tok2vec.layers
    (encoded,) = encoder.predict([doc])
    if not encoded.layers:
        return [None] * len(doc)
    states = gather_rows(fuse_and_pool, [encoded]).states
    weights = _lower_weights(fuse_and_pool.layers[0], states)
    if weights is None:
        return None
    ends = numpy.cumsum(encoded.align.lengths)
    return [
        float(weights[rows].mean()) if len(rows) else None
        for rows in numpy.split(encoded.align.dataXd, ends[:-1])
    ]


def _fused_tok2vec(nlp: Language, task: str) -> Model | None:
    # A listener or the encoder that replaced it, and then the fusion
    model = getattr(nlp.get_pipe(task_named(task).component), "model", None)
    for node in model.walk() if isinstance(model, Model) else ():
        if len(node.layers) == 2 and node.layers[1].name == "fuse_and_pool":
            return node if node.layers[1].layers[0].attrs["reads"] == "pair" else None
    return None


def _look(nlp: Language, task: str, tok2vec: Model, docs: Sequence[Doc]) -> _Look:
    encoder, fuse_and_pool = tok2vec.layers
    fusion = fuse_and_pool.layers[0]
    encoded = encoder.predict(_pipe_before(nlp, task, docs))
    kept = [i for i, doc in enumerate(encoded) if doc.layers]
    if not kept:
        return _Look(None, numpy.empty((0, 0)), numpy.empty((0, 0)), {})
    rows = gather_rows(fuse_and_pool, [encoded[i] for i in kept])
    lengths = fusion.ops.asarray1i([sum(encoded[i].lengths) for i in kept])

    def mean_rows(layer: Floats2d) -> numpy.ndarray:
        return to_numpy(fusion.ops.reduce_mean(layer, lengths))

    ids = [docs[i].user_data.get("id") for i in kept]
    weights = _lower_weights(fusion, rows.states)
    return _Look(
        None if weights is None else float(weights.mean()),
        mean_rows(rows.states.layers[-1]),
        mean_rows(fusion.predict(rows.states)),
        {id: row for row, id in enumerate(ids) if id is not None},
    )


def _pipe_before(nlp: Language, task: str, docs: Iterable[Doc]) -> list[Doc]:
    docs = (bare(nlp, doc) for doc in docs)
    for name, component in nlp.pipeline:
        if name == task_named(task).component:
            break
        docs = component.pipe(docs) if hasattr(component, "pipe") else map(component, docs)
    return list(docs)


def _lower_weights(fusion: Fusion, states: HiddenStates) -> NDArray[numpy.floating] | None:
    weigh = fusion.attrs.get("lower_weight")
    return (
        None if weigh is None else numpy.broadcast_to(weigh(fusion, states), len(states.layers[0]))
    )


def _cosine(look: _Look, english: _Look, ids: list[str]) -> dict[str, float]:
    ours, theirs = ([each.row_of_id[id] for id in ids] for each in (look, english))
    return {
        "before": _mean_cosine(look.before[ours], english.before[theirs]),
        "after": _mean_cosine(look.after[ours], english.after[theirs]),
    }


def _mean_cosine(x: numpy.ndarray, y: numpy.ndarray) -> float:
    norms = numpy.linalg.norm(x, axis=1) * numpy.linalg.norm(y, axis=1)
    return float(((x * y).sum(axis=1) / numpy.maximum(norms, 1e-12)).mean())
