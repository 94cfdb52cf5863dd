"""The scores of one run as a table."""

from collections.abc import Mapping
from typing import Any

from spacy_dlfa.evaluation.labels_seen import is_zero_shot
from spacy_dlfa.evaluation.record import Run
from spacy_dlfa.evaluation.self_training import note
from spacy_dlfa.evaluation.tasks import task_named
from spacy_dlfa.languages import ENGLISH
from spacy_dlfa.messages import counted
from spacy_dlfa.tables import lay_out

GROUPS = {"all": "all foreign", "enf": "enf (Germanic)", "nenf": "nenf (the others)"}


def format_table(metrics: Run) -> str:
    """Lay out the scores for a terminal: languages by family, English apart, averages, noise."""
    task = metrics["task"]
    scores = metrics["scores"].items()
    foreign = [(name, row) for name, row in scores if row["language"] != ENGLISH]
    # Those of no family, which may be of no language, come last
    foreign.sort(
        key=lambda item: (not item[1]["family"], item[1]["family"], item[1]["language"], item[0])
    )
    english = [(name, row) for name, row in scores if row["language"] == ENGLISH]
    rows = []
    for name, row in foreign + english:
        counts = [f"{row['sentences']:,}", f"{row['support']:,}"]
        rows.append([language_title(row), name, row["family"], *counts, *_cells(task, row)])
    for title, row in mean_rows(metrics["averages"]).items():
        rows.append(["mean", title, counted(row["corpora"], "set"), "", "", *_cells(task, row)])
    counts = ["Sent.", task_named(task).support_title]
    titles = score_titles(task)
    header = ["Language", "Test set", "Family", *counts, *titles[:-1], "95 %", titles[-1]]
    laid_out = lay_out(rows, ["l", "l", "l", *"r" * (len(header) - 3)], header)
    head = [note(metrics["self_training"])] if "self_training" in metrics else []
    return "\n".join([*head, laid_out, *([_noise_table(metrics)] if "noise" in metrics else [])])


def language_title(row: Mapping[str, Any]) -> str:
    """Name the language of a test set, and say so where scores are not zero-shot."""
    return row["language"] if is_zero_shot(row) else f"{row['language']} (not zero-shot)"


def noise_rows(metrics: Run) -> tuple[list[str], dict[str, list[str]]]:
    """Compare the means over the foreign test sets with those on damaged text.

    RETURNS (Tuple[List[str], Dict[str, List[str]]]): The titles of the columns, and the cells of
        each kind of noise: clean, damaged and difference, the same on raw text.
    """
    task = task_named(metrics["task"])
    titles = [f"{task.title} clean", "Damaged", "Diff.", "Raw text clean", "Damaged", "Diff."]
    clean = _means(metrics["averages"]["all"], task.metric)
    rows: dict[str, list[str]] = {}
    for kind, part in metrics.get("noise", {}).items():
        damaged = _means(part["averages"]["all"], task.metric)
        rows[kind] = []
        for before, after in zip(clean, damaged, strict=True):
            if before is None or after is None:
                rows[kind] += ["n/a"] * 3
            else:
                rows[kind] += [f"{before:.1f}", f"{after:.1f}", f"{after - before:+.1f}"]
    return titles, rows


def score_titles(task: str) -> list[str]:
    """Return the titles of the columns that `score_cells` fills."""
    return [*task_named(task).metrics.values(), f"{task_named(task).title} raw text"]


def score_cells(task: str, row: dict[str, Any]) -> list[str]:
    """Format a row's metrics, and the headline metric on raw text."""
    values = [row[key] for key in task_named(task).metrics]
    values.append(row.get("raw", {}).get(task_named(task).metric))
    return ["n/a" if value is None else f"{value:.1f}" for value in values]


def mean_rows(averages: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the means that tables show, by their titles: the groups, genera, scripts, exposure."""
    corpora = averages["all"]["corpora"]
    # Of groups those that hold some, and not all
    means = {
        title: averages[group]
        for group, title in GROUPS.items()
        if group == "all" or 0 < averages.get(group, {"corpora": 0})["corpora"] < corpora
    }
    # Of one test set the mean is its score, and that of the Germanic languages is enf.
    several = {
        genus: row
        for genus, row in averages.get("genera", {}).items()
        if row["corpora"] > 1 and row != averages.get("enf")
    }
    scripts, exposure = averages.get("scripts", {}), averages.get("encoder", {})
    # Where there is one script, or it has seen all, the mean is that of all foreign test sets
    if len(scripts) > 1:
        several.update({name: row for name, row in scripts.items() if row["corpora"] > 1})
    if len(exposure) > 1:
        several.update({f"{name} by the encoder": row for name, row in exposure.items()})
    return {**means, **several}


def _means(average: dict[str, Any], metric: str) -> list[float | None]:
    return [average[metric], average.get("raw", {}).get(metric)]


def _noise_table(metrics: Run) -> str:
    titles, rows = noise_rows(metrics)
    corpora = counted(metrics["averages"]["all"]["corpora"], "set")
    return lay_out(
        [[kind, "all foreign", corpora, *cells] for kind, cells in rows.items()],
        ["l", "l", "l", *"r" * len(titles)],
        ["Noise", "Mean", "", *titles],
    )


def _cells(task: str, row: dict[str, Any]) -> list[str]:
    cells = score_cells(task, row)
    low_high = row.get("interval")
    span = "n/a" if low_high is None else f"{low_high[0]:.1f}–{low_high[1]:.1f}"
    return [*cells[:-1], span, cells[-1]]
