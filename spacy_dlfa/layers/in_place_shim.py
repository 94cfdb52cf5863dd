"""thinc's shim for torch modules, with an update that leaves parameters where they are."""

from typing import cast

from thinc.api import Optimizer, PyTorchShim, torch2xp, xp2torch
from thinc.types import FloatsXd


class InPlaceShim(PyTorchShim):
    """A shim that updates parameters in place.

    thinc's own wraps each parameter anew in each step, around the one before: none of them is
    ever freed, and a long training ends in a chain that is deeper than Python's stack.
    """

    #: Learning rate as a part of the optimizer's
    learn_rate_factor: float = 1.0

    def finish_update(self, optimizer: Optimizer) -> None:
        """Update the parameters that have a gradient, if there are any yet."""
        for name, parameter in self._model.named_parameters() if self._model else ():
            if parameter.grad is None:
                continue
            # Not if a gradient overflowed
            if not self._grad_scaler.found_inf:
                updated, _ = optimizer(
                    (self.id, name),
                    cast(FloatsXd, torch2xp(parameter.detach())),
                    cast(FloatsXd, torch2xp(parameter.grad)),
                    lr_scale=self.learn_rate_factor,
                )
                result = xp2torch(updated, device=parameter.device)
                # Most optimizers write into the array that they get.
                if result.data_ptr() != parameter.data_ptr():
                    parameter.data.copy_(result)
            # A gradient of zeros would be added to, which costs more than a new one.
            parameter.grad = None
        self._grad_scaler.update()
