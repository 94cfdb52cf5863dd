"""XQuAD's JSON: paragraphs and questions, in the same order in all languages."""

import json
from collections.abc import Iterator
from pathlib import Path

from spacy_dlfa.errors import CorpusError, Errors


def read_xquad(path: Path) -> Iterator[tuple[str, str]]:
    """Yield paragraphs and their questions, keyed by their numbers.

    RAISES (CorpusError): If the file isn't of this format.
    """
    try:
        articles = json.loads(path.read_text(encoding="utf8"))["data"]
        for a, article in enumerate(articles):
            for p, paragraph in enumerate(article["paragraphs"]):
                yield f"{a}.{p}", paragraph["context"]
                for q, question in enumerate(paragraph["qas"]):
                    yield f"{a}.{p}.{q}", question["question"]
    except json.JSONDecodeError as err:
        raise CorpusError(
            Errors.DL190.at(path, err.lineno, found=err.msg, expected="JSON")
        ) from err
    except (KeyError, TypeError) as err:
        raise CorpusError(
            Errors.DL190.at(
                path, 1, found=f"no {err}", expected="data, paragraphs, context, qas, question"
            )
        ) from err
