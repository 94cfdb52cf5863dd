"""One batch between the encoder's forward pass and the gradients of its listeners."""

import math
from collections.abc import Callable
from typing import Any

import torch
from spacy.tokens import Doc
from spacy_transformers.data_classes import FullTransformerBatch, TransformerData
from thinc.api import Model, Optimizer
from thinc.types import FloatsXd


class TrainingStep:
    """A batch between the encoder's forward pass and its backward pass.

    output (FullTransformerBatch): What the encoder made of the batch.
    backprop (Callable[[FullTransformerBatch], Any]): The encoder's backward callback.
    awaited (List[str]): The components of the listeners that have not answered.
    sgd (Optional[Optimizer]): Updates the encoder after the backward pass, if one is given.
    """

    def __init__(
        self,
        output: FullTransformerBatch,
        backprop: Callable[[FullTransformerBatch], Any],
        awaited: list[str],
        sgd: Optimizer | None,
    ):
        self.output = output
        self.backprop = backprop
        self.awaited = awaited
        self.last = awaited[-1] if awaited else None
        self.sgd = sgd
        #: Whether components answer in their order, so that none does after the last of them
        self.in_order = False
        self.d_tensors: list[list[FloatsXd]] = []

    @property
    def complete(self) -> bool:
        """Whether no listener will answer any more."""
        return not self.awaited or (self.in_order and self.last not in self.awaited)

    def add(self, component: str, d_datas: list[TransformerData]) -> None:
        """Add the gradients of a component's listener, by position."""
        self.awaited.remove(component)
        if not self.d_tensors:
            self.d_tensors = [list(data.tensors) for data in d_datas]
            return
        for d_tensors, data in zip(self.d_tensors, d_datas, strict=True):
            # A stock listener sends the first tensor only, the last layer
            for d_tensor, other in zip(d_tensors, data.tensors, strict=False):
                d_tensor += other
            d_tensors.extend(data.tensors[len(d_tensors) :])


def check_output(name: str, docs: list[Doc], output: FullTransformerBatch) -> None:
    """Raise if a hidden state of a batch is not finite."""
    for key, tensor in output.model_output.items():
        if not isinstance(tensor, torch.Tensor) or math.isfinite(float(tensor.detach().sum())):
            continue
        for doc, data in zip(docs, output.doc_data, strict=True):
            if data.model_output and not math.isfinite(float(data.model_output[key].sum())):
                raise FloatingPointError(
                    f"The encoder's {key} is not finite for the text {doc.text[:40]!r}. Start from "
                    f"a model saved before, and lower the learning rate, or set "
                    f'[components.{name}.model] precision = "fp32"'
                )


def sum_squares(component: str, d_datas: list[TransformerData]) -> float:
    """Return the sum of the squared gradients that a component sends.

    RAISES (FloatingPointError): If it is not finite.
    """
    total = 0.0
    for key in d_datas[0].model_output if d_datas else ():
        # One number, and one wait for a GPU, for each tensor
        squares = float(sum((data.model_output[key] ** 2).sum() for data in d_datas))
        if not math.isfinite(squares):
            raise FloatingPointError(
                f"The gradient that [components.{component}] sends to the encoder's {key} is not "
                f"finite: the sum of its squares is {squares}. Lower the learning rate, or look "
                f"for annotations of the batch that the component can't learn"
            )
        total += squares
    return total


def discard_gradient(model: Model) -> None:
    """Set the gradients of a component to zero, so that no later step can apply them."""

    def discard(
        key: Any, weights: FloatsXd, gradient: FloatsXd, **settings: Any
    ) -> tuple[FloatsXd, FloatsXd]:
        gradient.fill(0)
        return weights, gradient

    model.finish_update(discard)  # type: ignore[arg-type]
