"""Entities over HTTP: one pipeline, loaded once, and texts in requests of a limited size.

PIPELINE=xx_dlfa_ner uvicorn --app-dir examples --factory serve:create_app
"""

import os
from threading import Lock
from typing import Annotated

import spacy
from fastapi import FastAPI
from pydantic import BaseModel, Field

#: Of a request, and of a text in characters; what is beyond gets status 422
MOST_TEXTS, LONGEST_TEXT = 64, 10_000


class Texts(BaseModel):
    """A request."""

    texts: Annotated[
        list[Annotated[str, Field(max_length=LONGEST_TEXT)]], Field(max_length=MOST_TEXTS)
    ]


class Entity(BaseModel):
    """An entity; start and end count characters of its text."""

    start: int
    end: int
    label: str
    text: str


def create_app() -> FastAPI:
    """Load the pipeline that PIPELINE names, a package or a folder, and make the service."""
    nlp = spacy.load(os.environ["PIPELINE"])
    app = FastAPI()
    # Requests come in threads, one is predicted at a time, by all of torch's threads
    lock = Lock()

    @app.post("/entities")
    def entities(request: Texts) -> list[list[Entity]]:
        # A zone gives back what spaCy learns of words, which would grow with every request
        with lock, nlp.memory_zone():
            return [
                [
                    Entity(start=ent.start_char, end=ent.end_char, label=ent.label_, text=ent.text)
                    for ent in doc.ents
                ]
                for doc in nlp.pipe(request.texts)
            ]

    return app
