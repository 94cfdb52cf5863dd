"""Runs as `evaluate` writes them, with given scores."""

import numpy as np

from spacy_dlfa.evaluation.averages import averages
from spacy_dlfa.evaluation.tasks import TASKS
from spacy_dlfa.languages import language_of


def make_row(corpus: str, task: str, score: float | None) -> dict:
    """A test set where every metric is `score`, and 8 points lower on raw text."""
    language = language_of(corpus)
    raw = None if score is None else score - 8
    return {
        "language": language.name,
        "family": language.family,
        "sentences": 1000,
        "support": 0 if score is None else 5,
        **dict.fromkeys(TASKS[task].metrics, score),
        "interval": None if score is None else [score - 1, score + 1],
        "raw": dict.fromkeys(TASKS[task].metrics, raw),
    }


def make_run(task: str, scores: dict[str, float | None]) -> dict:
    rows = {corpus: make_row(corpus, task, score) for corpus, score in scores.items()}
    resampled = {
        corpus: np.array([np.nan if score is None else score]) for corpus, score in scores.items()
    }
    return {
        "task": task,
        "metric": TASKS[task].metric,
        "backbone": "assets/mini-mbert",
        "layer": 5,
        "fusion": {"@layers": "spacy_dlfa.DLFA.v1"},
        "seed": 0,
        "scores": rows,
        "averages": averages(task, rows, resampled),
    }
