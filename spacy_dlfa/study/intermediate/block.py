"""Runs after intermediate tasks on a page of Markdown."""

from collections.abc import Sequence
from statistics import mean, stdev

from spacy_dlfa.evaluation.record import Run
from spacy_dlfa.study.comparison.paired import compare
from spacy_dlfa.study.comparison.rules import Checkpoint
from spacy_dlfa.study.comparison.runs import by_system, with_shared_seeds, zero_shot
from spacy_dlfa.study.comparison.verdict import NO_INTERMEDIATE, format_p
from spacy_dlfa.study.pages.definitions import HEADINGS
from spacy_dlfa.study.pages.markdown import bullets
from spacy_dlfa.tables import markdown_table

_HEADER = ["Trained on before", "Seeds", "Foreign mean", "Gain", "95 % interval", "p Holm", "Ahead"]


def is_intermediate(runs: Sequence[Run]) -> bool:
    """Whether runs are those of `spacy dlfa intermediate`."""
    return any("intermediate" in run for run in runs)


def intermediate_block(
    runs: Sequence[Run], checkpoint: Checkpoint, *, name: str, command: str
) -> str:
    """Show what each intermediate task does to a target, against none.

    runs (Sequence[Run]): As `comparison.runs.read_runs` gives them.
    checkpoint (str): "best" on English dev; these runs have no "average".
    name (str): The target.
    command (str): What makes the block, as it is shown there.
    RAISES (ValueError): If there is no run without an intermediate task, or no other one, or they
        lack the checkpoint.
    """
    # So that gains are differences of the means beside them
    runs = with_shared_seeds(runs)
    found = compare(runs, baseline=NO_INTERMEDIATE, checkpoint=checkpoint)
    metric = runs[0]["metric"]
    # Without an annotation to find, a test set has no score
    tests = [n for n in zero_shot(runs) if all(r["scores"][n][metric] is not None for r in runs)]
    rows = []
    for (start, _), group in by_system(runs).items():
        values = [mean(run["scores"][test][metric] for test in tests) for run in group]
        spread = f" ± {stdev(values):.1f}" if len(values) > 1 else ""
        row = next((each for each in found if each.name == start), None)
        cells = ["–"] * 4
        if row is not None:
            cells = [
                f"{row.difference:+.1f}",
                f"{row.low:+.1f} to {row.high:+.1f}",
                format_p(row.p_holm),
                f"{row.ahead} of {row.corpora}",
            ]
        rows.append([start, str(len(group)), f"{mean(values):.1f}{spread}", *cells])
    verdicts = [f"{each.verdict}." for each in found]
    title = f"**{HEADINGS[runs[0]['task']]} ({name}).**"
    return "\n\n".join(
        [
            f"    {command}",
            f"{title} Encoder: {runs[0]['backbone']}; {metric} in per cent, mean over {len(tests)} "
            "foreign test sets, whose labels of this task no run has seen.",
            markdown_table(_HEADER, rows),
            *_seen(runs),
            bullets(verdicts),
        ]
    )


def _seen(runs: Sequence[Run]) -> list[str]:
    """Say which runs are zero-shot in their task alone."""
    seen = {str(run.get("intermediate")): run.get("labels_seen", {}) for run in runs}
    lines = [
        f"{start} has seen labels of {task} in {len(languages)} languages besides English"
        for start, labels in seen.items()
        for task, languages in labels.items()
    ]
    if not lines:
        return []
    found = "; ".join(lines)
    return [f"Zero-shot in this task, and not without labels of other languages: {found}."]
