"""Runs of `evaluate` and `sweep` with made-up scores."""

import copy
from functools import cache

import numpy as np

from spacy_dlfa.evaluation.averages import averages
from spacy_dlfa.evaluation.bootstrap import interval, resample
from spacy_dlfa.evaluation.counts import pack, score
from spacy_dlfa.evaluation.sentences import Sentences
from spacy_dlfa.evaluation.tasks import TASKS
from spacy_dlfa.fusions.variants import find_variants
from spacy_dlfa.languages import LANGUAGES, language_of

FUSIONS = find_variants()
CORPORA = ("de_pud", "en_pud", "pt_pud", "ru_pud", "zh_pud", "sv_pud", "hr_set", "th_pud")
#: One test set for each language, more than any task has.
MANY = tuple(
    f"{next(code for code in language.codes.split())}_Latn"
    for language in dict.fromkeys(LANGUAGES.values())
)
PAIR = [name for name, fusion in FUSIONS.items() if fusion.has_layer]
OTHERS = [name for name, fusion in FUSIONS.items() if not fusion.has_layer]


@cache
def _ease(corpora, sentences):
    rng = np.random.default_rng(1)
    level = {c: 0.9 if c.startswith("en") else rng.uniform(0.15, 0.75) for c in corpora}
    return {c: np.clip(level[c] + rng.normal(0, 0.1, sentences), 0.02, 0.97) for c in corpora}


def _part(task, corpora, sentences, gain, rng):
    counts, scores, resampled = {}, {}, {}
    for corpus, ease in _ease(tuple(corpora), sentences).items():
        right = rng.binomial(6, np.clip(ease + gain * (corpus[:2] != "en"), 0, 1))
        total = np.full(sentences, 6)
        if task == "ner":
            found = {"tp": right, "fp": 6 - right, "fn": 6 - right}
        else:
            found = {"correct": right, "total": total}
        counts[corpus] = {kind: pack(values) for kind, values in found.items()}
        resampled[corpus] = _resample(task, found)
        value = float(score(task, found))
        language = language_of(corpus)
        metrics = dict.fromkeys(TASKS[task].metrics, value)
        scores[corpus] = {
            "language": language.name,
            "family": language.family,
            "sentences": sentences,
            "support": 6 * sentences,
            **metrics,
            "interval": interval(resampled[corpus]),
            "raw": {key: value - 2 for key in metrics},
        }
    return {
        "scores": scores,
        "averages": averages(task, scores, resampled),
        "counts": counts,
    }


def _resample(task, counts):
    numbers = np.arange(len(next(iter(counts.values()))))
    rows = {kind: values[None] for kind, values in counts.items()}
    return resample(task, rows, Sentences("same", numbers, len(numbers)), resamples=100)[:, 0]


def make_evaluation(task="ner", corpora=CORPORA, sentences=40):
    """What `evaluate` writes."""
    return {
        "task": task,
        "metric": TASKS[task].metric,
        "backbone": "assets/mini-mbert",
        "layer": 5,
        "fusion": {"@layers": "spacy_dlfa.DLFA.v1", "gate": "sigmoid"},
        "seed": 0,
        **_part(task, corpora, sentences, 0.0, np.random.default_rng(0)),
    }


def make_run(name, layer, seed, *, task="ner", corpora=CORPORA, sentences=40, gain=None, rng=None):
    """What `sweep` writes for one cell."""
    rng = np.random.default_rng(seed) if rng is None else rng
    if gain is None:
        gain = 0.0 if layer is None else 0.03 - 0.01 * abs(layer - 4)
    gain += rng.normal(0, 0.01)
    part = {
        **_part(task, corpora, sentences, gain, rng),
        "predictions": {c: "".join(rng.choice(list("AAB"), 40)) for c in corpora},
        "confidence": None if task == "ner" else {c: 0.5 + gain for c in corpora},
        "dev": dict.fromkeys(TASKS[task].metrics, 80 + 50 * gain + rng.normal(0, 0.5)),
    }
    inside = None
    if layer is not None:
        depth = layer / 8
        inside = {
            "weight": {c: 0.5 + 0.1 * (depth - 0.5) + rng.normal(0, 0.01) for c in corpora},
            "cosine": {
                c: {"before": 0.6, "after": 0.8 - 0.2 * depth + rng.normal(0, 0.01)}
                for c in corpora
                if not c.startswith("en")
            },
        }
    return {
        "task": task,
        "metric": TASKS[task].metric,
        "backbone": "assets/mini-mbert",
        "layer": layer,
        "fusion": FUSIONS[name].config,
        "seed": seed,
        "name": name,
        "frozen": True,
        **part,
        "inside": inside,
        "average": copy.deepcopy(part),
    }


def make_sweep(names=("dlfa", "mean", "last"), layers=(2, 4), seeds=(0, 1), **settings):
    """Runs of some fusions, in the order of `read_runs`."""
    rng = np.random.default_rng(0)
    cells = [
        (name, layer, seed)
        for name in sorted(names)
        for layer in (layers if name in PAIR else [None])
        for seed in seeds
    ]
    return [make_run(*cell, rng=rng, **settings) for cell in cells]
