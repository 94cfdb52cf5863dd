"""`python -m spacy dlfa compare`: paired tests between runs, and layers without target labels."""

from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from wasabi import table

from spacy_dlfa.atomic import check_writable
from spacy_dlfa.comparison.known import in_known_languages
from spacy_dlfa.comparison.paired import Comparison, compare
from spacy_dlfa.comparison.pick import DEFAULT_RULE
from spacy_dlfa.comparison.regrets import rule_rows
from spacy_dlfa.comparison.runs import (
    by_system,
    foreign,
    read_runs,
    system_label,
)
from spacy_dlfa.comparison.verdict import format_p
from spacy_dlfa.evaluation.languages import language_of
from spacy_dlfa.evaluation.report import write_json
from spacy_dlfa.messages import fail, one_sentence, sentence


class CheckpointName(StrEnum):
    """The checkpoints of a run."""

    best = "best"
    average = "average"


@one_sentence
def compare_cli(
    paths: Annotated[list[Path], typer.Argument(metavar="RUNS...", help="Run files, or folders")],
    baseline: Annotated[
        str, typer.Option("--baseline", "-b", help="Name of a system: last, dlfa-5")
    ] = "last",
    checkpoint: Annotated[
        CheckpointName, typer.Option("--checkpoint", "-c", help="Best on English dev, or average")
    ] = CheckpointName.best,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", dir_okay=False, help="JSON file")
    ] = None,
    languages: Annotated[
        bool, typer.Option("--languages", "-l", help="Show all systems by test set, not one")
    ] = False,
    known: Annotated[
        bool,
        typer.Option("--known", "-k", help="Languages alone that the encoder's card names"),
    ] = False,
    picks: Annotated[
        bool, typer.Option("--pick", "-p", help="Choose without target labels; the regret of it")
    ] = False,
) -> None:
    """Compare every fusion and layer with a baseline: same seeds, same sentences."""
    if output is not None:
        check_writable(output)
    try:
        runs = read_runs(paths)
        runs = in_known_languages(runs) if known else runs
        found = compare(runs, baseline=baseline, checkpoint=checkpoint.value)
        picked = choose(runs) if picks else None
    except (OSError, ValueError) as err:
        fail(sentence(err))
    task, metric = runs[0]["task"], runs[0]["metric"]
    # First, since who reads the tables may stop reading
    if output is not None:
        settings = {
            "task": task,
            "metric": metric,
            "baseline": baseline,
            "checkpoint": checkpoint.value,
        }
        result = {**settings, "comparisons": [asdict(row) for row in found], "picks": picked}
        write_json(output, result)
    typer.echo(f"{task}, {metric} in per cent, {checkpoint.value} checkpoint, against {baseline}")
    typer.echo(format_comparisons(found))
    typer.echo(format_corpora(found if languages else [max(found, key=lambda row: row.mean)]))
    typer.echo("\n".join(f"- {row.verdict}." for row in found))
    if picked is not None:
        typer.echo(format_picks(picked))
        for row in picked:
            if row["rule"] == DEFAULT_RULE:
                typer.echo(
                    f"The default rule, {DEFAULT_RULE}, takes {row['choice']}: {row['reason']}."
                )
    if output is not None:
        typer.echo(str(output))


def format_comparisons(found: list[Comparison]) -> str:
    """Lay out one row for each system."""
    rows = [
        [
            row.name,
            "" if row.layer is None else str(row.layer),
            str(len(row.seeds)),
            f"{row.mean:.1f}",
            f"{row.difference:+.1f}",
            f"{row.low:+.1f} to {row.high:+.1f}",
            format_p(row.p_holm),
            f"{row.ahead} of {row.corpora}",
        ]
        for row in found
    ]
    header = ["System", "Layer", "Seeds", "Mean", "Diff.", "95 % interval", "p Holm", "Ahead in"]
    return table(rows, header=header, divider=True, aligns=["l", *"r" * (len(header) - 1)])


def format_corpora(found: list[Comparison]) -> str:
    """Lay out the differences by test set, with an interval where there is one system."""
    targets = foreign(found[0].by_corpus)
    corpora = targets + sorted({*found[0].by_corpus} - {*targets})
    rows = []
    for corpus in corpora:
        cells = [f"{row.by_corpus[corpus]:+.1f}" for row in found]
        if len(found) == 1:
            low, high = found[0].intervals[corpus]
            cells.append(f"{low:+.1f} to {high:+.1f}")
        rows.append([language_of(corpus).name, corpus, *cells])
    names = [system_label((row.name, row.layer)) for row in found]
    header = ["Language", "Test set", *names, *(["95 % interval"] if len(found) == 1 else [])]
    return table(rows, header=header, divider=True, aligns=["l", "l", *"r" * (len(header) - 2)])


def choose(runs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Apply each rule; the regret among all systems and among the layers of each fusion."""
    names = [name for name, _ in by_system(runs)]
    layered = sorted({name for name in names if names.count(name) > 1})
    rows = rule_rows(runs, layered)
    if not rows:
        raise ValueError("--pick: found no rule that applies; expected runs of spacy dlfa sweep")
    return [
        {**row._asdict(), "regrets": dict(zip(["all", *layered], row.regrets, strict=True))}
        for row in rows
    ]


def format_picks(rows: list[dict[str, Any]]) -> str:
    """Lay out the choice of each rule and its regret, among all and within each fusion."""
    among = list(rows[0]["regrets"])
    cells = [
        [row["rule"], row["choice"], row["checkpoint"]]
        + [
            "n/a" if row["regrets"][name] is None else f"{row['regrets'][name]:.1f}"
            for name in among
        ]
        for row in rows
    ]
    header = ["Rule", "Choice", "Checkpoint", *(f"Regret, {name}" for name in among)]
    return table(cells, header=header, divider=True, aligns=["l", "l", "l", *"r" * len(among)])
