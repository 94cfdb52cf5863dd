"""The page as a Flask app."""

from collections.abc import Mapping
from threading import Lock

from flask import Flask, request
from spacy.language import Language

from spacy_dlfa.evaluation.labels_seen import labels_seen
from spacy_dlfa.evaluation.self_training import find_self_training, note
from spacy_dlfa.languages import language_of
from spacy_dlfa.study.demo.reading import (
    TITLES,
    expected_quality,
    layers_of,
    read_text,
    scored_languages,
)
from spacy_dlfa.study.demo.samples import SENTENCES, SampleLanguage
from spacy_dlfa.study.pages.page import environment, fill

#: A text goes into the address of its page
MAX_CHARACTERS = 2000


def create_app(nlp: Language, languages: Mapping[str, SampleLanguage]) -> Flask:
    """Make the page of a pipeline.

    nlp (Language): The pipeline.
    languages (Mapping[str, SampleLanguage]): What `read_samples` returns.
    """
    app = Flask(__name__)
    # Else another site could read what is typed here, under a name of its own for this machine
    app.config["TRUSTED_HOSTS"] = ["localhost", "127.0.0.1"]
    layers = layers_of(nlp)
    # Browsers open more than one connection; a pipeline reads one text at a time
    lock = Lock()
    if found := find_self_training(nlp):
        trained = f"{note(found)}."
    else:
        trained = "" if labels_seen(nlp) else "Trained on English alone."
    templates = environment("spacy_dlfa.study.demo")
    names = {language_of(each.corpus).name for each in languages.values()}
    others = {name: c for name, c in scored_languages(nlp).items() if name not in names}
    corpora = {**{title: each.corpus for title, each in languages.items()}, **others}
    english = next(
        (each for each in languages.values() if language_of(each.corpus).name == "English"),
        next(iter(languages.values())),
    )

    @app.get("/")
    def page() -> str:
        sentence = request.args.get("sentence", SENTENCES[0])
        title = request.args.get("language", "")
        sample = languages[title].samples.get(sentence) if title in languages else None
        is_sample = request.args.get("take") == "sample" or not request.args
        text = request.args.get("text", "").replace("\r\n", "\n").strip()
        if is_sample:
            text = sample.text if sample else ""
        problem = ""
        if is_sample and request.args and not sample:
            problem = "There is no translation into this language; choose another one."
        elif len(text) > MAX_CHARACTERS:
            problem = f"Found {len(text):,} characters; expected {MAX_CHARACTERS:,} at most."
        with lock:
            reading = read_text(nlp, text) if text and not problem else None
        return fill(
            templates,
            "demo.html",
            trained=trained,
            title=f"{nlp.meta['lang']}_{nlp.meta['name']} {nlp.meta['version']}",
            tasks=TITLES,
            layers=layers,
            sentences={id: each.text for id, each in english.samples.items()},
            sentence=sentence,
            languages=sorted(corpora),
            language=title,
            text=text,
            max_characters=MAX_CHARACTERS,
            problem=problem,
            gold=sample.label if is_sample and sample else None,
            reading=reading,
            quality=expected_quality(nlp, corpora[title]) if title in corpora else [],
        )

    return app
