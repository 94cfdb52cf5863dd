"""thinc's shim for torch modules, with an update that leaves parameters where they are."""

import copy
import itertools
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NoReturn, cast

import torch
from thinc.api import ArgsKwargs, Optimizer, PyTorchShim, torch2xp, xp2torch
from thinc.backends import get_array_ops
from thinc.types import FloatsXd

from spacy_dlfa.encoder.schedule_steps import ScheduleSteps
from spacy_dlfa.errors import Errors, Warnings


@contextmanager
def plain_tensors() -> Iterator[None]:
    """Make weights on the CPU that can learn, whatever torch's default device and mode are."""
    with torch.device("cpu"), torch.inference_mode(False):
        yield


def refuse_gradient(*args: Any) -> NoReturn:
    """Raise, as torch has kept nothing to go back by."""
    raise RuntimeError(Errors.DL027.format())


class InPlaceShim(PyTorchShim):
    """A shim that updates parameters in place.

    thinc's own wraps each parameter anew in each step, around the one before: none of them is
    ever freed, and a long training ends in a chain that is deeper than Python's stack.
    """

    #: Learning rate as a part of the optimizer's
    learn_rate_factor: float = 1.0

    def __init__(self, model: Any, **settings: Any):
        # The gradient scaler is made of tensors
        with plain_tensors():
            super().__init__(model, **settings)
        self.schedule_steps = ScheduleSteps()

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        """Copy it with weights that can learn, whatever torch's mode is."""
        copied = memo[id(self)] = type(self).__new__(type(self))
        with plain_tensors():
            # As `__getstate__` of some leaves packed weights out
            state = cast(dict[str, Any], self.__getstate__())
            vars(copied).update(copy.deepcopy(state, memo))
        return copied

    def begin_update(self, inputs: ArgsKwargs) -> Any:
        """Run with gradients; returns the output and its backward callback.

        The callback raises a RuntimeError if torch's gradients were off.
        """
        # Workers that were spawned share the memory of their parent's weights, for good.
        for tensor in itertools.chain(self._model.parameters(), self._model.buffers()):
            if tensor.device.type == "cpu" and tensor.is_shared():
                tensor.data = tensor.data.clone()
        output, backprop = super().begin_update(inputs)
        if not torch.is_grad_enabled():
            return output, refuse_gradient

        def backprop_apart(gradients: ArgsKwargs) -> Any:
            # The scale is taken off every gradient, also off those of parts of a batch before.
            with self._gradients_apart():
                return backprop(gradients)

        return output, backprop_apart if self._grad_scaler._enabled else backprop

    @contextmanager
    def _gradients_apart(self) -> Iterator[None]:
        """Set gradients aside, and add them to the new ones; after an error they are alone."""
        parameters = list(self._model.parameters())
        before = [each.grad for each in parameters]
        self._model.zero_grad()
        try:
            yield
        except Exception:
            # What there is of the new ones still has the scale
            self._model.zero_grad()
            raise
        finally:
            for parameter, gradient in zip(parameters, before, strict=True):
                if gradient is not None:
                    new = parameter.grad
                    parameter.grad = gradient if new is None else gradient.add_(new)

    def finish_update(self, optimizer: Optimizer) -> None:
        """Update the parameters that have a gradient, if there are any yet.

        RAISES (ValueError): If the gradients are only collected, for an optimizer that would not
            get the factor on the learning rate.
        """
        parameters = self._model.named_parameters() if self._model else ()
        learning = [(name, each) for name, each in parameters if each.grad is not None]
        if learning and self.schedule_steps.before_update(optimizer):
            warnings.warn(Warnings.DL901.format(), stacklevel=1)
        # What `nlp.rehearse` gives instead of an optimizer has no rate.
        if learning and self.learn_rate_factor != 1 and not isinstance(optimizer, Optimizer):
            self._model.zero_grad()
            raise ValueError(Errors.DL028.format(learn_rate_factor=self.learn_rate_factor))
        factor = self.learn_rate_factor
        with averages_apart(optimizer) as averages, times_rate(optimizer, factor):
            for name, parameter in learning:
                key = (self.id, name)
                # Not if a gradient overflowed
                if not self._grad_scaler.found_inf:
                    updated, _ = optimizer(
                        key,
                        cast(FloatsXd, torch2xp(parameter.detach())),
                        cast(FloatsXd, torch2xp(parameter.grad)),
                    )
                    result = xp2torch(updated, device=parameter.device)
                    # Most optimizers write into the array that they get.
                    if result.data_ptr() != parameter.data_ptr():
                        parameter.data.copy_(result)
                    if averages is not None:
                        update_average(averages, key, parameter.detach(), optimizer.nr_update[key])
                # A gradient of zeros would be added to, which costs more than a new one.
                parameter.grad = None
            if averages is not None and learning and not self._grad_scaler.found_inf:
                for name, buffer in running_statistics(self._model):
                    key = (self.id, name)
                    optimizer.nr_update[key] += 1
                    update_average(averages, key, buffer, optimizer.nr_update[key])
        self._grad_scaler.update()

    @contextmanager
    def use_params(self, params: Mapping[Any, FloatsXd]) -> Iterator[None]:
        """Have other weights meanwhile, such as the averages of an optimizer.

        params (Mapping[Tuple[int, str], FloatsXd]): Weights and running statistics by id of the
            shim and name of the tensor, as `finish_update` averages them; the others stay.
        """
        found = [(each, params.get((self.id, name))) for name, each in averaged(self._model)]
        own = [(tensor, tensor.data) for tensor, other in found if other is not None]
        try:
            for tensor, other in found:
                if other is not None:
                    tensor.data = xp2torch(other, device=tensor.device)
            # Not where all stay: a frozen encoder knows what it gave.
            if own:
                self.weights_changed()
            yield
        finally:
            for tensor, data in own:
                tensor.data = data
            if own:
                self.weights_changed()

    def weights_changed(self) -> None:
        """Forget what was made of the weights before."""


def running_statistics(module: Any) -> Iterator[tuple[str, torch.Tensor]]:
    """Find the running means and variances of a module's norms, by name.

    All else that is no parameter stays as it is in training, such as frequencies of positions.
    """
    for name, buffer in module.named_buffers():
        if name.rpartition(".")[2] in ("running_mean", "running_var"):
            yield name, buffer


def averaged(module: Any) -> list[tuple[str, torch.Tensor]]:
    """List what an optimizer's averages may be of, by name; nothing if there is no module yet."""
    if module is None:
        return []
    return [*module.named_parameters(), *running_statistics(module)]


@contextmanager
def times_rate(optimizer: Optimizer, factor: float) -> Iterator[None]:
    """Multiply the learning rate of an optimizer meanwhile: thinc's RAdam heeds no `lr_scale`."""
    if not isinstance(optimizer, Optimizer):
        yield
        return
    rate = optimizer.learn_rate
    optimizer.learn_rate = rate * factor
    try:
        yield
    finally:
        optimizer.learn_rate = rate


@contextmanager
def averages_apart(optimizer: Optimizer) -> Iterator[dict | None]:
    """Take an optimizer's averages from it, which needs three passes and two copies for each.

    YIELDS (Optional[Dict[Tuple[int, str], FloatsXd]]): The averages, if it makes any.
    """
    if not isinstance(optimizer, Optimizer) or optimizer.averages is None:
        yield None
        return
    averages, optimizer.averages = optimizer.averages, None
    try:
        yield averages
    finally:
        optimizer.averages = averages


def update_average(averages: dict, key: tuple[int, str], weights: torch.Tensor, step: int) -> None:
    """Move the average of a tensor towards what it is, as thinc's optimizer does.

    averages (Dict[Tuple[int, str], FloatsXd]): All averages; a new one starts at zero.
    key (Tuple[int, str]): A parameter, or a running statistic.
    weights (Tensor): What it is after the update.
    step (int): How often it was updated, from 1 on.
    """
    if key not in averages:
        array: Any = torch2xp(weights)
        averages[key] = get_array_ops(array).alloc(array.shape, dtype="float32")
    # Where the array is, which is not everywhere where the weights are, or torch's default device
    on_gpu = hasattr(averages[key], "__cuda_array_interface__")
    average = torch.as_tensor(averages[key], device="cuda" if on_gpu else "cpu")
    average.lerp_(weights.to(average.device), 1 - min((1 + step) / (10 + step), 0.9999))
