"""The `dlfa_transformer` component: spacy-transformers' own, for production and long training."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example, validate_examples
from spacy_transformers.data_classes import FullTransformerBatch, TransformerData
from spacy_transformers.layers import TransformerListener
from spacy_transformers.pipeline_component import DOC_EXT_ATTR
from thinc.api import Config, Model, Optimizer, set_dropout_rate

from spacy_dlfa.encoder.schedule_steps import ScheduleSteps
from spacy_dlfa.encoder.transformer_model import TransformerModel
from spacy_dlfa.errors import Errors
from spacy_dlfa.pipeline.annotating import AnnotatingTransformer
from spacy_dlfa.pipeline.listened import Pipelines
from spacy_dlfa.pipeline.training_step import (
    TrainingStep,
    by_layer,
    check_output,
    discard_gradient,
    sum_squares,
)
from spacy_dlfa.types import Gradients

DEFAULT_CONFIG = """
[transformer]
max_batch_items = 4096

[transformer.set_extra_annotations]
@annotation_setters = "spacy-transformers.null_annotation_setter.v1"

[transformer.model]
@architectures = "spacy_dlfa.TransformerModel.v1"
name = "bert-base-multilingual-cased"

[transformer.model.get_spans]
@span_getters = "spacy-transformers.doc_spans.v1"
"""


@Language.factory(
    "dlfa_transformer",
    assigns=[f"doc._.{DOC_EXT_ATTR}"],
    default_config=Config().from_str(DEFAULT_CONFIG)["transformer"],
)
def make_transformer(
    nlp: Language,
    name: str,
    model: Model[list[Doc], FullTransformerBatch],
    set_extra_annotations: Callable[[list[Doc], FullTransformerBatch], None],
    max_batch_items: int,
) -> "DLFATransformer":
    """Make the component that runs the shared encoder; its config is that of `transformer`.

    model (Model[List[Doc], FullTransformerBatch]): The encoder, `spacy_dlfa.TransformerModel.v1`;
        by default bert-base-multilingual-cased over whole documents.
    set_extra_annotations (Callable[[List[Doc], FullTransformerBatch], None]): Is called with each
        batch after `doc._.trf_data` is set; by default nothing.
    max_batch_items (int): Words that are encoded together, counted as the longest document of
        the batch times its documents; 4096 by default.
    RETURNS (DLFATransformer): The component.
    RAISES (ValueError): If the model is another one.
    """
    if not isinstance(model, TransformerModel):
        raise ValueError(Errors.DL040.format(name=name, found=model.name))
    transformer = DLFATransformer(
        nlp.vocab, model, set_extra_annotations, name=name, max_batch_items=max_batch_items
    )
    transformer.pipelines = Pipelines(nlp)
    return transformer


@Language.component("dlfa_doc_cleaner")
def clean_doc(doc: Doc) -> Doc:
    """Take the encoder's output off a document, which it leaves otherwise as it is.

    spaCy's own `doc_cleaner` also sets `doc.tensor` to None, whatever its config names, and such
    a document has no `as_doc`, vector or similarity.

    doc (Doc): The document.
    RETURNS (Doc): The same.
    """
    doc.user_data.pop(("._.", DOC_EXT_ATTR, None, None), None)
    return doc


class DLFATransformer(AnnotatingTransformer):
    """spacy-transformers' component, where one bad document or gradient doesn't spoil the rest.

    It differs in four things. It computes the layers that its listeners read, whichever these are,
    and takes gradients for these alone. A document that fails goes alone to the error handler, and
    the others of its batch come out. Hidden states or gradients that are not finite are an error
    before they reach a weight. And the encoder learns from every listener that sends a gradient,
    also if the last one doesn't.
    """

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
        drop (float): The dropout rate.
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
        if not any(len(doc) for doc in docs):
            return losses
        losses.setdefault(self.name, 0.0)
        # A sweep puts another model in place of the encoder's.
        if isinstance(self.model, TransformerModel) and self.model.frozen:
            self._send_kept(docs)
            return losses
        set_dropout_rate(self.model, drop)
        output, backprop = self.model.begin_update(docs)
        check_output(self.name, docs, output)
        asked = self.enabled_listeners()
        self.step = TrainingStep(backprop, asked, sgd)
        batch_id = TransformerListener.get_batch_id(docs)
        for component, listener in asked:
            callback = partial(self._take_gradient, self.step, component, losses)
            listener.receive(batch_id, output.doc_data, callback)
        return losses

    def _send_kept(self, docs: list[Doc]) -> None:
        """Send what a frozen encoder makes of a batch; its gradients are looked at alone."""
        found = self.encode_once(docs).doc_data
        batch_id = TransformerListener.get_batch_id(docs)
        for component, listener in self.enabled_listeners():
            listener.receive(batch_id, found, partial(self._check_gradient, component))

    def _check_gradient(self, component: str, sent: Gradients | list[TransformerData]) -> list:
        """Raise if a gradient is not finite, before its component learns from it."""
        self._sum_squares(component, by_layer(sent))
        return []

    def _sum_squares(self, component: str, gradients: Gradients) -> float:
        try:
            return sum_squares(component, gradients)
        except FloatingPointError:
            self.step = None
            discard_gradient(self.listening_models[component])
            raise

    def _take_gradient(
        self,
        step: TrainingStep,
        component: str,
        losses: dict[str, float],
        sent: Gradients | list[TransformerData],
    ) -> list:
        """Add up the gradients of a batch, which go on to the encoder once all have come."""
        gradients = by_layer(sent)
        losses[self.name] += self._sum_squares(component, gradients)
        step.add(component, gradients)
        if step.complete and step is self.step:
            self._backprop()
        return []

    def __reduce_ex__(self, protocol: Any) -> Any:
        """Copy the component after what is left of the last step."""
        self._backprop()
        return super().__reduce_ex__(protocol)

    def use_params(self, params: dict[Any, Any]) -> Iterator[None]:
        """Put other weights in place and back, after what is left of the last step."""
        self._backprop()
        yield from super().use_params(params)

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

    @property
    def rehearse(self) -> None:
        """Not there: rehearsal passes the encoder by.

        `nlp.rehearse` goes through the components in any order, and applies the gradients of the
        last that has this method.
        """
        raise AttributeError("The transformer has nothing to rehearse; its listeners have")

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        """Save the component, after what is left of the last step."""
        self._backprop()
        super().to_disk(path, exclude=exclude)

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """Serialise the component, after what is left of the last step."""
        self._backprop()
        return super().to_bytes(exclude=exclude)

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> "DLFATransformer":
        """Restore what `to_disk` made; `max_batch_items` is that of the config."""
        super().from_disk(path, exclude=[*exclude, "cfg"])
        return self

    def from_bytes(self, bytes_data: bytes, *, exclude: Iterable[str] = ()) -> "DLFATransformer":
        """Restore what `to_bytes` made; `max_batch_items` is that of the config."""
        super().from_bytes(bytes_data, exclude=[*exclude, "cfg"])
        return self

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
