"""What a worker does: load the pipeline once, and make the output of one piece after the other."""

import time
from functools import lru_cache
from typing import NamedTuple

import spacy
import torch
from spacy.language import Language
from spacy.util import import_file

from spacy_dlfa.apply.annotate import Row, annotate, failed
from spacy_dlfa.apply.pieces import Piece
from spacy_dlfa.apply.records import parse
from spacy_dlfa.apply.rows import encode
from spacy_dlfa.apply.settings import Settings


class Done(NamedTuple):
    """A piece that is done.

    data (bytes): The content of its output file.
    rows (int): Rows in it.
    errors (int): Rows that hold an error.
    words (int): Tokens of the others.
    seconds (float): How long it took, without loading the pipeline.
    """

    data: bytes
    rows: int
    errors: int
    words: int
    seconds: float


def apply_piece(settings: Settings, piece: Piece) -> Done:
    """Predict the documents of a piece.

    RAISES (Exception): If the pipeline can't be loaded; what fails a document is in its row.
    """
    nlp = load(settings)
    start = time.perf_counter()
    records = (parse(piece.file, *row, piece.kind, settings.fields) for row in piece.rows)
    rows = annotate(nlp, records, docs=settings.docs)
    return _done(rows, settings, time.perf_counter() - start)


def give_up(settings: Settings, piece: Piece, message: str) -> Done:
    """Make the output of a piece whose documents can't be predicted."""
    records = (parse(piece.file, *row, piece.kind, settings.fields) for row in piece.rows)
    return _done([failed(record, record.error or message) for record in records], settings, 0)


# Two, for what compares two systems
@lru_cache(maxsize=2)
def load(settings: Settings) -> Language:
    """Load the pipeline for this process, once."""
    torch.set_num_threads(settings.threads)
    if settings.gpu_id >= 0:
        spacy.require_gpu(settings.gpu_id)
    if settings.code is not None:
        # As `spacy apply` calls it
        import_file("python_code", settings.code)
    return spacy.load(settings.pipeline)


def _done(rows: list[Row], settings: Settings, seconds: float) -> Done:
    errors = sum(row["error"] is not None for row in rows)
    words = sum(row["words"] or 0 for row in rows)
    return Done(encode(rows, settings.format), len(rows), errors, words, seconds)
