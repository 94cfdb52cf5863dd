"""`python -m spacy dlfa sweep`: fusions x layers x seeds."""

import os
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from confection import ConfigValidationError
from spacy.cli._util import parse_config_overrides

from spacy_dlfa.cli.evaluate import find_corpora
from spacy_dlfa.comparison.pick import RULES, pick
from spacy_dlfa.comparison.runs import read_runs
from spacy_dlfa.evaluation.tasks import TASKS
from spacy_dlfa.messages import fail
from spacy_dlfa.sweep.cells import FUSIONS, Cell, make_cells, parse_numbers
from spacy_dlfa.sweep.runner import read_memo, sweep
from spacy_dlfa.sweep.settings import Settings
from spacy_dlfa.sweep.table import format_runs

#: English training and development data of the project's workflows.
CORPORA = {
    "ner": ("corpus/ner/en_ewt-train.spacy", "corpus/ner/en_ewt-dev.spacy"),
    "tagger": ("corpus/tagger/en_ewt-train-1.spacy", "corpus/tagger/en_ewt-dev.spacy"),
    "textcat": ("corpus/textcat/train.spacy", "corpus/textcat/dev.spacy"),
    "pairs": ("corpus/pairs/en_train.spacy", "corpus/pairs/en_dev.spacy"),
}
#: The options of a sweep in a new folder; config and test sets go by the task.
DEFAULTS: Final[dict[str, Any]] = {
    "fusions": "last,dlfa,dlfa-feature,mean,mix,mix-all,aif",
    "layers": "all",
    "seeds": "0-2",
    "frozen": False,
    "overrides": {},
}


def sweep_cli(
    ctx: typer.Context,
    task: Annotated[str, typer.Argument(help=", ".join(TASKS))],
    fusions: Annotated[
        str | None, typer.Option("--fusions", "-f", help=f"Some of {', '.join(FUSIONS)}")
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
        list[Path] | None, typer.Option("--test", "-t", help="corpus/TASK/test; files or folders")
    ] = None,
    workers: Annotated[
        int, typer.Option("--workers", "-w", min=1, help="Runs at a time, each on one core")
    ] = os.cpu_count() or 1,
    frozen: Annotated[
        bool | None,
        typer.Option("--frozen/--finetune", help="Keep the encoder's weights; encode only once"),
    ] = None,
    rule: Annotated[
        str | None, typer.Option("--pick", "-p", help=f"Choose a layer by {', '.join(RULES)}")
    ] = None,
) -> None:
    """Train and score every fusion, lower layer and seed, each on the same data in the same order.

    A sweep can be stopped at any moment and goes on where it was. More settings of the config
    can follow, as in `spacy train`: --training.max_steps 100 --paths.train my.spacy

    Options that are left out are those of the sweep in the folder, if there is one, and else all
    layers, seeds 0-2, and these fusions: last, dlfa, dlfa-feature, mean, mix, mix-all, aif.
    """
    if task not in TASKS:
        fail(f"Task '{task}': there is no such task; expected one of {', '.join(TASKS)}")
    if rule is not None and rule not in RULES:
        fail(f"--pick {rule}: there is no such rule; expected one of {', '.join(RULES)}")
    folder = output or Path("metrics/sweep", task)
    given = {
        "fusions": fusions,
        "layers": layers,
        "seeds": seeds,
        "config": config and str(config),
        "tests": [str(path) for path in tests] if tests else None,
        "frozen": frozen,
    }
    remembered = read_memo(folder).get("options", {})
    options = {
        **DEFAULTS,
        "config": str(Path("configs", f"{task}.cfg")),
        "tests": [str(Path("corpus", task, "test"))],
        **remembered,
        **{name: value for name, value in given.items() if value is not None},
        "overrides": {**remembered.get("overrides", {}), **parse_config_overrides(ctx.args)},
    }
    try:
        settings = make_settings(task, folder, options)
        cells = list_cells(settings, options)
        failures = sweep(settings, cells, options, workers)
    except KeyboardInterrupt:
        fail(f"Stopped; the same command goes on with what is not in {folder} yet")
    except (ConfigValidationError, OSError, ValueError) as err:
        fail(" ".join(str(err).split()))
    done = [cell for cell in cells if cell not in failures]
    if done:
        runs = read_runs([settings.run_path(cell) for cell in done])
        typer.echo(format_runs(runs))
    if failures:
        for cell, failure in failures.items():
            typer.echo(f"{cell}: {failure.message}", err=True)
        typer.echo(next(iter(failures.values())).details, err=True)
        fail(f"{len(failures)} of {len(cells)} runs failed; the others are in {folder}")
    if rule is not None:
        try:
            picked = pick(runs, rule)
        except ValueError as err:
            fail(str(err))
        layer = "" if picked.layer is None else f" at layer {picked.layer}"
        typer.echo(f"{rule} picks {picked.name}{layer}, by {picked.reason}")


def make_settings(task: str, folder: Path, options: dict[str, Any]) -> Settings:
    """Put together what the runs share; ends the command if a file is missing."""
    train, dev = CORPORA[task]
    overrides = {"paths.train": train, "paths.dev": dev, **options["overrides"]}
    data = [Path(overrides.pop(name)) for name in ("paths.train", "paths.dev")]
    config = Path(options["config"])
    for option, path, remedy in (
        ("--config", config, "expected a training config"),
        ("--paths.train", data[0], "run dlfa convert first"),
        ("--paths.dev", data[1], "run dlfa convert first"),
    ):
        if not path.exists():
            fail(f"{option} {path}: there is no such file; {remedy}")
    corpora = tuple(find_corpora([Path(path) for path in options["tests"]]))
    return Settings(task, folder, config, data[0], data[1], corpora, options["frozen"], overrides)


def list_cells(settings: Settings, options: dict[str, Any]) -> list[Cell]:
    """List the runs that the options ask for."""
    num_layers = settings.num_layers()
    layers = list(range(num_layers))
    if options["layers"] != "all":
        layers = parse_numbers("--layers", options["layers"])
    seeds = parse_numbers("--seeds", options["seeds"])
    return make_cells(options["fusions"].split(","), layers, seeds, num_layers)
