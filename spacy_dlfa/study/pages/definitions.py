"""What tasks are called on a page, and what their scores mean."""

from spacy_dlfa.evaluation.tasks import task_named

HEADINGS = {
    "ner": "Named entities",
    "tagger": "Part-of-speech tags",
    "textcat": "Topics",
    "pairs": "Paraphrases",
}
_METRICS = {
    "p": "precision: the share of the entities found that are right.",
    "r": "recall: the share of the gold entities that are found.",
    "f": "the harmonic mean of precision and recall, micro-averaged over entities; an entity is "
    "right if its first and last character and its label are.",
    "seqeval_f1": "XTREME's score for tags: F1 over runs of equal tags, where adjacent equal tags "
    "count as one. It is not accuracy.",
    "macro_f1": "the plain mean of the F1 of each label.",
}
_ACCURACY = {
    "tokens": "the share of the gold tokens whose tag is right.",
    "docs": "the share of the sentences whose label is right.",
    "pairs": "the share of the pairs whose label is right.",
}
_COMMON = {
    "Zero-shot": "no label of any language but English was used in training or selection.",
    "all": "the plain mean over the foreign test sets, English left out.",
    "enf": "the same over English's own family, the Germanic languages, English left out.",
    "nenf": "the same over all other families.",
    "Raw text": "the pipeline's own tokens from plain text, not the gold ones.",
    "95 %": "percentile bootstrap over the sentences of the test set, 1,000 resamples, the same "
    "in translations; what another sample of sentences would change, not what another seed would.",
}


def definitions(task: str) -> dict[str, str]:
    """Say what each score of a task means."""
    meanings = {"accuracy": _ACCURACY.get(task_named(task).support, ""), **_METRICS}
    found = {title: meanings[metric] for metric, title in task_named(task).metrics.items()}
    return {**found, **_COMMON}
