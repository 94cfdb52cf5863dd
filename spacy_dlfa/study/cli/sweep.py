"""`python -m spacy dlfa sweep`: fusions x layers x seeds."""

from collections import Counter
from pathlib import Path
from typing import Annotated, Final, Literal

import typer

from spacy_dlfa.evaluation.tasks import TASKS
from spacy_dlfa.extras import need_extra
from spacy_dlfa.messages import fail, one_sentence
from spacy_dlfa.overrides import parse_overrides
from spacy_dlfa.study.comparison.rules import DEFAULT_RULE, RULES

#: Where the tracebacks are of what failed last.
FAILURES: Final = "failures.txt"


@one_sentence
def sweep_cli(
    ctx: typer.Context,
    task: Annotated[str, typer.Argument(help=", ".join(TASKS))],
    fusions: Annotated[
        str | None, typer.Option("--fusions", "-f", help="Short names, like last,dlfa,mean")
    ] = None,
    layers: Annotated[
        str | None, typer.Option("--layers", "-l", help="Lower layers: all, 1-7 or 2,5")
    ] = None,
    seeds: Annotated[str | None, typer.Option("--seeds", "-s", help="0-2 or 0,3")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", file_okay=False, help="metrics/sweep/TASK")
    ] = None,
    config: Annotated[
        Path | None, typer.Option("--config", "-c", dir_okay=False, help="configs/TASK.cfg")
    ] = None,
    tests: Annotated[
        list[Path] | None,
        typer.Option("--test", "-t", help="corpus/TASK/test; files, folders, *.spacy"),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option("--workers", "-w", min=1, help="Runs at a time, each on one core; all cores"),
    ] = None,
    engine: Annotated[
        Literal["local", "ray"], typer.Option(help="Processes here, or a cluster, RAY_ADDRESS")
    ] = "local",
    frozen: Annotated[
        bool | None,
        typer.Option("--frozen/--finetune", help="Keep the encoder's weights; encode only once"),
    ] = None,
    picks: Annotated[
        bool, typer.Option("--pick", "-p", help="Choose a system without target labels")
    ] = False,
    rule: Annotated[
        str | None,
        typer.Option(
            "--rule",
            "-r",
            help=f"What --pick and --export go by: {', '.join(RULES)}; {DEFAULT_RULE} if not given",
        ),
    ] = None,
    exported: Annotated[
        Path | None,
        typer.Option("--export", "-x", file_okay=False, help="Train what --rule picks and save it"),
    ] = None,
) -> None:
    """Train and score every fusion, lower layer and seed, each on the same data in the same order.

    A sweep can be stopped at any moment and goes on where it was. More settings of the config
    can follow, as in `spacy train`: --training.max_steps 100 --paths.train my.spacy

    Without --fusions, --layers and --seeds it runs all that was asked for in the folder so far.
    Those that are left out beside others are of the first request there; of a new folder they are
    all layers, seeds 0-2, and these fusions: last, lower, dlfa, dlfa-feature, mean,
    mix, mix-all, aif.
    A name that isn't known gets all there are, those of other packages among them. The table, and
    --pick, are of all runs in the folder.
    """
    need_extra("study", "sweep")
    if engine == "ray":
        need_extra("ray", "--engine ray")
    from spacy_dlfa.atomic import check_writable, write_bytes
    from spacy_dlfa.study.comparison.pick import pick
    from spacy_dlfa.study.comparison.runs import read_runs, system_of
    from spacy_dlfa.study.sweep.cells import Cell
    from spacy_dlfa.study.sweep.export import export
    from spacy_dlfa.study.sweep.request import (
        add_request,
        check_overrides,
        check_task,
        drop_none,
        list_cells,
        make_options,
        make_settings,
    )
    from spacy_dlfa.study.sweep.runner import EncodingError, read_memo, sweep
    from spacy_dlfa.study.sweep.table import format_runs

    if task not in TASKS:
        fail(f"Task '{task}': there is no such task; expected one of {', '.join(TASKS)}")
    if rule is not None and rule not in RULES:
        fail(f"--rule {rule}: there is no such rule; expected one of {', '.join(RULES)}")
    if rule is not None and not (picks or exported):
        fail(f"--rule {rule}: found nothing to choose; expected --pick or --export beside it")
    rule = rule or DEFAULT_RULE
    folder = output or Path("metrics/sweep", task)
    overrides = parse_overrides(ctx.args)
    request = drop_none({"fusions": fusions, "layers": layers, "seeds": seeds})
    given = {
        "config": config and str(config),
        "tests": [str(path) for path in tests] if tests else None,
        "frozen": frozen,
    }
    if exported is not None:
        check_writable(exported / "meta.json")
    try:
        check_overrides(task, overrides)
        memo = read_memo(folder)
        check_task(task, folder, memo)
        options = make_options(task, memo.get("options", {}), drop_none(given), overrides)
        wanted, options["requests"] = add_request(options["requests"], request)
        settings = make_settings(task, folder, options)
        settings.check_overrides()
        cells = list_cells(settings, wanted)
        failures = sweep(settings, cells, options, workers, engine)
        runs = read_runs([folder]) if any(folder.glob("*.json")) else []
        if runs:
            typer.echo(format_runs(runs))
        picked = pick(runs, rule) if (picks or exported) and not failures else None
    except KeyboardInterrupt:
        fail(f"Stopped; the same command goes on with what is not in {folder} yet")
    except EncodingError as err:
        write_bytes(folder / FAILURES, err.details.encode("utf8"))
        fail(f"{err}; the traceback is in {folder / FAILURES}")
    if failures:
        details = "\n".join(f"{cell}\n{failure.details}" for cell, failure in failures.items())
        write_bytes(folder / FAILURES, details.encode("utf8"))
        failed = Counter(failure.message for failure in failures.values())
        for message, count in failed.items():
            typer.echo(f"{count} of {len(cells)} runs: {message}", err=True)
        fail(
            f"{len(failures)} of {len(cells)} runs failed; the others are in {folder}, and the "
            f"tracebacks in {folder / FAILURES}"
        )
    (folder / FAILURES).unlink(missing_ok=True)
    if picked is not None:
        layer = "" if picked.layer is None else f" at layer {picked.layer}"
        typer.echo(f"{rule} picks {picked.name}{layer}, by {picked.reason}")
    if picked is not None and exported is not None:
        # Of all requests in the folder, as the choice is; its runs all have a seed
        system = (picked.name, picked.layer)
        seeds = [int(run["seed"] or 0) for run in runs if system_of(run) == system]
        cell = Cell(picked.name, picked.layer, min(seeds))
        export(settings, cell, picked.checkpoint, exported)
        typer.echo(f"{exported}: trained with seed {cell.seed}, the {picked.checkpoint} checkpoint")
