"""What a sweep is asked for: options that were given or remembered, files in the current folder."""

from pathlib import Path
from typing import Any, Final

from spacy.util import load_config

from spacy_dlfa.errors import place_first
from spacy_dlfa.evaluation.file_names import foreign_language_of
from spacy_dlfa.evaluation.gold import find_corpora
from spacy_dlfa.evaluation.settings import find_value
from spacy_dlfa.evaluation.tasks import TASKS
from spacy_dlfa.files import list_files
from spacy_dlfa.study.errors import Errors
from spacy_dlfa.study.sweep.cells import Cell, make_cells, parse_numbers
from spacy_dlfa.study.sweep.settings import Settings, find_path

#: What a sweep in a new folder runs.
DEFAULTS: Final = {
    "fusions": "last,lower,dlfa,dlfa-feature,mean,mix,mix-all,aif",
    "layers": "all",
    "seeds": "0-2",
}


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
            raise ValueError(Errors.DL437.format(name=name, option=option))


def check_task(task: str, folder: Path, memo: dict[str, Any]) -> None:
    """Refuse a folder with a sweep of another task.

    RAISES (ValueError): If it is one.
    """
    found = memo.get("fingerprint", {}).get("task", task)
    if found != task:
        raise ValueError(Errors.DL434.format(folder=folder, found=found, task=task))


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
    """Put together what the runs share.

    RAISES (ValueError): If a file is missing, one of English data is called otherwise, or the
        config names none.
    """
    overrides = dict(options["overrides"])
    config = Path(options["config"])
    if not config.is_file():
        raise ValueError(Errors.DL435.format(config=config, folder=Path.cwd()))
    given = load_config(config, overrides=overrides, interpolate=False)
    whole = given.interpolate()
    settings = {split: find_path(given, split, config) for split in ("train", "dev")}
    train, dev = (
        # At last as this project's workflows leave them in its folder
        _check_english(f"--{name}", find_value(whole, name) or f"corpus/{task}/{split}.spacy")
        for split, name in settings.items()
    )
    for name in settings.values():
        # Runs are comparable by what the files hold, whatever they are called
        if name.startswith("paths."):
            overrides.pop(name, None)
    try:
        tests = tuple(find_corpora([Path(path) for path in options["tests"]]))
    except ValueError as err:
        raise ValueError(place_first("--test", err)) from err
    return Settings(task, folder, config, train, dev, tests, options["frozen"], overrides)


def _check_english(option: str, name: str) -> Path:
    path, found = Path(name), None
    files = [p for p in list_files(path) if p.suffix == ".spacy"] if path.is_dir() else [path]
    if not files:
        found = "no *.spacy in the folder"
    elif not path.exists():
        found = f"no such file in {Path.cwd()}"
    if found:
        raise ValueError(Errors.DL436.format(option=option, path=path, found=found))
    for file in files:
        if language := foreign_language_of(file):
            raise ValueError(Errors.DL449.format(option=option, path=file, language=language.name))
    return path


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


def drop_none(options: dict[str, Any]) -> dict[str, Any]:
    """Leave out the options that were not given."""
    return {name: value for name, value in options.items() if value is not None}
