"""An encoder's first layers alone: nothing above the deepest layer that is read is computed."""

import copy
from typing import Any

from torch import nn


def find_layers(transformer: Any) -> tuple[str, nn.ModuleList] | None:
    """Return the list of an encoder's layers and its name; None if they are not in one list."""
    count = transformer.config.num_hidden_layers
    found = [
        (name, module)
        for name, module in transformer.named_modules()
        if isinstance(module, nn.ModuleList) and len(module) == count
    ]
    return found[0] if len(found) == 1 else None


def first_layers(transformer: Any, depth: int) -> Any:
    """Return an encoder of some layers that shares the weights of another.

    transformer (PreTrainedModel): The encoder, whose layers are in one list.
    depth (int): How many of its layers, from below.
    """
    found = find_layers(transformer)
    assert found is not None
    name, layers = found
    config = copy.copy(transformer.config)
    config.num_hidden_layers = depth
    *path, last = name.split(".")
    top = node = _copy(transformer, config)
    for part in path:
        child = _copy(node._modules[part], config)
        node._modules[part] = child
        node = child
    node._modules[last] = nn.ModuleList(list(layers)[:depth])
    return top


def _copy(module: Any, config: Any) -> Any:
    """Copy a module, but nothing that is in it."""
    copied = copy.copy(module)
    copied._modules = dict(module._modules)
    if hasattr(copied, "config"):
        copied.config = config
    return copied
