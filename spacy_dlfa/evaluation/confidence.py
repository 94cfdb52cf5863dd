"""How sure a component is; no gold is read."""

from collections.abc import Sequence

import numpy
from spacy.language import Language
from spacy.tokens import Doc
from thinc.api import to_numpy

# Ours, and spaCy's, which configs may name as well
_CLEANERS = ("dlfa_doc_cleaner", "doc_cleaner")


def cleaners(nlp: Language) -> list[str]:
    """List the components that have to be disabled where `confidence` is to be asked for.

    It asks a component again, for which documents have to keep their hidden states.
    """
    return [name for name in nlp.pipe_names if nlp.get_pipe_meta(name).factory in _CLEANERS]


def confidence(nlp: Language, docs: Sequence[Doc], component: str) -> float:
    """Return the mean of the highest probability: of documents' topics, or of tokens' tags.

    docs (Sequence[Doc]): Predicted documents, one or more.
    component (str): "textcat" or "tagger"; entities have no probability.
    RETURNS (float): From 0 to 1.
    """
    if component == "textcat":
        return float(numpy.mean([max(doc.cats.values()) for doc in docs]))
    model = nlp.get_pipe(component).model
    scores = numpy.concatenate([to_numpy(rows) for rows in model.predict(docs)])
    if not model.get_ref("softmax").attrs["softmax_normalize"]:
        scores = numpy.exp(scores - scores.max(axis=1, keepdims=True))
    return float((scores.max(axis=1) / scores.sum(axis=1)).mean())
