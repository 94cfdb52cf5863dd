"""The block of a sweep on a page of Markdown, whose conclusions are written by hand around it."""

from collections.abc import Sequence

from spacy_dlfa.evaluation.record import Run
from spacy_dlfa.study.comparison.regrets import choose
from spacy_dlfa.study.comparison.rules import Checkpoint
from spacy_dlfa.study.comparison.tables import format_corpora, format_picks
from spacy_dlfa.study.pages.definitions import HEADINGS
from spacy_dlfa.study.pages.markdown import bullets, fence, fold
from spacy_dlfa.study.report.findings import find, headlines
from spacy_dlfa.study.report.sweep import facts_of, score_chart
from spacy_dlfa.study.report.systems import swept_systems
from spacy_dlfa.study.sweep.table import format_runs


def sweep_block(
    runs: Sequence[Run], checkpoint: Checkpoint, *, command: str, image: str
) -> tuple[str, str | None]:
    """Show the runs of a sweep: verdicts and a chart, and tables behind a fold.

    runs (Sequence[Run]): As `comparison.runs.read_runs` gives them.
    checkpoint (str): "best" on English dev, or "average".
    command (str): What makes the block, as it is shown there.
    image (str): Where the page finds the chart.
    RETURNS (Tuple[str, Optional[str]]): Markdown, and the chart, None if no fusion has a layer.
    RAISES (ValueError): If the runs are not those of a sweep, or lack the checkpoint.
    """
    systems = swept_systems(runs)
    findings = find(runs, systems, checkpoint)
    task = HEADINGS[runs[0]["task"]]
    facts = facts_of(runs, systems, checkpoint)
    said = "; ".join(f"{name}: {value}" for name, value in facts.items())
    parts = [f"    {command}", f"**{task}.** {said}.", bullets(headlines(findings))]
    chart = score_chart(systems, findings, runs[0]["task"], checkpoint)
    if chart:
        parts.append(f"![{task} by lower layer]({image})")
    if len(findings.comparisons) > 1:
        verdicts = [f"{comparison.verdict}." for comparison in findings.comparisons]
        parts.append(fold(f"All {len(verdicts)} verdicts", bullets(verdicts)))
    parts.append(fold("All scores", fence(format_runs(runs))))
    if findings.shown:
        by_corpus = format_corpora(list(findings.shown.values()))
        parts.append(fold("Gains by language", fence(by_corpus)))
    if len(systems) > 1 and (picks := choose(list(runs))):
        parts.append(fold("Choosing without labels", fence(format_picks(picks))))
    return "\n\n".join(filter(None, parts)), chart
