"""The runs of a sweep as a table for a terminal."""

from collections.abc import Mapping, Sequence
from statistics import mean, stdev
from typing import Any

from wasabi import table

from spacy_dlfa.study.comparison.runs import by_system


def format_runs(runs: Sequence[Mapping[str, Any]]) -> str:
    """Lay out fusions and layers, as mean ± standard deviation over seeds."""
    metric = runs[0]["metric"]
    rows = []
    for (name, layer), group in by_system([dict(run) for run in runs]).items():
        row = [name, "" if layer is None else str(layer), str(len(group))]
        for part in (group, [run["average"] for run in group]):
            row.append(_spread([run["dev"][metric] for run in part]))
            row.append(_spread([run["averages"]["all"][metric] for run in part]))
        rows.append(row)
    header = ["Fusion", "Layer", "Seeds", "Dev, best", "Foreign", "Dev, average", "Foreign"]
    return table(rows, header=header, divider=True, aligns=["l", *"r" * (len(header) - 1)])


def _spread(values: Sequence[float | None]) -> str:
    numbers = [value for value in values if value is not None]
    if not numbers:
        return "n/a"
    if len(numbers) == 1:
        return f"{numbers[0]:.1f}"
    return f"{mean(numbers):.1f} ± {stdev(numbers):.1f}"
