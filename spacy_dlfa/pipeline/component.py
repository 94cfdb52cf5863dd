"""The `dlfa_transformer` component: spacy-transformers' own, for production and long training."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc
from spacy_transformers.data_classes import FullTransformerBatch
from spacy_transformers.pipeline_component import DOC_EXT_ATTR
from thinc.api import Config, Model

from spacy_dlfa.errors import Errors
from spacy_dlfa.pipeline.learning import LearningTransformer
from spacy_dlfa.pipeline.pipelines import Pipelines
from spacy_dlfa.pipeline.transformer_model import TransformerModel

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
    RAISES (ValueError): If the model is another one, or `max_batch_items` leaves room for nothing.
    """
    if not isinstance(model, TransformerModel):
        raise ValueError(Errors.DL040.format(name=name, found=model.name))
    if max_batch_items < 1:
        raise ValueError(Errors.DL034.format(name=name, found=max_batch_items))
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


class DLFATransformer(LearningTransformer):
    """spacy-transformers' component, where one bad document or gradient doesn't spoil the rest.

    It differs in four things. It computes the layers that its listeners read, whichever these are,
    and takes gradients for these alone. A document that fails goes alone to the error handler, and
    the others of its batch come out. Hidden states or gradients that are not finite are an error
    before they reach a weight. And the encoder learns from every listener that sends a gradient,
    also if the last one doesn't.
    """

    def __reduce_ex__(self, protocol: Any) -> Any:
        """Copy the component after what is left of the last step."""
        self._backprop_here()
        return super().__reduce_ex__(protocol)

    def use_params(self, params: dict[Any, Any]) -> Iterator[None]:
        """Put other weights in place and back, after what is left of the last step."""
        self._backprop_here()
        yield from super().use_params(params)

    @property
    def rehearse(self) -> None:
        """Not there: rehearsal passes the encoder by.

        `nlp.rehearse` goes through the components in any order, and applies the gradients of the
        last that has this method.
        """
        raise AttributeError("The transformer has nothing to rehearse; its listeners have")

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        """Save the component, after what is left of the last step."""
        self._backprop_here()
        super().to_disk(path, exclude=exclude)

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """Serialise the component, after what is left of the last step."""
        self._backprop_here()
        return super().to_bytes(exclude=exclude)

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> "DLFATransformer":
        """Restore what `to_disk` made; `max_batch_items` is that of the config."""
        super().from_disk(path, exclude=[*exclude, "cfg"])
        return self

    def from_bytes(self, bytes_data: bytes, *, exclude: Iterable[str] = ()) -> "DLFATransformer":
        """Restore what `to_bytes` made; `max_batch_items` is that of the config."""
        super().from_bytes(bytes_data, exclude=[*exclude, "cfg"])
        return self
