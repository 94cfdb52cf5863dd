"""The runs of a sweep as a table for a terminal."""

from collections.abc import Sequence
from statistics import mean, stdev

from spacy_dlfa.evaluation.record import Run
from spacy_dlfa.study.comparison.rules import CHECKPOINTS
from spacy_dlfa.study.comparison.runs import at_checkpoint, by_system
from spacy_dlfa.tables import lay_out


def format_runs(runs: Sequence[Run]) -> str:
    """Lay out fusions and layers, as mean ± standard deviation over seeds.

    Runs of `evaluate` lack English dev, "n/a", and the averaged checkpoint, whose columns are there
    if any run has it.
    """
    metric = runs[0]["metric"]
    found = [each for each in CHECKPOINTS if each == "best" or any(map(_has_average, runs))]
    rows = []
    for (name, layer), group in by_system(runs).items():
        row = [name, "" if layer is None else str(layer), str(len(group))]
        for checkpoint in found:
            having = group if checkpoint == "best" else filter(_has_average, group)
            parts = [at_checkpoint(run, checkpoint) for run in having]
            row.append(_spread([part.get("dev", {}).get(metric) for part in parts]))
            row.append(_spread([part["averages"]["all"][metric] for part in parts]))
        rows.append(row)
    header = ["Fusion", "Layer", "Seeds"]
    for checkpoint in found:
        header += [f"Dev, {checkpoint}", "Foreign"]
    return lay_out(rows, ["l", *"r" * (len(header) - 1)], header)


def _has_average(run: Run) -> bool:
    return bool(run.get("average"))


def _spread(values: Sequence[float | None]) -> str:
    numbers = [value for value in values if value is not None]
    if not numbers:
        return "n/a"
    if len(numbers) == 1:
        return f"{numbers[0]:.1f}"
    return f"{mean(numbers):.1f} ± {stdev(numbers):.1f}"
