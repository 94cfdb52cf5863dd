"""thinc's shim for torch modules, with an update that leaves parameters where they are."""

import itertools
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn, cast

import torch
from thinc.api import ArgsKwargs, Optimizer, PyTorchShim, torch2xp, xp2torch
from thinc.types import FloatsXd

from spacy_dlfa.encoder.schedule_steps import ScheduleSteps


@contextmanager
def plain_tensors() -> Iterator[None]:
    """Make weights on the CPU that can learn, whatever torch's default device and mode are."""
    with torch.device("cpu"), torch.inference_mode(False):
        yield


def refuse_gradient(*args: Any) -> NoReturn:
    """Raise, as torch has kept nothing to go back by."""
    raise RuntimeError(
        "Can't train while torch's gradients are off; update the pipeline outside of "
        "torch.no_grad() and torch.inference_mode()"
    )


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

    def begin_update(self, inputs: ArgsKwargs) -> Any:
        """Run with gradients; returns the output and its backward callback.

        The callback raises a RuntimeError if torch's gradients were off.
        """
        # Workers that were spawned share the memory of their parent's weights, for good.
        for tensor in itertools.chain(self._model.parameters(), self._model.buffers()):
            if tensor.device.type == "cpu" and tensor.is_shared():
                tensor.data = tensor.data.clone()
        output, backprop = super().begin_update(inputs)
        return output, backprop if torch.is_grad_enabled() else refuse_gradient

    def finish_update(self, optimizer: Optimizer) -> None:
        """Update the parameters that have a gradient, if there are any yet.

        RAISES (ValueError): If the gradients are only collected, for an optimizer that would not
            get the factor on the learning rate.
        """
        parameters = self._model.named_parameters() if self._model else ()
        learning = [(name, each) for name, each in parameters if each.grad is not None]
        if learning and self.schedule_steps.before_update(optimizer):
            warnings.warn(
                "The learning rate stays 0, so nothing is learnt: set optimizer.learn_rate, or, if "
                "the schedule [training.optimizer.learn_rate] has ended, more total_steps",
                stacklevel=1,
            )
        # What `nlp.rehearse` gives instead of an optimizer takes no scale.
        scale = {} if self.learn_rate_factor == 1 else {"lr_scale": self.learn_rate_factor}
        if learning and scale and not isinstance(optimizer, Optimizer):
            self._model.zero_grad()
            raise ValueError(
                f"nlp.rehearse can't apply learn_rate_factor = {self.learn_rate_factor} to an "
                f"encoder inside a component; call nlp.get_pipe(name).rehearse(examples, "
                f"sgd=optimizer) for that component"
            )
        for name, parameter in learning:
            # Not if a gradient overflowed
            if not self._grad_scaler.found_inf:
                updated, _ = optimizer(
                    (self.id, name),
                    cast(FloatsXd, torch2xp(parameter.detach())),
                    cast(FloatsXd, torch2xp(parameter.grad)),
                    **scale,
                )
                result = xp2torch(updated, device=parameter.device)
                # Most optimizers write into the array that they get.
                if result.data_ptr() != parameter.data_ptr():
                    parameter.data.copy_(result)
            # A gradient of zeros would be added to, which costs more than a new one.
            parameter.grad = None
        self._grad_scaler.update()
