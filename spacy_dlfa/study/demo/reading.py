"""What a pipeline makes of one text, and what is to be expected of it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from markupsafe import Markup
from spacy.language import Language
from spacy.tokens import Doc

from spacy_dlfa.evaluation.describe import layers_in_words, scores_by_corpus
from spacy_dlfa.evaluation.settings import run_settings
from spacy_dlfa.evaluation.tasks import TASKS
from spacy_dlfa.evaluation.textcat import keep_topics
from spacy_dlfa.languages import language_of, script_of
from spacy_dlfa.study.inside.look import fused_tok2vec, token_weights
from spacy_dlfa.study.pages.examples import direction, render_spans
from spacy_dlfa.study.pages.theme import IN_TURN

#: What the page shows, by task
TITLES = {"ner": "Entities", "tagger": "Tags", "textcat": "Topics"}
#: spaCy's score on English dev, by task
_ON_DEV = {"ner": "ents_f", "tagger": "tag_acc", "textcat": "cats_micro_f"}


class Reading(NamedTuple):
    """A text that was read.

    doc (Doc): The document.
    direction (str): "ltr" or "rtl".
    entities (Markup): The text as displaCy renders it.
    weights (Dict[str, List[Optional[float]]]): By task, the weight of the lower layer under each
        token, if the component has a gate.
    topics (Dict[str, float]): Scores by label, the highest first.
    """

    doc: Doc
    direction: str
    entities: Markup
    weights: dict[str, list[float | None]]
    topics: dict[str, float]


def tasks_of(nlp: Language) -> list[str]:
    """List the tasks that a pipeline does and the page shows."""
    return [task for task in TITLES if TASKS[task].component in nlp.pipe_names]


def layers_of(nlp: Language) -> dict[str, str]:
    """Say for each task which layers are read."""
    return {task: layers_in_words(run_settings(nlp, task)) for task in tasks_of(nlp)}


def read_text(nlp: Language, text: str) -> Reading:
    """Find entities, tags, topics and weights in a text, in one pass of the encoder."""
    tasks = {TASKS[task].component: task for task in tasks_of(nlp)}
    weights = {}
    doc = nlp.make_doc(text)
    # One by one, as hidden states are there between transformer and cleaner alone
    for name, component in nlp.pipeline:
        if name in tasks and (tok2vec := fused_tok2vec(nlp, name)):
            weights[tasks[name]] = token_weights(tok2vec, doc)
        doc = component(doc)
    labels = sorted(nlp.get_pipe("ner").labels) if "ner" in nlp.pipe_names else []
    colours = {label: IN_TURN[place % len(IN_TURN)] for place, label in enumerate(labels)}
    spans = [
        ((ent.start_char, ent.end_char, ent.label_), colours.get(ent.label_, "faint"), "")
        for ent in doc.ents
    ]
    return Reading(
        doc,
        direction(text),
        render_spans(text, spans),
        {task: found for task, found in weights.items() if found is not None},
        dict(sorted(keep_topics(nlp, doc).cats.items(), key=lambda item: -item[1])),
    )


def expected_quality(nlp: Language, corpus: str) -> list[tuple[str, str, str, float]]:
    """Look up how good a pipeline is in the language of a test set, in its own meta data.

    corpus (str): Name of a test set, such as `deu_Latn`; of one that says its script, test sets in
        other scripts don't count.
    RETURNS (List[Tuple[str, str, str, float]]): For each test set what is found, its name, the
        metric and the score in per cent.
    """
    rows = []
    for task in tasks_of(nlp):
        for name, score in _scores(nlp.meta, task, language_of(corpus).name).items():
            if None in (script_of(name), script_of(corpus)) or script_of(name) == script_of(corpus):
                rows.append((TITLES[task], name, TASKS[task].title, score))
    return rows


def scored_languages(nlp: Language) -> dict[str, str]:
    """List the languages that the meta data have scores of, each with one of its test sets."""
    found = [name for task in tasks_of(nlp) for name in scores_by_corpus(nlp.meta, task)]
    return {language_of(name).name: name for name in found}


def _scores(meta: Mapping[str, Any], task: str, language: str) -> dict[str, float]:
    if language == "English":
        on_dev = (meta.get("performance") or {}).get(_ON_DEV[task])
        return {} if on_dev is None else {"dev": 100 * on_dev}
    found = scores_by_corpus(meta, task).items()
    return {name: score for name, score in found if language_of(name).name == language}
