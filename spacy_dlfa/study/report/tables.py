"""The tables of a sweep's page."""

from collections.abc import Sequence
from itertools import product
from typing import Any

from spacy_dlfa.study.comparison.paired import Comparison
from spacy_dlfa.study.comparison.rules import BASELINE, Checkpoint
from spacy_dlfa.study.report.findings import Findings
from spacy_dlfa.study.report.paper import PAPER
from spacy_dlfa.study.report.systems import Spread, SweptSystem

CHECKPOINTS: dict[Checkpoint, str] = {"best": "best checkpoint", "average": "averaged checkpoint"}
MEASURES = ("dev", "all", "enf", "nenf")


def system_rows(systems: Sequence[SweptSystem], findings: Findings) -> list[dict[str, Any]]:
    """Return one row for each system: scores at both checkpoints, and its comparison."""
    compared = {(c.name, c.layer): c for c in findings.comparisons}
    rows: list[dict[str, Any]] = [
        {
            "system": system,
            "seeds": len(system.runs),
            "comparison": compared.get((system.name, system.layer)),
            "cells": [],
        }
        for system in systems
    ]
    for checkpoint, measure in product(checkpoints_of(systems), MEASURES):
        spreads = [_measure(system, checkpoint, measure) for system in systems]
        best = max((found.mean for found in spreads if found), default=None)
        for row, found in zip(rows, spreads, strict=True):
            is_best = found is not None and found.mean == best
            row["cells"].append({"measure": measure, "spread": found, "is_best": is_best})
    return rows


def checkpoints_of(systems: Sequence[SweptSystem]) -> dict[Checkpoint, str]:
    """Return the checkpoints that any run has, with their titles."""
    found = {checkpoint: any(s.average(checkpoint) for s in systems) for checkpoint in CHECKPOINTS}
    return {c: title for c, title in CHECKPOINTS.items() if found[c] or c == "best"}


def _measure(system: SweptSystem, checkpoint: Checkpoint, measure: str) -> Spread | None:
    return system.dev(checkpoint) if measure == "dev" else system.average(checkpoint, measure)


def language_rows(
    systems: Sequence[SweptSystem],
    shown: Sequence[Comparison],
    labels: dict[str, str],
    checkpoint: Checkpoint,
) -> list[dict[str, Any]]:
    """Return one row for each test set: the last layer, and each comparison shown."""
    by_key = {(system.name, system.layer): system for system in systems}
    scores = systems[0].runs[0]["scores"]
    names = sorted(scores, key=lambda name: (scores[name]["language"] == "English", labels[name]))
    return [
        {
            **scores[name],
            "name": name,
            "last": by_key[BASELINE, None].score(checkpoint, name),
            "cells": [
                {
                    "score": by_key[c.name, c.layer].score(checkpoint, name),
                    "gain": c.by_corpus.get(name),
                    "interval": c.intervals.get(name),
                }
                for c in shown
            ],
        }
        for name in names
    ]


def paper_rows(
    systems: Sequence[SweptSystem], task: str, name: str, checkpoint: Checkpoint
) -> list[dict[str, Any]]:
    """Put the paper's scores beside ours, layer by layer; the baselines come first."""
    paper = PAPER[task]
    ours = {
        system.layer: found.mean
        for system in systems
        if system.name in (name, BASELINE)
        and (found := system.average(checkpoint, metric=paper.metric))
    }
    layers = sorted({layer for layer in (*ours, *paper.scores) if layer is not None}, reverse=True)

    def gain(scores: dict[int | None, float], layer: int | None) -> float | None:
        known = layer is not None and layer in scores and None in scores
        return scores[layer] - scores[None] if known else None

    return [
        {
            "layer": layer,
            "theirs": paper.scores.get(layer),
            "their_gain": gain(paper.scores, layer),
            "ours": ours.get(layer),
            "our_gain": gain(ours, layer),
        }
        for layer in (None, *layers)
    ]
