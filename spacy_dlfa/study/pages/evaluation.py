"""The page of one run: `spacy dlfa evaluate --output page.html`."""

from collections import Counter
from typing import Any

import srsly
from markupsafe import Markup

from spacy_dlfa.evaluation.describe import layers_in_words
from spacy_dlfa.evaluation.examples import RULE
from spacy_dlfa.evaluation.record import Run
from spacy_dlfa.evaluation.self_training import note
from spacy_dlfa.evaluation.table import (
    GROUPS,
    language_title,
    mean_rows,
    noise_rows,
    score_cells,
    score_titles,
)
from spacy_dlfa.evaluation.tasks import task_named
from spacy_dlfa.study.pages.definitions import HEADINGS, definitions
from spacy_dlfa.study.pages.dot_chart import Dot, DotRow, Panel, dot_chart
from spacy_dlfa.study.pages.examples import (
    KINDS,
    confusion,
    foreign_mistakes,
    kind_counts,
    language_parts,
)
from spacy_dlfa.study.pages.page import environment, fill, interval
from spacy_dlfa.study.pages.theme import family_legend


def evaluation_page(metrics: Run) -> str:
    """Show the scores of one pipeline by language, and what it made of some sentences.

    metrics (Run): What `spacy dlfa evaluate` writes as JSON.
    RETURNS (str): The page, HTML that needs no other file.
    """
    task, scores = metrics["task"], metrics["scores"]
    headline, found = task_named(task).metric, metrics.get("self_training")
    mistakes = foreign_mistakes(metrics)
    english = [row for row in scores.values() if row["language"] == "English"]
    return fill(
        environment(),
        "evaluation.html",
        title=f"{HEADINGS[task]}, {'self-trained' if found else 'zero-shot'}",
        trained=f"{note(found)}." if found else "",
        metric=task_named(task).title,
        metric_words=task_named(task).title if headline == "f" else task_named(task).title.lower(),
        headline=headline,
        averages=metrics["averages"],
        groups=GROUPS,
        english=english,
        settings=_settings(metrics),
        chart=_chart(metrics),
        legend=family_legend({row["family"] for row in scores.values()}),
        has_raw=any("raw" in row for row in scores.values()),
        support=task_named(task).support,
        titles=score_titles(task),
        rows=_table(task, scores),
        means=_means(task, metrics["averages"]),
        noise=noise_rows(metrics),
        parts=language_parts(metrics, labels_of(scores)),
        rule=RULE,
        kinds=KINDS,
        total_kinds=kind_counts(mistakes),
        total_confusion=confusion(mistakes),
        definitions=definitions(task),
    )


def labels_of(scores: dict[str, dict[str, Any]]) -> dict[str, str]:
    """Name test sets by their language, and by themselves where a language has several."""
    count = Counter(row["language"] for row in scores.values())
    return {
        name: language_title(row) + ("" if count[row["language"]] == 1 else f", {name}")
        for name, row in scores.items()
    }


def _settings(metrics: Run) -> dict[str, str]:
    fusion = metrics["fusion"]
    return {
        "Task": metrics["task"],
        "Encoder": metrics["backbone"] or "not known",
        "Layers": layers_in_words(metrics),
        "Fusion": srsly.json_dumps(fusion) if fusion else "none: spaCy's own listener",
        "Seed": str(metrics["seed"]),
    }


def _chart(metrics: Run) -> Markup | None:
    headline, scores = task_named(metrics["task"]).metric, metrics["scores"]
    labels = labels_of(scores)
    rows = [
        DotRow(
            labels[name],
            row["family"],
            [_dot(row, headline)],
            strong=row["language"] == "English",
        )
        for name, row in scores.items()
        if row[headline] is not None
    ]
    if not rows:
        return None
    rows.sort(key=lambda row: (-(row.dots[0].value or 0), row.label))
    title = task_named(metrics["task"]).title
    panel = Panel("", f"{title}, per cent", metrics["averages"]["all"][headline])
    return dot_chart(rows, [panel], f"{title} by language with 95 % intervals, best first")


def _dot(row: dict[str, Any], metric: str) -> Dot:
    low, high = row["interval"] or (None, None)
    return Dot(row[metric], low, high, row.get("raw", {}).get(metric))


def _table(task: str, scores: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    ordered = sorted(
        scores.items(),
        key=lambda item: (item[1]["language"] == "English", item[1]["family"], item[1]["language"]),
    )
    return [
        {"name": name, **row, "language": language_title(row), "cells": _cells(task, row)}
        for name, row in ordered
    ]


def _means(task: str, averages: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"title": title, "corpora": row["corpora"], "cells": _cells(task, row)}
        for title, row in mean_rows(averages).items()
    ]


def _cells(task: str, row: dict[str, Any]) -> list[str]:
    cells = score_cells(task, row)
    return [*cells[:-1], interval(row["interval"]), cells[-1]]
