"""A transformer component whose encoder learns from all listeners that send a gradient."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import torch
from spacy.tokens import Doc
from spacy.training import Example, validate_examples
from spacy_transformers.data_classes import FullTransformerBatch, TransformerData
from spacy_transformers.layers import TransformerListener
from thinc.api import Optimizer

from spacy_dlfa.encoder.batch import TransformerBatch, check_output, sum_squares
from spacy_dlfa.encoder.forks import PACKING
from spacy_dlfa.encoder.schedule_steps import ScheduleSteps
from spacy_dlfa.pipeline.annotating import AnnotatingTransformer
from spacy_dlfa.pipeline.listener import DLFAListener
from spacy_dlfa.pipeline.training_step import TrainingStep, by_layer, discard_gradient
from spacy_dlfa.pipeline.transformer_model import TransformerModel
from spacy_dlfa.types import Gradients


class LearningTransformer(AnnotatingTransformer):
    """How the encoder learns: from a batch at a time, once its listeners have answered."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.step: TrainingStep | None = None
        self.schedule_steps = ScheduleSteps()

    def update(
        self,
        examples: Iterable[Example],
        *,
        drop: float = 0.0,
        sgd: Optimizer | None = None,
        losses: dict[str, float] | None = None,
    ) -> dict[str, float]:
        """Encode a batch for the listeners, and take their gradients when they come.

        examples (Iterable[Example]): A batch; only the predicted documents are used.
        drop (float): Changes nothing: the encoder has the dropout of its own configuration.
        sgd (Optional[Optimizer]): Updates the encoder once all listeners have answered.
        losses (Optional[Dict[str, float]]): Gets the sum of the squared gradients.
        RETURNS (Dict[str, float]): The losses.
        RAISES (FloatingPointError): If the encoder puts out, or a component sends back, a number
            that is not finite.
        """
        examples = list(examples)
        validate_examples(examples, "DLFATransformer.update")
        losses = {} if losses is None else losses
        docs = [example.predicted for example in examples]
        self._backprop()
        self._follow()
        if not any(len(doc) for doc in docs):
            return losses
        losses.setdefault(self.name, 0.0)
        # A sweep puts another model in place of the encoder's.
        if isinstance(self.model, TransformerModel) and self.model.frozen:
            self._send_kept(docs)
            return losses
        output, backprop = self.model.begin_update(docs)
        check_output(output)
        asked = self.enabled_listeners()
        self.step = TrainingStep(backprop, asked, sgd)
        self._send(docs, output, asked, partial(self._take_gradient, self.step, losses))
        return losses

    def predict(self, docs: Iterable[Doc]) -> FullTransformerBatch:
        """Encode documents, without changing them, after what is left of the last step."""
        self._end_step()
        return super().predict(docs)

    def _annotate(self, docs: list[Doc]) -> list[Doc]:
        # Here, too: an error of the step is none of the documents.
        self._end_step()
        return super()._annotate(docs)

    def _end_step(self) -> None:
        """Update the encoder by what is left of the last step, if that is over."""
        if self.step is not None and self.step.sgd is not None:
            self._backprop_here()

    def _backprop_here(self) -> None:
        """As `_backprop`, but leave the step to another thread that may be in the middle of it."""
        step = self.step
        if step is None or not step.gradients or step.elsewhere:
            return
        # Once, if many threads predict or save now that the one that trained has ended
        with PACKING, torch.inference_mode(False):
            if step is self.step:
                self._backprop()

    def _send_kept(self, docs: list[Doc]) -> None:
        """Send what a frozen encoder makes of a batch; its gradients are looked at alone."""
        found = self.encode_once(docs, training=True)
        self._send(docs, found, self.enabled_listeners(), self._check_gradient)

    def _send(
        self,
        docs: list[Doc],
        output: TransformerBatch,
        listeners: list[tuple[str, TransformerListener]],
        take: Callable[[str, Any], list],
    ) -> None:
        """Send a batch to listeners, each of which answers with its component's name."""
        batch_id = TransformerListener.get_batch_id(docs)
        for component, listener in listeners:
            listener.receive(batch_id, output.doc_data, partial(take, component))
            if isinstance(listener, DLFAListener):
                listener.sent_docs = docs

    def _check_gradient(self, component: str, sent: Gradients | list[TransformerData]) -> list:
        """Raise if a gradient is not finite, before its component learns from it."""
        self._sum_squares(component, by_layer(sent))
        return []

    def _sum_squares(self, component: str, gradients: Gradients) -> float:
        try:
            return sum_squares(f"[components.{component}]", gradients)
        except FloatingPointError:
            self.step = None
            discard_gradient(self.listening_models[component])
            raise

    def _take_gradient(
        self,
        step: TrainingStep,
        losses: dict[str, float],
        component: str,
        sent: Gradients | list[TransformerData],
    ) -> list:
        """Add up the gradients of a batch, which go on to the encoder once all have come."""
        gradients = by_layer(sent)
        losses[self.name] += self._sum_squares(component, gradients)
        step.add(component, gradients)
        if step.complete and step is self.step:
            self._backprop()
        return []

    def finish_update(self, sgd: Optimizer) -> None:
        """Update the encoder by the gradients that have come.

        If listeners have yet to answer, as in `nlp.update` with an optimizer, they update it too.
        """
        self._backprop()
        super().finish_update(sgd)
        if self.step is not None and self.step.awaited:
            self.step.sgd, self.step.in_order = sgd, True
        # Of a frozen encoder, which has no step, listeners tell whether they have yet to answer.
        if any(listener._batch_id is not None for _, listener in self.enabled_listeners()):
            self.schedule_steps.before_update(sgd, by_hand=True)

    def _backprop(self) -> None:
        """Send what the listeners have sent so far, if anything, through the encoder."""
        if self.step is not None and self.step.gradients:
            # Taken first: one that fails is not tried again in the next step.
            step, self.step = self.step, None
            step.backprop(step.gradients)
            if step.sgd is not None:
                self.model.finish_update(step.sgd)
            for _, listener in step.asked:
                # One that has not answered would keep the batch in memory
                listener.receive(None, None, None)
