"""The page of a sweep: `spacy dlfa report RUNS --output page.html`."""

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from spacy_dlfa.evaluation.record import Run
from spacy_dlfa.evaluation.tasks import task_named
from spacy_dlfa.study.comparison.alike import is_frozen
from spacy_dlfa.study.comparison.regrets import rule_rows
from spacy_dlfa.study.comparison.rules import DEFAULT_RULE, RULES, Checkpoint
from spacy_dlfa.study.comparison.runs import foreign
from spacy_dlfa.study.comparison.verdict import is_control
from spacy_dlfa.study.pages.definitions import HEADINGS, definitions
from spacy_dlfa.study.pages.dot_chart import Dot, DotRow, Panel, dot_chart
from spacy_dlfa.study.pages.evaluation import labels_of
from spacy_dlfa.study.pages.theme import family_legend
from spacy_dlfa.study.report.findings import (
    Findings,
    find,
    foreign_means,
    headlines,
    summary,
)
from spacy_dlfa.study.report.inside_charts import similarity_chart, weight_chart, weight_map
from spacy_dlfa.study.report.layer_chart import Measure, layer_chart
from spacy_dlfa.study.report.page import render_page
from spacy_dlfa.study.report.paper import CITATION, PAPER, PAPER_FUSION
from spacy_dlfa.study.report.systems import SweptSystem, fused_names, swept_systems
from spacy_dlfa.study.report.tables import (
    MEASURES,
    checkpoints_of,
    language_rows,
    paper_rows,
    system_rows,
)

_PAIRED = (
    "of a difference: paired, on the same seeds and resampled sentences, 10,000 times; it covers "
    "what other seeds and other sentences would change, or sentences alone if there is one seed."
)


def sweep_page(runs: Sequence[Run], checkpoint: Checkpoint = "best") -> str:
    """Show the runs of a sweep of one task; parts that the runs lack the data for are left out.

    runs (Sequence[Run]): As `comparison.runs.read_runs` gives them.
    checkpoint (str): "best" on English dev, or "average"; what charts and comparisons are of.
    RETURNS (str): The page, HTML that needs no other file.
    RAISES (ValueError): If the runs did not see the same sentences, or lack the checkpoint.
    """
    task, scores = runs[0]["task"], runs[0]["scores"]
    systems = swept_systems(runs)
    findings = find(runs, systems, checkpoint)
    labels, names = labels_of(scores), fused_names(systems)
    metric = task_named(task).title
    # The paper's own gate, or else what is nearest to it.
    studied = [name for name in names if not is_control(name)]
    printed = PAPER_FUSION if PAPER_FUSION in studied else next(iter(studied), None)
    return render_page(
        "sweep.html",
        task=task,
        title=f"{HEADINGS[task]}: does a lower layer help?",
        metric=metric,
        facts=facts_of(runs, systems, checkpoint),
        findings=findings,
        headlines=headlines(findings),
        summary=summary(findings.comparisons),
        layers=score_chart(systems, findings, task, checkpoint),
        gains=_gain_chart(findings, scores, labels),
        legend=family_legend({row["family"] for row in scores.values()}),
        languages=language_rows(systems, list(findings.shown.values()), labels, checkpoint)
        if findings.comparisons
        else [],
        systems=system_rows(systems, findings),
        checkpoint=checkpoint,
        checkpoints=checkpoints_of(systems),
        measures=MEASURES,
        paper=PAPER.get(task),
        paper_name=printed,
        paper_rows=paper_rows(systems, task, printed, checkpoint)
        if printed and task in PAPER
        else [],
        citation=CITATION,
        weights=weight_chart(systems),
        similarities=similarity_chart(systems),
        maps=_weight_maps(systems, scores, labels),
        rules=rule_rows(runs, names) if len(systems) > 1 else [],
        fused_names=names,
        definitions=_definitions(task),
    )


def score_chart(
    systems: Sequence[SweptSystem], findings: Findings, task: str, checkpoint: Checkpoint
) -> Markup | None:
    """Draw foreign mean and English dev by layer; None if no fusion has a layer."""
    metric = task_named(task).title
    means = foreign_means(systems, findings.comparisons, checkpoint)
    measures = [
        Measure(f"{metric}, foreign mean", lambda system: means[system.name, system.layer]),
        Measure(f"{metric}, English dev", lambda system: system.dev(checkpoint)),
    ]
    return layer_chart(systems, measures, f"{metric} by lower layer")


def facts_of(
    runs: Sequence[Run], systems: Sequence[SweptSystem], checkpoint: Checkpoint
) -> dict[str, str]:
    """Return what the runs are of, each fact by its name."""
    run = runs[0]
    seeds = sorted({run["seed"] for run in runs}, key=str)
    trained = {True: ", frozen", False: ", trained", None: ""}[is_frozen(run)]
    return {
        "Task": run["task"],
        "Encoder": f"{run['backbone']}{trained}",
        "Systems": str(len(systems)),
        "Seeds": ", ".join(map(str, seeds)),
        "Test sets": f"{len(run['scores'])}, {len(foreign(run['scores']))} of them foreign",
        "Checkpoint": {
            "best": "the best on English dev",
            "average": "the average of the checkpoints of a run",
        }[checkpoint],
    }


def _gain_chart(
    findings: Findings, scores: dict[str, dict[str, Any]], labels: dict[str, str]
) -> Markup | None:
    shown = findings.shown
    if not shown:
        return None
    rows = [
        DotRow(
            labels[name],
            row["family"],
            [Dot(c.by_corpus.get(name), *c.intervals.get(name, ())) for c in shown.values()],
            strong=row["language"] == "English",
        )
        for name, row in scores.items()
        if name in next(iter(shown.values())).by_corpus
    ]
    rows.sort(key=lambda row: (-(row.dots[0].value or 0), row.label))
    panels = [
        Panel(f"{c.name}, layer {c.layer}\n{reason}", "points over the last layer", 0, signed=True)
        for reason, c in shown.items()
    ]
    return dot_chart(rows, panels, "Gain over the last layer by language with 95 % intervals")


def _weight_maps(
    systems: Sequence[SweptSystem], scores: dict[str, dict[str, Any]], labels: dict[str, str]
) -> list[Markup]:
    names = [name for name in fused_names(systems) if not is_control(name)]
    corpora = sorted(scores, key=lambda corpus: (scores[corpus]["family"], labels[corpus]))
    maps = [weight_map(systems, name, corpora, labels) for name in names]
    return [chart for chart in maps if chart is not None]


def _definitions(task: str) -> dict[str, str]:
    rule = RULES[DEFAULT_RULE]
    chosen = f"by its {rule.reason}, {rule.checkpoint} checkpoint; no target label is read."
    found = {**definitions(task), "95 %": _PAIRED, f"Chosen by {DEFAULT_RULE}": chosen}
    del found["Raw text"]
    return found
