"""What is asked of any Hugging Face encoder: its longest input, and the layers it consists of."""

import math
from collections.abc import Iterable
from typing import Any

from spacy_transformers.data_classes import HFObjects
from torch import nn

from spacy_dlfa.encoder.depth import find_layers
from spacy_dlfa.errors import Errors


def find_max_length(hf_model: HFObjects, window: int, num_special: int) -> int:
    """Return the most wordpieces that a window may have, special tokens included.

    hf_model (HFObjects): Encoder and tokenizer, which both have their limits.
    window (int): The limit that is set for windows.
    num_special (int): Special tokens in each window.
    RAISES (ValueError): If there is no room for text.
    """
    transformer = hf_model.transformer
    limits = [window, hf_model.tokenizer.model_max_length]
    # None, absent or, for XLNet, -1 where positions are relative
    if (positions := getattr(transformer.config, "max_position_embeddings", None) or 0) > 0:
        limits.append(positions - _first_position(transformer))
    if (found := min(limits)) <= num_special:
        raise ValueError(Errors.DL022.format(window=window, found=found, num_special=num_special))
    return found


def check_hidden_layers(transformer: Any, layers: list[int]) -> None:
    """Raise if the encoder lacks one of the hidden layers that a config names."""
    num_layers = transformer.config.num_hidden_layers
    for layer in layers:
        if not 0 <= layer <= num_layers:
            raise ValueError(Errors.DL023.format(layer=layer, num_layers=num_layers))


def check_learn_rate_factor(factor: float) -> None:
    """Raise if a factor on the learning rate would lead uphill."""
    if not is_factor(factor):
        raise ValueError(Errors.DL033.format(found=factor))


def is_factor(value: float) -> bool:
    """Whether steps that are multiplied by a number go where they went, and are finite."""
    return 0 <= value < math.inf


def freeze(transformer: Any, below: int) -> None:
    """Keep the layers under a given one from learning, and with them all that is no layer.

    They need no backward pass then, which ends at the lowest layer that learns.

    transformer (PreTrainedModel): The encoder.
    below (int): The lowest layer that learns; 0 for all, embeddings included.
    RAISES (ValueError): If there is no such layer.
    """
    if below == 0:
        return
    num_layers = transformer.config.num_hidden_layers
    if not 0 < below <= num_layers:
        raise ValueError(Errors.DL024.format(below=below, num_layers=num_layers))
    found = find_layers(transformer)
    if found is None:
        raise ValueError(Errors.DL025.format(below=below, name=type(transformer).__name__))
    transformer.requires_grad_(False)
    for layer in found[1][below - 1 :]:
        layer.requires_grad_(True)


def _first_position(transformer: Any) -> int:
    """Return the first position of a text: RoBERTa's kin keep some for padding."""
    for name, module in transformer.named_modules():
        if name.endswith("position_embeddings") and isinstance(module, nn.Embedding):
            return 0 if module.padding_idx is None else module.padding_idx + 1
    return 0


def list_modules(module: nn.Module) -> list[nn.Module]:
    """List a module and all within it; torch's own `modules()` takes several times as long."""
    found = [module]
    # Grows while it is gone through
    for each in found:
        found += [child for child in each._modules.values() if child is not None]
    return found


def has_hooks(modules: Iterable[nn.Module]) -> bool:
    """Whether somebody wants to see, or to change, what one of the modules computes."""
    return any(each._forward_hooks or each._forward_pre_hooks for each in modules)


def versions(modules: Iterable[nn.Module]) -> list[tuple[int, int]]:
    """Return what changes with weights: where each lies, and how often it was changed."""
    # Each module's own, which takes half the time of `parameters()`
    found = [p for each in modules for p in each._parameters.values() if p is not None]
    return [(p.data_ptr(), p._version) for p in found if not p.is_inference()]
