"""The scores of one run as a table."""

from typing import Any, Literal

from wasabi import table

from spacy_dlfa.evaluation.record import Run
from spacy_dlfa.evaluation.tasks import task_named

GROUPS = {"all": "all foreign", "enf": "enf (Germanic)", "nenf": "nenf (the others)"}
_SUPPORT = {"entities": "Ent.", "tokens": "Tokens", "docs": "Docs", "pairs": "Pairs"}


def format_table(metrics: Run) -> str:
    """Lay out the scores for a terminal: languages by family, English apart, averages."""
    task = metrics["task"]
    scores = metrics["scores"].items()
    foreign = [(name, row) for name, row in scores if row["language"] != "English"]
    # Those of no family, which may be of no language, come last
    foreign.sort(
        key=lambda item: (not item[1]["family"], item[1]["family"], item[1]["language"], item[0])
    )
    english = [(name, row) for name, row in scores if row["language"] == "English"]
    rows = []
    for name, row in foreign + english:
        counts = [f"{row['sentences']:,}", f"{row['support']:,}"]
        rows.append([row["language"], name, row["family"], *counts, *_cells(task, row)])
    for title, row in mean_rows(metrics["averages"]).items():
        rows.append(["mean", title, f"{row['corpora']} sets", "", "", *_cells(task, row)])
    counts = ["Sent.", _SUPPORT[task_named(task).support]]
    titles = score_titles(task)
    header = ["Language", "Test set", "Family", *counts, *titles[:-1], "95 %", titles[-1]]
    aligns: list[Literal["l", "r"]] = ["l" if i < 3 else "r" for i in range(len(header))]
    return table(rows, header=header, divider=True, aligns=aligns)


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
    means = {title: averages[group] for group, title in GROUPS.items()}
    # Of one test set the mean is its score, and that of the Germanic languages is enf.
    several = {
        genus: row
        for genus, row in averages["genera"].items()
        if row["corpora"] > 1 and row != averages["enf"]
    }
    scripts, exposure = averages.get("scripts", {}), averages.get("encoder", {})
    # Where there is one script, or it has seen all, the mean is that of all foreign test sets
    if len(scripts) > 1:
        several.update({name: row for name, row in scripts.items() if row["corpora"] > 1})
    if len(exposure) > 1:
        several.update({f"{name} by the encoder": row for name, row in exposure.items()})
    return {**means, **several}


def _cells(task: str, row: dict[str, Any]) -> list[str]:
    cells = score_cells(task, row)
    low_high = row["interval"]
    span = "n/a" if low_high is None else f"{low_high[0]:.1f}–{low_high[1]:.1f}"
    return [*cells[:-1], span, cells[-1]]
