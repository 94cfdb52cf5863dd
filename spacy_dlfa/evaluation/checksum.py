"""The checksum of a test set, by which runs on other sentences are told apart."""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from spacy.tokens import Doc


def checksum_of(docs: Iterable[Doc], task: str) -> str:
    """Return the SHA-256 of tokens, spaces and a task's gold annotation: 16 hexadecimal digits.

    Order counts; ids and the annotation of other tasks don't.
    """
    digest = hashlib.sha256()
    for doc in docs:
        tokens = [[token.text, bool(token.whitespace_)] for token in doc]
        digest.update(json.dumps([tokens, _gold(doc, task)]).encode("utf8"))
    return digest.hexdigest()[:16]


def _gold(doc: Doc, task: str) -> list[Any]:
    if task == "ner":
        return [[token.ent_iob_, token.ent_type_] for token in doc]
    if task == "tagger":
        return [token.tag_ for token in doc]
    return sorted(label for label, value in doc.cats.items() if value >= 0.5)
