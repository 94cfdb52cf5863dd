"""The weights of a pipeline in training: snapshots, their average, and the way back.

They are those that evaluation saw, with the running statistics of batch normalisation.
"""

from collections.abc import Collection, Iterator
from typing import Any, NamedTuple, cast

import numpy
import torch
from spacy.language import Language
from thinc.api import Model, PyTorchShim, to_numpy
from thinc.types import FloatsXd


class Place(NamedTuple):
    """Where an array stands in a pipeline.

    pipe (str): Name of the component.
    node (int): Number of the layer in `model.walk()`.
    shim (Optional[int]): Number of the torch module in the layer, None for thinc's parameters.
    name (str): Name of the parameter, or the key in the module's state.
    """

    pipe: str
    node: int
    shim: int | None
    name: str


Weights = dict[Place, numpy.ndarray]


def snapshot(nlp: Language, exclude: Collection[str] = ()) -> Weights:
    """Copy the weights of all components but those to exclude, the frozen ones.

    RETURNS (Weights): Parameters of thinc's layers, parameters and buffers of torch modules.
    """
    weights: Weights = {}
    for pipe, node, layer in _layers(nlp, exclude):
        for name in layer.param_names:
            if layer.has_param(name):
                array = to_numpy(layer.get_param(name))
                weights[Place(pipe, node, None, name)] = numpy.array(array)
        for shim, module in _modules(layer):
            for name, tensor in module.state_dict().items():
                weights[Place(pipe, node, shim, name)] = numpy.array(tensor.cpu())
    return weights


def restore(nlp: Language, weights: Weights) -> None:
    """Put a snapshot, or an average of some, back into the pipeline it was taken from."""
    pipes = {place.pipe for place in weights}
    for pipe, node, layer in _layers(nlp, set(nlp.pipe_names) - pipes):
        for name in layer.param_names:
            array = weights.get(Place(pipe, node, None, name))
            if array is not None:
                layer.set_param(name, layer.ops.asarray_f(cast(FloatsXd, array.copy())))
        for shim, module in _modules(layer):
            state = {
                name: torch.from_numpy(weights[Place(pipe, node, shim, name)])
                for name in module.state_dict()
            }
            module.load_state_dict(state)


class Average:
    """The plain average of snapshots (Schmidt, Vulić, Glavaš 2023, arXiv 2305.16834).

    Sums are in float64, so that the average of equal snapshots is the snapshot. Of integers,
    such as position numbers, the latest value counts.
    """

    def __init__(self) -> None:
        self.count = 0
        self._sums: Weights = {}
        self._dtypes: dict[Place, numpy.dtype] = {}

    def add(self, weights: Weights) -> None:
        """Take in a snapshot."""
        self.count += 1
        for place, array in weights.items():
            self._dtypes[place] = array.dtype
            if place in self._sums and array.dtype.kind == "f":
                self._sums[place] += array
            else:
                sum_type = "float64" if array.dtype.kind == "f" else array.dtype
                self._sums[place] = array.astype(sum_type)

    def weights(self) -> Weights:
        """Return the average, in the types of the snapshots."""
        return {
            place: (total / self.count if total.dtype.kind == "f" else total).astype(
                self._dtypes[place]
            )
            for place, total in self._sums.items()
        }


def _layers(nlp: Language, exclude: Collection[str]) -> Iterator[tuple[str, int, Model]]:
    for pipe, component in nlp.pipeline:
        model = getattr(component, "model", None)
        if pipe not in exclude and isinstance(model, Model):
            for node, layer in enumerate(model.walk()):
                yield pipe, node, layer


def _modules(layer: Model) -> Iterator[tuple[int, Any]]:
    for number, shim in enumerate(layer.shims):
        if isinstance(shim, PyTorchShim) and shim._model is not None:
            yield number, shim._model
