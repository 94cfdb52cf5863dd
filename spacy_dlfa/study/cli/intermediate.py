"""`python -m spacy dlfa intermediate`: what training on other tasks first does to a task."""

from pathlib import Path
from typing import Annotated

import typer

from spacy_dlfa.extras import need_extra
from spacy_dlfa.messages import fail, one_sentence
from spacy_dlfa.overrides import parse_overrides, split_settings
from spacy_dlfa.workers.share import count_cores


@one_sentence
def intermediate_cli(
    arguments: Annotated[
        list[str], typer.Argument(metavar="TARGET...", help="ner, textcat, nli, tagger, …")
    ],
    intermediates: Annotated[
        str | None,
        typer.Option(
            "--intermediates",
            "-i",
            help="none,nli,tagger-many+intents; by the target, if not given",
        ),
    ] = None,
    seeds: Annotated[str, typer.Option("--seeds", "-s", help="0-2 or 0,3")] = "0-2",
    output: Annotated[
        Path, typer.Option("--output", "-o", file_okay=False, help="Folder of the runs")
    ] = Path("metrics/intermediate"),
    corpus: Annotated[
        Path, typer.Option("--corpus", "-d", file_okay=False, help="Folder of converted corpora")
    ] = Path("corpus"),
    configs: Annotated[
        Path, typer.Option("--configs", "-c", file_okay=False, help="Folder of the configs")
    ] = Path("configs"),
    workers: Annotated[
        int, typer.Option("--workers", "-w", min=1, help="Trainings at a time, each on one core")
    ] = count_cores(),
) -> None:
    """Train an encoder on none, one, two and four other tasks, then each on the target's English.

    The same steps for all intermediate tasks. It can be stopped at any moment and goes on where it
    was. Settings of the configs can follow, as in `spacy train`: --training.max_steps 400
    """
    need_extra("study", "intermediate")
    from spacy_dlfa.study.comparison.paired import compare
    from spacy_dlfa.study.comparison.runs import by_system, read_runs
    from spacy_dlfa.study.comparison.tables import format_comparisons
    from spacy_dlfa.study.comparison.verdict import NO_INTERMEDIATE
    from spacy_dlfa.study.intermediate.plan import Plan
    from spacy_dlfa.study.intermediate.runner import run_all
    from spacy_dlfa.study.intermediate.starts import TARGETS, check_start, default_starts
    from spacy_dlfa.study.sweep.cells import parse_numbers

    named, settings = split_settings(arguments)
    targets = list(dict.fromkeys(named))
    if odd := [each for each in targets if each not in TARGETS]:
        fail(f"Target '{odd[0]}': there is no such task; expected some of {', '.join(TARGETS)}")
    if not targets:
        fail(f"Found no target; expected some of {', '.join(TARGETS)}")
    try:
        starts = {
            target: list(dict.fromkeys(intermediates.split(",")))
            if intermediates
            else default_starts(target)
            for target in targets
        }
        for target, each in starts.items():
            for start in each:
                check_start(start, target)
        plan = Plan(corpus, configs, output, parse_overrides(settings))
        failures = run_all(plan, starts, parse_numbers("--seeds", seeds), workers)
        for target in targets:
            runs = read_runs([output / target]) if any((output / target).glob("*.json")) else []
            names = {name for name, _ in by_system(runs)}
            if len(names) > 1 and NO_INTERMEDIATE in names:
                typer.echo(f"{target}, against no intermediate task")
                typer.echo(format_comparisons(compare(runs, baseline=NO_INTERMEDIATE)))
    except KeyboardInterrupt:
        fail(f"Stopped; the same command goes on with what is not in {output} yet")
    if failures:
        fail("\n".join(failures))
