"""Runs of a sweep that was never run."""

import copy

import numpy as np

from spacy_dlfa.fusions.variants import find_variants

FUSIONS = find_variants()
LANGUAGES = {"de": "German", "en": "English", "ru": "Russian", "zh": "Chinese", "pt": "Portuguese"}
CORPORA = ("de_pud", "en_pud", "pt_pud", "ru_pud", "zh_pud")


def pack(counts) -> str:
    return " ".join(str(int(count)) for count in counts)


def make_run(name, layer, seed, correct, *, total=None, dev=50.0, predictions=None, confidence=0.5):
    """A tagger's run from correct tokens by test set and sentence, of ten unless `total` says."""
    total = {c: np.full(len(row), 10) for c, row in correct.items()} if total is None else total
    accuracy = {c: 100 * np.sum(row) / np.sum(total[c]) for c, row in correct.items()}
    mean = float(np.mean([value for c, value in accuracy.items() if c[:2] != "en"]))
    part = {
        "dev": {"accuracy": dev},
        "scores": {
            c: {
                "language": LANGUAGES[c[:2]],
                "family": "",
                "sentences": len(correct[c]),
                "support": int(np.sum(total[c])),
                "accuracy": value,
                "interval": None,
            }
            for c, value in accuracy.items()
        },
        "averages": {"all": {"corpora": len(correct), "accuracy": mean}},
        "counts": {
            c: {"correct": pack(row), "total": pack(total[c])} for c, row in correct.items()
        },
        "predictions": predictions or {c: "AB" * 20 for c in correct},
        "confidence": {c: confidence for c in correct},
    }
    return {
        "task": "tagger",
        "metric": "accuracy",
        "backbone": "mini",
        "layer": layer,
        "fusion": FUSIONS[name].config,
        "seed": seed,
        "name": name,
        "frozen": True,
        **part,
        "average": copy.deepcopy(part),
    }


def make_sweep(
    accuracies, *, seeds=3, sentences=60, spread=0.0, corpora=CORPORA, rng=None, **settings
):
    """Runs whose accuracies (by system) vary by `spread` from seed to seed, sentences shared."""
    rng = np.random.default_rng(0) if rng is None else rng
    ease = {c: rng.normal(0, 0.1, sentences) for c in corpora}
    runs = []
    for (name, layer), accuracy in accuracies.items():
        for seed in range(seeds):
            level = accuracy + rng.normal(0, spread)
            chance = {c: np.clip(level + ease[c], 0, 1) for c in corpora}
            correct = {c: rng.binomial(10, chance[c]) for c in corpora}
            runs.append(make_run(name, layer, seed, correct, **settings))
    return runs
