"""What a pipeline says of a few sentences of each test set, and how sure it is; no gold is read."""

import string
from collections.abc import Mapping, Sequence
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc

from spacy_dlfa.evaluation.confidence import cleaners, confidence
from spacy_dlfa.evaluation.run import bare
from spacy_dlfa.evaluation.tasks import task_named
from spacy_dlfa.evaluation.textcat import best_category, keep_topics

NUM_SENTENCES = 25
_LETTERS = string.ascii_uppercase + string.ascii_lowercase + string.digits


def predict(nlp: Language, corpora: Mapping[str, Sequence[Doc]], task: str) -> dict[str, Any]:
    """Label the first sentences of each test set.

    RETURNS (Dict[str, Any]): `predictions`, a string for each test set: one character for each
        token, or for each document if those are classified. Labels have the same character in
        all pipelines that know the same labels. `confidence`: the mean of the highest
        probability for each test set, or None for entities, which have none.
    """
    component = task_named(task).component
    predictions, probabilities = {}, {}
    alphabet = _alphabet(nlp, component)
    for name in corpora:
        bared = [bare(nlp, doc) for doc in corpora[name][:NUM_SENTENCES]]
        docs = [keep_topics(nlp, doc) for doc in nlp.pipe(bared, disable=cleaners(nlp))]
        labels = [label for doc in docs for label in _labels(doc, component)]
        predictions[name] = "".join(alphabet[label] for label in labels)
        if component != "ner":
            probabilities[name] = confidence(nlp, docs, component)
    return {"predictions": predictions, "confidence": probabilities or None}


def _alphabet(nlp: Language, component: str) -> dict[str, str]:
    labels = sorted(nlp.get_pipe(component).labels)
    if component == "ner":
        labels = ["O", *(f"{iob}-{label}" for label in labels for iob in "BI")]
    letters = [*_LETTERS, *(chr(0x100 + i) for i in range(len(labels)))]
    return dict(zip(labels, letters, strict=False))


def _labels(doc: Doc, component: str) -> list[str]:
    if component == "tagger":
        return [token.tag_ for token in doc]
    if component == "textcat":
        return [best_category(doc)]
    return [f"{token.ent_iob_}-{token.ent_type_}" if token.ent_type_ else "O" for token in doc]
