"""The block of a sweep on a page of Markdown, whose conclusions are written by hand around it."""

from collections.abc import Sequence

from spacy_dlfa.errors import Errors
from spacy_dlfa.evaluation.record import Run
from spacy_dlfa.study.comparison.runs import Checkpoint
from spacy_dlfa.study.comparison.tables import choose, format_corpora, format_picks
from spacy_dlfa.study.pages.definitions import TASK_TITLES
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
    task = TASK_TITLES[runs[0]["task"]]
    facts = "; ".join(f"{name}: {value}" for name, value in facts_of(runs, systems, checkpoint))
    parts = [f"    {command}", f"**{task}.** {facts}.", _list(headlines(findings))]
    chart = score_chart(systems, findings, runs[0]["task"], checkpoint)
    if chart:
        parts.append(f"![{task} by lower layer]({image})")
    if len(findings.comparisons) > 1:
        verdicts = [f"{comparison.verdict}." for comparison in findings.comparisons]
        parts.append(_fold(f"All {len(verdicts)} verdicts", _list(verdicts)))
    parts.append(_fold("All scores", _fence(format_runs(runs))))
    if findings.shown:
        by_corpus = format_corpora(list(findings.shown.values()))
        parts.append(_fold("Gains by language", _fence(by_corpus)))
    if len(systems) > 1:
        parts.append(_fold("Choosing without labels", _fence(format_picks(choose(list(runs))))))
    return "\n\n".join(filter(None, parts)), chart


def put_block(page: str, name: str, block: str) -> str:
    """Put a block on a page: in the place of the one before of its name, or else at the end.

    name (str): Name of the block, which stands in the comments around it.
    RAISES (ValueError): If there is one of these comments without the other, or more than one.
    """
    start, end = f"<!-- report: {name} -->", f"<!-- end of report: {name} -->"
    marked = f"{start}\n\n{block}\n\n{end}"
    if start not in page and end not in page:
        return f"{page.rstrip()}\n\n{marked}\n".lstrip()
    counts = page.count(start), page.count(end)
    if counts != (1, 1) or page.index(start) > page.index(end):
        raise ValueError(
            Errors.DL470.format(
                name=name, num_start=counts[0], start=start, num_end=counts[1], end=end
            )
        )
    return page[: page.index(start)] + marked + page[page.index(end) + len(end) :]


def _list(lines: Sequence[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _fold(title: str, text: str) -> str:
    return f"<details>\n<summary>{title}</summary>\n\n{text}\n\n</details>"


def _fence(table: str) -> str:
    rows = [line.rstrip() for line in table.strip("\n").splitlines()]
    return "\n".join(["```", *rows, "```"])
