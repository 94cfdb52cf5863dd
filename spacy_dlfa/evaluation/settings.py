"""What a pipeline's config says of the run that made it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from spacy.language import Language
from thinc.api import Config

from spacy_dlfa.errors import Errors
from spacy_dlfa.evaluation.record import RunSettings, Training
from spacy_dlfa.evaluation.self_training import find_self_training, note
from spacy_dlfa.evaluation.tasks import task_named
from spacy_dlfa.fusions.variants import has_layer, name_of

#: What the encoder's component is called in our configs
TRANSFORMER: Final = "transformer"


def run_settings(nlp: Language, task: str) -> RunSettings:
    """Read from a pipeline's config what was trained, and how.

    RETURNS (RunSettings): `task`, `backbone`, `layer` (None if no single lower layer is read),
        `upper` (None for the last), `fusion`, `seed` and `training`; `self_training` if it, or its
        encoder before, was.
    """
    settings = config_settings(nlp.config, task)
    if found := find_self_training(nlp):
        settings["self_training"] = found
    return settings


def config_settings(config: Config, task: str) -> RunSettings:
    """Read them from the config alone, which does not say what was self-trained before.

    RAISES (ValueError): If it has no component for the task.
    """
    config = config.interpolate()
    components = config.get("components", {})
    if task_named(task).component not in components:
        raise ValueError(
            Errors.DL309.format(
                task=task, found=list(components), component=task_named(task).component
            )
        )
    tok2vec = _tok2vec_block(components[task_named(task).component].get("model")) or {}
    transformer = components.get(TRANSFORMER, {}).get("model", {})
    # A listener that was replaced holds the encoder itself.
    encoder = tok2vec if "name" in tok2vec else transformer
    fusion = tok2vec.get("fusion")
    return {
        "task": task,
        "backbone": encoder.get("name"),
        "layer": tok2vec.get("layer") if has_layer(fusion) else None,
        "upper": tok2vec.get("upper"),
        "fusion": fusion,
        "seed": config.get("training", {}).get("seed"),
        "training": _training(config, encoder),
    }


def _training(config: Mapping[str, Any], encoder: Mapping[str, Any]) -> Training:
    training = config.get("training", {})
    frozen = training.get("frozen_components") or []
    rate = (training.get("optimizer") or {}).get("learn_rate")
    factor = 0.0 if TRANSFORMER in frozen else encoder.get("learn_rate_factor")
    trained = {name for name, block in config["components"].items() if block.get("model")}
    return {
        "components": sorted(trained - {TRANSFORMER, *frozen}),
        "learn_rate": rate.get("initial_rate") if isinstance(rate, dict) else rate,
        "learn_rate_factor": factor,
        "freeze_below": None if factor == 0 else encoder.get("freeze_below"),
        "max_steps": training.get("max_steps"),
        "max_epochs": training.get("max_epochs"),
    }


def check_same(path: Path, run: RunSettings, pipeline: Path | str, own: RunSettings) -> None:
    """Check that scores are of a pipeline with the same encoder, layers and fusion.

    path (Path): Where the scores are.
    run (RunSettings): What they say that they are of.
    pipeline (Union[Path, str]): The pipeline.
    own (RunSettings): What its config says, and of self-training its meta data.
    RAISES (ValueError): If they are of another one.
    """
    trained, own_trained = (each.get("self_training") for each in (run, own))
    # Scores may know of it where the pipeline's encoder alone says so
    if own_trained and trained != own_trained:
        raise ValueError(Errors.DL319.format(path=path, pipeline=pipeline, note=note(own_trained)))
    for key, found in _architecture(run).items():
        if found != _architecture(own)[key]:
            raise ValueError(
                Errors.DL317.format(
                    path=path, key=key, found=run.get(key), pipeline=pipeline, own=own.get(key)
                )
            )


def _architecture(run: RunSettings) -> dict[str, Any]:
    fusion = run["fusion"]
    return {
        "backbone": run["backbone"],
        # Records of older versions lack settings that have their defaults
        "fusion": name_of(fusion),
        "layer": run["layer"] if has_layer(fusion) else None,
        "upper": run.get("upper"),
    }


def _tok2vec_block(model: Any) -> dict[str, Any] | None:
    if not isinstance(model, dict):
        return None
    if isinstance(model.get("tok2vec"), dict):
        return model["tok2vec"]
    return next(filter(None, map(_tok2vec_block, model.values())), None)


def find_value(config: Mapping[str, Any], name: str) -> Any:
    """Return the value of a setting or a section, `corpora.ner.train`; None if there is none."""
    value: Any = config
    for part in name.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def corpus_setting(config: Mapping[str, Any], split: str) -> str:
    """Return the setting with the path of a corpus, `corpora.train.path`, there or not.

    config (Mapping[str, Any]): A config without variables.
    split (str): "train" or "dev".
    """
    reader = str(find_value(config, f"training.{split}_corpus"))
    # A sweep puts another reader around it
    while "path" not in (block := find_value(config, reader) or {}) and "reader" in block:
        reader += ".reader"
    return f"{reader}.path"
