"""Streams of documents, of which some may fail."""

import itertools
from collections.abc import Iterable, Iterator

from spacy.tokens import Doc

from spacy_dlfa.errors import Errors


def buffered(stream: Iterable[Doc], size: int) -> Iterator[list[Doc]]:
    """Cut a stream into batches; if it fails, what it gave before comes out first."""
    docs = iter(stream)
    error = None
    while error is None:
        batch: list[Doc] = []
        try:
            batch.extend(itertools.islice(docs, size))
        except Exception as err:
            error = err
        if not batch:
            break
        yield batch
    if error is not None:
        raise error


def name_document(doc: Doc, error: Exception) -> Exception:
    """Make an error that says which document failed; the cause is the error itself."""
    found = f"{type(error).__name__}: {error}"
    if isinstance(error, MemoryError) or "memory" in str(error):
        found += ". It was tried alone; split the text, or encode it where there is more memory"
    kind = ValueError if isinstance(error, ValueError) else RuntimeError
    named = kind(Errors.DL032.format(text=doc.text[:40], num_tokens=len(doc), found=found))
    named.__cause__ = error
    return named
