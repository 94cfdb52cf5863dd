"""`python -m spacy dlfa compare`: paired tests between runs, and layers without target labels."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from spacy_dlfa.extras import need_extra
from spacy_dlfa.messages import one_sentence
from spacy_dlfa.study.comparison.rules import BASELINE, DEFAULT_RULE, Checkpoint
from spacy_dlfa.study.errors import Errors


@one_sentence
def compare_cli(
    paths: Annotated[list[Path], typer.Argument(metavar="RUNS...", help="Run files, or folders")],
    baseline: Annotated[
        str, typer.Option("--baseline", "-b", help="Name of a system: last, dlfa-5")
    ] = BASELINE,
    checkpoint: Annotated[
        Checkpoint, typer.Option("--checkpoint", "-c", help="Best on English dev, or average")
    ] = "best",
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
    need_extra("study", "compare")
    from spacy_dlfa.atomic import check_writable, write_json
    from spacy_dlfa.evaluation.self_training import note
    from spacy_dlfa.study.comparison.known import in_known_languages
    from spacy_dlfa.study.comparison.paired import compare
    from spacy_dlfa.study.comparison.regrets import choose
    from spacy_dlfa.study.comparison.runs import label, read_runs, training_notes
    from spacy_dlfa.study.comparison.tables import (
        format_comparisons,
        format_corpora,
        format_picks,
    )

    if output is not None:
        check_writable(output)
    runs = read_runs(paths)
    runs = in_known_languages(runs) if known else runs
    found = compare(runs, baseline=baseline, checkpoint=checkpoint)
    picked = choose(runs) if picks else None
    if picked == []:
        raise ValueError(Errors.DL424.format())
    for warning in training_notes(runs):
        typer.echo(warning, err=True)
    task, metric = runs[0]["task"], runs[0]["metric"]
    # First, since who reads the tables may stop reading
    if output is not None:
        settings = {
            "task": task,
            "metric": metric,
            "baseline": baseline,
            "checkpoint": checkpoint,
        }
        result = {**settings, "comparisons": [asdict(row) for row in found], "picks": picked}
        write_json(output, result)
    typer.echo(f"{task}, {metric} in per cent, {checkpoint} checkpoint, against {baseline}")
    typer.echo(format_comparisons(found))
    typer.echo(format_corpora(found if languages else [max(found, key=lambda row: row.mean)]))
    typer.echo("\n".join(f"- {row.verdict}." for row in found))
    for run in runs:
        if "self_training" in run:
            typer.echo(f"- {label(run)}: {note(run['self_training'])}.")
    if picked is not None:
        typer.echo(format_picks(picked))
        for row in picked:
            if row["rule"] == DEFAULT_RULE:
                typer.echo(
                    f"The default rule, {DEFAULT_RULE}, takes {row['choice']}: {row['reason']}."
                )
    if output is not None:
        typer.echo(str(output))
