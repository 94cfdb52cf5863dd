"""`python -m spacy dlfa sweep`: fusions x layers x seeds."""

import os
from pathlib import Path
from statistics import mean, stdev
from typing import Annotated

import typer
from spacy.cli._util import parse_config_overrides
from wasabi import table

from spacy_dlfa.cli.evaluate import find_corpora
from spacy_dlfa.cli.messages import fail
from spacy_dlfa.comparison.pick import RULES, pick
from spacy_dlfa.comparison.runs import by_system, read_runs
from spacy_dlfa.evaluation.tasks import TASKS
from spacy_dlfa.sweep.cells import FUSIONS, Cell, make_cells, parse_numbers
from spacy_dlfa.sweep.runner import sweep
from spacy_dlfa.sweep.settings import Settings

#: English training and development data of the project's workflows.
CORPORA = {
    "ner": ("corpus/ner/en_ewt-train.spacy", "corpus/ner/en_ewt-dev.spacy"),
    "tagger": ("corpus/tagger/en_ewt-train-1.spacy", "corpus/tagger/en_ewt-dev.spacy"),
    "textcat": ("corpus/textcat/train.spacy", "corpus/textcat/dev.spacy"),
    "pairs": ("corpus/pairs/en_train.spacy", "corpus/pairs/en_dev.spacy"),
}


def sweep_cli(
    ctx: typer.Context,
    task: Annotated[str, typer.Argument(help=", ".join(TASKS))],
    fusions: Annotated[
        str, typer.Option("--fusions", "-f", help=f"Some of {', '.join(FUSIONS)}")
    ] = "last,dlfa,dlfa-sigmoid,mean,mix,mix-all,aif",
    layers: Annotated[
        str, typer.Option("--layers", "-l", help="Lower layers: all, 1-7 or 2,5")
    ] = "all",
    seeds: Annotated[str, typer.Option("--seeds", "-s", help="0-2 or 0,3")] = "0-2",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", file_okay=False, help="metrics/sweep/TASK")
    ] = None,
    config: Annotated[
        Path | None, typer.Option("--config", "-c", dir_okay=False, help="configs/TASK.cfg")
    ] = None,
    tests: Annotated[
        list[Path] | None, typer.Option("--test", "-t", help="corpus/TASK/test; files or folders")
    ] = None,
    workers: Annotated[
        int, typer.Option("--workers", "-w", min=1, help="Runs at a time, each on one core")
    ] = os.cpu_count() or 1,
    frozen: Annotated[
        bool,
        typer.Option("--frozen/--finetune", help="Keep the encoder's weights; encode only once"),
    ] = False,
    rule: Annotated[
        str | None, typer.Option("--pick", "-p", help=f"Choose a layer by {', '.join(RULES)}")
    ] = None,
) -> None:
    """Train and score every fusion, lower layer and seed, each on the same data in the same order.

    A sweep can be stopped at any moment and goes on where it was. More settings of the config
    can follow, as in `spacy train`: --training.max_steps 100 --paths.train my.spacy
    """
    if task not in TASKS:
        fail(f"Task '{task}': there is no such task; expected one of {', '.join(TASKS)}")
    if rule is not None and rule not in RULES:
        fail(f"--pick {rule}: there is no such rule; expected one of {', '.join(RULES)}")
    folder = output or Path("metrics/sweep", task)
    path = config or Path("configs", f"{task}.cfg")
    if not path.is_file():
        fail(f"--config {path}: there is no such file; expected a training config")
    train, dev = CORPORA[task]
    overrides = {"paths.train": train, "paths.dev": dev, **parse_config_overrides(ctx.args)}
    for name in ("paths.train", "paths.dev"):
        if not Path(overrides[name]).is_file():
            fail(f"--{name} {overrides[name]}: there is no such file; run dlfa convert first")
    try:
        corpora = tuple(find_corpora(tests or [Path("corpus", task, "test")]))
        data = (Path(overrides.pop("paths.train")), Path(overrides.pop("paths.dev")))
        settings = Settings(task, folder, path, *data, corpora, frozen, overrides)
        num_layers = settings.num_layers()
        numbers = range(num_layers) if layers == "all" else parse_numbers("--layers", layers)
        cells = make_cells(fusions.split(","), numbers, parse_numbers("--seeds", seeds), num_layers)
        failures = sweep(settings, cells, {}, workers)
        if failures:
            fail(f"{len(failures)} of {len(cells)} runs failed; the others are in {folder}")
        show(settings, cells, rule)
    except (OSError, ValueError) as err:
        fail(str(err))


def show(settings: Settings, cells: list[Cell], rule: str | None) -> None:
    """Print the scores of all fusions and layers, and the choice of a rule."""
    runs = read_runs([settings.run_path(cell) for cell in cells])
    metric = runs[0]["metric"]
    rows = []
    for (name, layer), made in by_system(runs).items():
        cell = [name, "" if layer is None else str(layer), str(len(made))]
        for part in (made, [run["average"] for run in made]):
            cell.append(spread([run["dev"][metric] for run in part]))
            cell.append(spread([run["averages"]["all"][metric] for run in part]))
        rows.append(cell)
    header = ["Fusion", "Layer", "Seeds", "Dev, best", "Foreign", "Dev, average", "Foreign"]
    typer.echo(table(rows, header=header, divider=True, aligns=["l", *"r" * 6]))
    if rule is not None:
        picked = pick(runs, rule)
        layer = "" if picked.layer is None else f" at layer {picked.layer}"
        typer.echo(f"{rule} picks {picked.name}{layer}, by {picked.reason}")


def spread(values: list[float]) -> str:
    """Format the mean over seeds, with the standard deviation if there is one."""
    deviation = f" ± {stdev(values):.1f}" if len(values) > 1 else ""
    return f"{mean(values):.1f}{deviation}"
