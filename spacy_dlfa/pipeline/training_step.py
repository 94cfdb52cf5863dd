"""One batch between the encoder's forward pass and the gradients of its listeners."""

import threading
from collections.abc import Callable
from typing import Any

from spacy_transformers.data_classes import TransformerData
from spacy_transformers.layers import TransformerListener
from thinc.api import Model, Optimizer, get_array_module
from thinc.types import FloatsXd

from spacy_dlfa.encoder.encoder import LAST
from spacy_dlfa.encoder.rows import rows_of
from spacy_dlfa.types import Gradients


class TrainingStep:
    """A batch between the encoder's forward pass and its backward pass.

    backprop (Callable[[Gradients], Any]): The encoder's backward callback.
    asked (List[Tuple[str, TransformerListener]]): The listeners that the batch goes to, each with
        the name of its component.
    sgd (Optional[Optimizer]): Updates the encoder after the backward pass, if one is given.
    """

    def __init__(
        self,
        backprop: Callable[[Gradients], Any],
        asked: list[tuple[str, TransformerListener]],
        sgd: Optimizer | None,
    ):
        self.backprop = backprop
        self.asked = asked
        #: The components of the listeners that have not answered
        self.awaited = [component for component, _ in asked]
        self.last = self.awaited[-1] if asked else None
        self.sgd = sgd
        #: Whether components answer in their order, so that none does after the last of them
        self.in_order = False
        self.gradients: Gradients = {}
        self.thread = threading.current_thread()

    def __reduce__(self) -> tuple[type[None], tuple[()]]:
        """Be None in copies, which have no part in it."""
        return type(None), ()

    @property
    def complete(self) -> bool:
        """Whether no listener will answer any more."""
        return not self.awaited or (self.in_order and self.last not in self.awaited)

    @property
    def elsewhere(self) -> bool:
        """Whether another thread trains, which may be in the middle of the step."""
        return self.thread is not threading.current_thread() and self.thread.is_alive()

    def add(self, component: str, gradients: Gradients) -> None:
        """Add the gradients of a component's listener, layer by layer."""
        self.awaited.remove(component)
        for key, gradient in gradients.items():
            if key in self.gradients:
                self.gradients[key] += gradient
            else:
                self.gradients[key] = gradient


def by_layer(gradients: Gradients | list[TransformerData]) -> Gradients:
    """Return what a listener sends; a stock one sends the last layer's, padded, by document."""
    if isinstance(gradients, dict):
        return gradients
    rows: list[Any] = [rows_of(data).layers[LAST] for data in gradients]
    return {LAST: get_array_module(rows[0]).concatenate(rows)} if rows else {}


def discard_gradient(model: Model) -> None:
    """Set the gradients of a component to zero, so that no later step can apply them."""

    def discard(
        key: Any, weights: FloatsXd, gradient: FloatsXd, **settings: Any
    ) -> tuple[FloatsXd, FloatsXd]:
        gradient.fill(0)
        return weights, gradient

    model.finish_update(discard)  # type: ignore[arg-type]
