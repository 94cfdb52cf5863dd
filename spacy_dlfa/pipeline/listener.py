"""The listener: hands a component what the shared encoder made of its documents."""

import warnings
from collections.abc import Callable
from typing import Any, NoReturn, cast

import numpy
from spacy.attrs import LENGTH, SPACY
from spacy.tokens import Doc
from spacy_transformers.layers import TransformerListener
from spacy_transformers.pipeline_component import DOC_EXT_ATTR, install_extensions
from thinc.api import Model
from thinc.types import Ints1d, Ragged

from spacy_dlfa.encoder.batch import refuse_stock_component
from spacy_dlfa.encoder.rows import rows_of
from spacy_dlfa.errors import Errors, Warnings
from spacy_dlfa.pipeline.fuse_and_pool import layers_read
from spacy_dlfa.types import DocRows, Gradients


class DLFAListener(TransformerListener):
    """A spacy-transformers listener that tells the transformer which layers its component reads.

    upstream_name (str): Name of the transformer component, or "*" for any.
    reader (Model[List[DocRows], List[Floats2d]]): What reads the layers, `fuse_and_pool`.
    """

    # `spacy debug model` knows a listener by "transformer-listener".
    name = "dlfa-transformer-listener"

    def __init__(self, upstream_name: str, reader: Model):
        # Older versions saved nL, the number of encoder layers.
        Model.__init__(
            self, name=self.name, forward=forward, init=init, dims={"nO": None, "nL": None}
        )
        # Where no transformer is loaded, nobody else does.
        install_extensions()
        self.upstream_name = upstream_name
        self.reader = reader
        #: Whether it is connected to a component that takes gradients by layer
        self.connected = False
        #: Whether its pipeline has no component of that name any more
        self.lost = False
        #: Whether its component predicts on documents that it makes itself
        self.reads_copies = False
        #: The documents of the initialisation, each with what it carried then
        self.initial_docs: list[tuple[Doc, Any]] = []
        #: Those of the batch that it has
        self.sent_docs: list[Doc] = []
        #: Those of the batch that it has learnt from, and of these who were in the one before, too
        self.trained_docs: list[Doc] = []
        self.repeated_docs: list[Doc] = []
        self._batch_id = None
        self._outputs = None
        self._backprop = None

    def __getstate__(self) -> Any:
        """Leave the batch of a training step out of copies."""
        state, slots = cast(tuple[dict[str, Any], Any], super().__getstate__())
        batch = {"_batch_id": None, "_outputs": None, "_backprop": None}
        docs = ("initial_docs", "sent_docs", "trained_docs", "repeated_docs")
        return {**state, **batch, **{name: [] for name in docs}}, slots

    def receive(self, batch_id: Any, outputs: Any, backprop: Any) -> None:
        """Take a batch of a training step; None for each to forget the one before.

        RAISES (ValueError): If it comes from spacy-transformers' own component.
        """
        if not self.connected:
            refuse_stock_component()
        super().receive(batch_id, outputs, backprop)
        self.sent_docs = []

    def verify_inputs(self, inputs: list[Doc]) -> bool:
        """Check that a component trains on the whole batch that is there, in its order.

        RAISES (ValueError): If these are other documents, or have other words.
        """
        # The id is a sum of words, the same in any order; documents may be copies of those sent.
        same = [_words(doc) for doc in inputs] == [_words(doc) for doc in self.sent_docs]
        if not same or self.get_batch_id(inputs) != self._batch_id:
            raise ValueError(
                Errors.DL087.format(num_docs=len(inputs), num_sent=len(self.sent_docs))
            )
        return True

    def backprop_and_clear(self, *args: Any, **kwargs: Any) -> Any:
        """Send the gradient of a batch, and forget the batch.

        RAISES (ValueError): If there is none, so that the gradient would be lost.
        """
        if self._backprop is None:
            raise ValueError(Errors.DL084.format())
        return super().backprop_and_clear(*args, **kwargs)


def init(model: DLFAListener, X: list[Doc] | None = None, Y: Any = None) -> None:
    """Check that a transformer component of the right kind is connected, and of use."""
    if model.has_dim("nO") is None:
        raise ValueError(Errors.DL050.format(upstream_name=model.upstream_name))
    if not model.connected:
        raise ValueError(Errors.DL051.format())
    if model.reads_copies:
        raise ValueError(Errors.DL059.format())
    model.initial_docs = [(doc, doc._.trf_data) for doc in X or []]


def forward(
    model: DLFAListener, docs: list[Doc], is_train: bool
) -> tuple[list[DocRows], Callable[[Gradients], Any]]:
    """Return the rows that the transformer made of the documents.

    RAISES (ValueError): If no transformer has the name that it listens to, and as `rows_for`.
    """
    if model.lost:
        raise ValueError(Errors.DL050.format(upstream_name=model.upstream_name))
    if is_train:
        model.initial_docs = []
    if is_train and model._batch_id is not None and of_others(model, docs):
        model.receive(None, None, None)
    if is_train and model._batch_id is not None:
        model.verify_inputs(docs)
        rows = [rows_of(output) for output in model._outputs or []]
        backprop: Callable[[Gradients], Any] = model.backprop_and_clear
        before = {id(doc) for doc in model.trained_docs}
        model.repeated_docs = [doc for doc in docs if id(doc) in before]
        model.trained_docs = docs
    else:
        rows, backprop = [rows_for(model, doc, is_train) for doc in docs], no_backprop
    for doc, own in zip(docs, rows, strict=True):
        check_rows(model, doc, own)
    return rows, backprop


def of_others(model: DLFAListener, docs: list[Doc]) -> bool:
    """Whether the batch that is there is not of these documents, whatever they say.

    It is left from an update that the component had nothing to learn from, or was not part of:
    `nlp.update` copies the documents each time.
    """
    return {id(doc) for doc in docs}.isdisjoint(map(id, model.sent_docs))


def rows_for(model: DLFAListener, doc: Doc, is_train: bool) -> DocRows:
    """Return the rows that the transformer made of one document.

    RAISES (ValueError): If the transformer did not run, another one ran after it, or its output
        was removed. Only documents without tokens and those that the component is being
        initialised with may lack it, and in prediction, with a warning, those of the last two
        training steps: zeros of the right shape stand in.
    """
    found = doc._.trf_data
    # Silver data carry what another pipeline made; what is new since then is this one's.
    if any(doc is initial and found is carried for initial, carried in model.initial_docs):
        return zeros(model, doc)
    if found is not None:
        check_maker(model, doc, found)
        rows = rows_of(found)
        # Of the same number, too, some may have been merged and others split
        if getattr(found, "bounds", None) not in (None, bounds_of(doc)):
            refuse_tokens(doc, rows)
        return rows
    if not len(doc):
        return zeros(model, doc)
    if not is_train and any(doc is repeated for repeated in model.repeated_docs):
        # So does `spacy debug model`; `nlp.update` copies the documents each time.
        warnings.warn(
            Warnings.DL906.format(text=doc.text[:40]),
            stacklevel=2,
        )
        return zeros(model, doc)
    if any(doc is each for each in (*model.trained_docs, *model.sent_docs)):
        if is_train:
            raise ValueError(Errors.DL085.format(text=doc.text[:40]))
        raise ValueError(Errors.DL086.format(text=doc.text[:40]))
    # Underscore's own place: what was assigned stays there, and None if it was taken away
    if ("._.", DOC_EXT_ATTR, None, None) in doc.user_data:
        raise ValueError(Errors.DL052.format(text=doc.text[:40]))
    if model.reads_copies:
        raise ValueError(Errors.DL059.format())
    raise ValueError(Errors.DL049.format(text=doc.text[:40]))


def check_maker(model: DLFAListener, doc: Doc, found: Any) -> None:
    """Raise if the output that a document carries is known to be of another transformer."""
    names = getattr(found, "made_by", ())
    if names and model.upstream_name not in ("*", *names):
        raise ValueError(
            Errors.DL058.format(
                upstream_name=model.upstream_name,
                text=doc.text[:40],
                found="' or '".join(sorted(names)),
            )
        )


def bounds_of(doc: Doc) -> bytes:
    """Return what says where a document's tokens begin and end."""
    return doc.to_array([LENGTH, SPACY]).tobytes()


def _words(doc: Doc) -> list[int]:
    return [token.orth for token in doc]


def zeros(model: DLFAListener, doc: Doc) -> DocRows:
    """Stand in for the transformer, where it did not run: a row for each token."""
    count = len(doc)
    align = Ragged(cast(Ints1d, numpy.arange(count)), cast(Ints1d, numpy.ones(count, dtype="i")))
    output = model.ops.alloc2f(count, model.get_dim("nO"))
    layers = {key: output for key in layers_read(model.reader)} if count else {}
    return DocRows(layers, [count] if count else [], align)


def check_rows(model: DLFAListener, doc: Doc, rows: DocRows) -> None:
    """Raise if the rows are of another document or of another encoder."""
    if len(rows.align.lengths) != len(doc):
        refuse_tokens(doc, rows)
    layer: Any = next(iter(rows.layers.values()), None)
    if layer is not None and (width := layer.shape[1]) != model.get_dim("nO"):
        raise ValueError(Errors.DL054.format(found=model.get_dim("nO"), width=width))


def refuse_tokens(doc: Doc, rows: DocRows) -> NoReturn:
    """Raise, as the rows are of other tokens."""
    count = len(rows.align.lengths)
    raise ValueError(Errors.DL053.format(num_found=count, text=doc.text[:40], num_tokens=len(doc)))


def no_backprop(gradients: Gradients) -> list:
    """Send no gradient into a transformer that was run for prediction."""
    return []
