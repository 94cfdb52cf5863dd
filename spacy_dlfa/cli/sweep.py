"""`python -m spacy dlfa sweep`: fusions x layers x seeds."""

import os
from collections import Counter
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from confection import ConfigValidationError

from spacy_dlfa.atomic import write_bytes
from spacy_dlfa.cli.evaluate import find_corpora
from spacy_dlfa.cli.overrides import parse_overrides
from spacy_dlfa.comparison.pick import DEFAULT_RULE, RULES, pick
from spacy_dlfa.comparison.runs import read_runs
from spacy_dlfa.evaluation.tasks import TASKS
from spacy_dlfa.messages import fail, one_sentence, sentence
from spacy_dlfa.sweep.cells import FUSIONS, Cell, make_cells, parse_numbers
from spacy_dlfa.sweep.runner import EncodingError, read_memo, sweep
from spacy_dlfa.sweep.settings import Settings
from spacy_dlfa.sweep.table import format_runs

#: Where the tracebacks are of what failed last.
FAILURES: Final = "failures.txt"
#: What a sweep in a new folder runs.
DEFAULTS: Final = {
    "fusions": "last,dlfa,dlfa-feature,mean,mix,mix-all,aif",
    "layers": "all",
    "seeds": "0-2",
}


@one_sentence
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
        list[Path] | None,
        typer.Option("--test", "-t", help="corpus/TASK/test; files, folders, *.spacy"),
    ] = None,
    workers: Annotated[
        int, typer.Option("--workers", "-w", min=1, help="Runs at a time, each on one core")
    ] = os.cpu_count() or 1,
    frozen: Annotated[
        bool | None,
        typer.Option("--frozen/--finetune", help="Keep the encoder's weights; encode only once"),
    ] = None,
    picks: Annotated[
        bool, typer.Option("--pick", "-p", help="Choose a system without target labels")
    ] = False,
    rule: Annotated[
        str, typer.Option("--rule", "-r", help=f"What --pick goes by: {', '.join(RULES)}")
    ] = DEFAULT_RULE,
) -> None:
    """Train and score every fusion, lower layer and seed, each on the same data in the same order.

    A sweep can be stopped at any moment and goes on where it was. More settings of the config
    can follow, as in `spacy train`: --training.max_steps 100 --paths.train my.spacy

    Without --fusions, --layers and --seeds it runs all that was asked for in the folder so far.
    Those that are left out beside others are of the first request there; of a new folder they are
    all layers, seeds 0-2, and these fusions: last, dlfa, dlfa-feature, mean, mix, mix-all, aif.
    The table, and --pick, are of all runs in the folder.
    """
    if task not in TASKS:
        fail(f"Task '{task}': there is no such task; expected one of {', '.join(TASKS)}")
    if rule not in RULES:
        fail(f"--rule {rule}: there is no such rule; expected one of {', '.join(RULES)}")
    folder = output or Path("metrics/sweep", task)
    overrides = parse_overrides(ctx.args)
    request = _drop_none({"fusions": fusions, "layers": layers, "seeds": seeds})
    given = {
        "config": config and str(config),
        "tests": [str(path) for path in tests] if tests else None,
        "frozen": frozen,
    }
    try:
        check_overrides(task, overrides)
        memo = read_memo(folder)
        check_task(task, folder, memo)
        options = make_options(task, memo.get("options", {}), _drop_none(given), overrides)
        wanted, options["requests"] = add_request(options["requests"], request)
        settings = make_settings(task, folder, options)
        settings.check_overrides()
        cells = list_cells(settings, wanted)
        failures = sweep(settings, cells, options, workers)
        runs = read_runs([folder]) if any(folder.glob("*.json")) else []
        if runs:
            typer.echo(format_runs(runs))
        picked = pick(runs, rule) if picks and not failures else None
    except KeyboardInterrupt:
        fail(f"Stopped; the same command goes on with what is not in {folder} yet")
    except EncodingError as err:
        write_bytes(folder / FAILURES, err.details.encode("utf8"))
        fail(f"{err}; the traceback is in {folder / FAILURES}")
    except (ConfigValidationError, OSError, ValueError) as err:
        fail(sentence(err))
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


def check_overrides(task: str, overrides: dict[str, Any]) -> None:
    """Refuse settings of the config that a sweep sets itself.

    RAISES (ValueError): If there is one.
    """
    tok2vec = f"components.{TASKS[task].component}.model.tok2vec"
    own = {
        "vars.layer": "--layers",
        f"{tok2vec}.layer": "--layers",
        "components.transformer.model.hidden_layers": "--layers",
        "system.seed": "--seeds",
        "training.seed": "--seeds",
    }
    for name in overrides:
        option = own.get(name)
        if name.startswith(f"{tok2vec}.fusion") and name != f"{tok2vec}.fusion.reduction":
            option = "--fusions"
        if option is not None:
            raise ValueError(f"--{name}: a sweep sets it for each run; expected {option} instead")


def check_task(task: str, folder: Path, memo: dict[str, Any]) -> None:
    """Refuse a folder with a sweep of another task.

    RAISES (ValueError): If it is one.
    """
    found = memo.get("fingerprint", {}).get("task", task)
    if found != task:
        raise ValueError(
            f"--output {folder}: found a sweep of {found}; expected a new folder, or one of {task}"
        )


def make_options(
    task: str, remembered: dict[str, Any], given: dict[str, Any], overrides: dict[str, Any]
) -> dict[str, Any]:
    """Put together what was given, what the folder remembers, and what goes by the task."""
    return {
        "config": str(Path("configs", f"{task}.cfg")),
        "tests": [str(Path("corpus", task, "test"))],
        "frozen": False,
        "requests": [],
        **remembered,
        **given,
        "overrides": {**remembered.get("overrides", {}), **overrides},
    }


def add_request(
    requests: list[dict[str, str]], given: dict[str, str]
) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """Return the requests to run now, and all that the folder is to remember."""
    if requests and not given:
        return requests, requests
    request = {**(requests[0] if requests else DEFAULTS), **given}
    return [request], requests if request in requests else [*requests, request]


def make_settings(task: str, folder: Path, options: dict[str, Any]) -> Settings:
    """Put together what the runs share; ends the command if a file is missing."""
    # English, as the project's workflows convert it
    english = {f"paths.{part}": f"corpus/{task}/{part}.spacy" for part in ("train", "dev")}
    overrides = {**english, **options["overrides"]}
    data = [Path(overrides.pop(name)) for name in ("paths.train", "paths.dev")]
    config = Path(options["config"])
    for option, path, remedy in (
        ("--config", config, "expected a training config"),
        ("--paths.train", data[0], "run dlfa convert first"),
        ("--paths.dev", data[1], "run dlfa convert first"),
    ):
        if not path.exists():
            fail(f"{option} {path}: there is no such file; {remedy}")
        if path.is_dir() and not any(path.rglob("*.spacy")):
            fail(f"{option} {path}: found no *.spacy in the folder; {remedy}")
    corpora = tuple(find_corpora([Path(path) for path in options["tests"]]))
    return Settings(task, folder, config, data[0], data[1], corpora, options["frozen"], overrides)


def list_cells(settings: Settings, requests: list[dict[str, str]]) -> list[Cell]:
    """List the runs that requests ask for, each once."""
    num_layers = settings.num_layers()
    cells: list[Cell] = []
    for request in requests:
        layers = list(range(num_layers))
        if request["layers"] != "all":
            layers = parse_numbers("--layers", request["layers"])
        seeds = parse_numbers("--seeds", request["seeds"])
        fusions = [name.strip() for name in request["fusions"].split(",")]
        cells += make_cells(fusions, layers, seeds, num_layers)
    return list(dict.fromkeys(cells))


def _drop_none(options: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}
