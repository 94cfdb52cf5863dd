"""Fine-tune an encoder on the English data of a task, and score it on foreign test sets."""

import time
from pathlib import Path
from typing import Any

from spacy.training.initialize import init_nlp
from spacy.util import load_config

from spacy_dlfa.evaluation.run import evaluate
from spacy_dlfa.evaluation.settings import run_settings
from spacy_dlfa.study.errors import Errors
from spacy_dlfa.study.probing.data import Corpora
from spacy_dlfa.study.sweep.all_steps import for_all_steps, last_weights, steps_of
from spacy_dlfa.study.sweep.cells import Cell
from spacy_dlfa.study.sweep.corpora import read_tests
from spacy_dlfa.study.sweep.settings import Settings, find_path

#: spaCy's loop wants a score on English dev before and after; nothing here depends on it.
_DEV_SENTENCES = 100


def task_settings(
    task: str,
    backbone: Path,
    config: Path,
    corpora: Corpora,
    overrides: dict[str, Any],
    output: Path,
) -> Settings:
    """Put the settings of a task together: a config for it, on the last layer alone.

    backbone (Path): Folder of the encoder.
    config (Path): The config, as this project's.
    corpora (Corpora): English data and test sets.
    overrides (Dict[str, Any]): Settings of the config, as `spacy train` takes them.
    output (Path): Folder of the report.
    RAISES (ValueError): If there is no such config, or it leaves the number of steps open, or the
        overrides say where the English data are.
    """
    if not config.is_file():
        raise ValueError(Errors.DL456.format(config=config, folder=Path.cwd()))
    settings = Settings(
        task=task,
        output=output,
        config=config,
        train=corpora.train,
        dev=corpora.dev,
        tests=corpora.tests,
        frozen=False,
        overrides={
            "vars.backbone": str(backbone),
            # The same for encoders of any depth
            "components.transformer.model.freeze_below": 1,
            "corpora.dev.limit": _DEV_SENTENCES,
            **overrides,
        },
    )
    # Before anything is trained
    steps_of(settings.load_config())
    given = load_config(config, overrides=settings.overrides, interpolate=False)
    for split in ("train", "dev"):
        if (name := find_path(given, split, config)) in overrides:
            raise ValueError(Errors.DL437.format(name=name, option="--data"))
    return settings


def fine_tune(settings: Settings, cell: Cell) -> dict[str, Any]:
    """Train for all steps of the config, and score the last weights, averaged if it says so.

    No checkpoint is chosen, so that all encoders get the same number of steps.

    cell (Cell): Fusion, lower layer and seed.
    RETURNS (Dict[str, Any]): What `evaluate` returns, with the settings of the run, `steps`, and
        `seconds` for training and for scoring.
    """
    started = time.perf_counter()
    config = settings.config_of(cell)
    for_all_steps(config)
    nlp = init_nlp(config)
    with last_weights(nlp):
        trained = time.perf_counter()
        scored = evaluate(nlp, read_tests(settings.tests), settings.task, raw=False)
    seconds = {"training": trained - started, "scoring": time.perf_counter() - trained}
    return {
        **run_settings(nlp, settings.task),
        "name": cell.name,
        "steps": steps_of(config),
        "seconds": seconds,
        **scored,
    }
