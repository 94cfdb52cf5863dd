"""What a user is told of an encoder at initialisation: it learns nothing, or too much."""

import warnings
from typing import Any

from spacy_dlfa.encoder.encoder import LAST, layer_key, layer_number
from spacy_dlfa.errors import Warnings


def warn_of_training(model: Any) -> None:
    """Warn if an encoder has learnt since it was loaded, as it is not loaded anew.

    model (TransformerModel): The model of the encoder.
    """
    if model.shim.updated:
        warnings.warn(Warnings.DL913.format(), stacklevel=2)


def warn_of_frozen_layers(model: Any) -> None:
    """Warn if an encoder that is to learn has nothing to learn from."""
    freeze_below = model.settings["freeze_below"]
    read = [key for keys in model.read() for key in keys]
    if model.frozen or not read or LAST in read:
        return
    deepest = max(map(layer_number, read))
    if deepest < freeze_below:
        warnings.warn(
            Warnings.DL902.format(freeze_below=freeze_below, deepest=deepest), stacklevel=2
        )


def warn_of_norms(model: Any) -> None:
    """Warn if a fusion of layers that are read would be one of them: its norm is much larger."""
    norms = [*model.shim.norms, 1.0]
    by_key = {**dict(zip(map(layer_key, range(len(norms))), norms, strict=True)), LAST: 1.0}
    for *lower, upper in model.read():
        ratios = {layer_number(key): by_key[key] / by_key[upper] for key in lower}
        found = {layer: ratio for layer, ratio in ratios.items() if not 1 / 3 <= ratio <= 3}
        if not found:
            continue
        shown = ", ".join(f"layer {k} {ratio:.2g}" for k, ratio in found.items())
        near = [k for k, norm in enumerate(norms[:-1]) if 1 / 3 <= norm / by_key[upper] <= 3]
        choice = f"a layer of {near}" if near else "spacy_dlfa.LastLayer.v1 as the fusion"
        warnings.warn(Warnings.DL903.format(upper=upper, found=shown, choice=choice), stacklevel=2)
