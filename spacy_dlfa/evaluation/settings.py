"""What a pipeline's config says of the run that made it."""

from typing import Any

from spacy.language import Language

from spacy_dlfa.evaluation.record import RunSettings
from spacy_dlfa.evaluation.self_training import find_self_training
from spacy_dlfa.evaluation.tasks import task_named
from spacy_dlfa.fusions.variants import has_layer, name_of


def run_settings(nlp: Language, task: str) -> RunSettings:
    """Read from a pipeline's config what was trained.

    RETURNS (RunSettings): `task`, `backbone`, `layer` (None if no single lower layer is read),
        `upper` (None for the last), `fusion` and `seed`; `self_training` if it, or its
        encoder before, was.
    """
    config = nlp.config.interpolate()
    components = config["components"]
    tok2vec = _tok2vec_block(components[task_named(task).component].get("model")) or {}
    transformer = components.get("transformer", {}).get("model", {})
    fusion = tok2vec.get("fusion")
    settings: RunSettings = {
        "task": task,
        # A listener that was replaced holds the encoder itself.
        "backbone": tok2vec.get("name") or transformer.get("name"),
        "layer": tok2vec.get("layer") if has_layer(fusion) else None,
        "upper": tok2vec.get("upper"),
        "fusion": fusion,
        "seed": config["training"].get("seed"),
    }
    if found := find_self_training(nlp):
        settings["self_training"] = found
    return settings


def find_difference(run: RunSettings, other: RunSettings) -> str | None:
    """Name the setting in which two runs don't have the same encoder, layers and fusion.

    RETURNS (Optional[str]): "backbone", "fusion", "layer" or "upper"; None if they are the same.
    """
    for key, found in _architecture(run).items():
        if found != _architecture(other)[key]:
            return key
    return None


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
