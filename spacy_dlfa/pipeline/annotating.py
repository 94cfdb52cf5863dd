"""A transformer component that loses no other document of a batch in which one fails."""

import itertools
import warnings
from collections.abc import Iterable, Iterator
from typing import Any

from spacy.tokens import Doc
from spacy.training import Example
from spacy_transformers.data_classes import FullTransformerBatch
from spacy_transformers.pipeline_component import install_extensions
from spacy_transformers.util import batch_by_length

from spacy_dlfa.encoder.batch import TransformerBatch, check_output
from spacy_dlfa.encoder.rows import TransformerRows
from spacy_dlfa.errors import Errors, Warnings
from spacy_dlfa.pipeline.kept_states import KeptStates
from spacy_dlfa.pipeline.listened import ListenedTransformer
from spacy_dlfa.pipeline.listener import bounds_of
from spacy_dlfa.pipeline.transformer_model import TransformerModel


class AnnotatingTransformer(ListenedTransformer):
    """How documents are encoded when a pipeline predicts: together, or one by one if that fails."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.kept_states = KeptStates()

    def predict(self, docs: Iterable[Doc]) -> FullTransformerBatch:
        """Encode documents, without changing them.

        Once a frozen encoder is in training, texts that come again and again are encoded once.
        """
        docs = list(docs)
        frozen = isinstance(self.model, TransformerModel) and self.model.frozen
        if not (frozen and self.kept_states.begun and any(len(doc) for doc in docs)):
            return super().predict(docs)
        self._follow()
        output = self.encode_once(docs, training=False)
        output.made_by = frozenset({*self.names, self.name})
        return output

    def encode_once(self, docs: list[Doc], *, training: bool) -> TransformerBatch:
        """Encode those documents that a frozen encoder has not seen in this training.

        training (bool): Whether it is a step of it.
        RAISES (FloatingPointError): If it puts out a number that is not finite.
        """
        return self.kept_states.encode(self.model, docs, training=training)

    def score(self, examples: Iterable[Example], **settings: Any) -> dict[str, Any]:
        """Score nothing; `nlp.evaluate` calls it, and in a training its documents come again."""
        self.kept_states.keep_evaluated(example.predicted for example in examples)
        return {}

    def __call__(self, doc: Doc) -> Doc | None:
        """Encode a document.

        RETURNS (Optional[Doc]): The document; None if it failed and the error handler let it pass.
        """
        install_extensions()
        return next(iter(self._annotate([doc])), None)

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 128) -> Iterator[Doc]:
        """Encode a stream of documents.

        stream (Iterable[Doc]): The documents.
        batch_size (int): The number of documents to buffer.
        YIELDS (Doc): The documents in order, without those that went to the error handler.
        """
        install_extensions()
        for docs in _buffered(stream, batch_size):
            done = {
                id(doc)
                for indices in batch_by_length(docs, self.cfg["max_batch_items"])
                for doc in self._annotate([docs[i] for i in indices])
            }
            yield from (doc for doc in docs if id(doc) in done)

    def set_annotations(self, docs: Iterable[Doc], predictions: FullTransformerBatch) -> None:
        """Set `doc._.trf_data`, which knows the tokens that it was made of."""
        docs = list(docs)
        for doc, data in zip(docs, predictions.doc_data, strict=True):
            if isinstance(data, TransformerRows):
                data.bounds = bounds_of(doc)
        super().set_annotations(docs, predictions)

    def _annotate(self, docs: list[Doc]) -> list[Doc]:
        """Encode documents together, or one by one if that fails; returns those that succeed."""
        try:
            output = self.predict(docs)
            # A sweep's model gives another one.
            if isinstance(output, TransformerBatch):
                check_output(output)
            self.set_annotations(docs, output)
            return docs
        except Exception as err:
            if len(docs) == 1:
                self.get_error_handler()(self.name, self, docs, _name_document(docs[0], err))
                return []
            found = f"{type(err).__name__}: {err}"
        # Not in the handler of the error, which holds on to the tensors of the batch
        done = [doc for each in docs for doc in self._annotate([each])]
        if len(done) == len(docs):
            warnings.warn(
                Warnings.DL905.format(
                    name=self.name,
                    num_docs=len(docs),
                    found=found,
                    max_batch_items=self.cfg["max_batch_items"],
                ),
                stacklevel=2,
            )
        return done


def _buffered(stream: Iterable[Doc], size: int) -> Iterator[list[Doc]]:
    """Cut a stream into batches; if it fails, what it gave before comes out first."""
    docs = iter(stream)
    error = None
    while error is None:
        batch: list[Doc] = []
        try:
            batch.extend(itertools.islice(docs, size))
        except Exception as err:
            error = err
        if not batch:
            break
        yield batch
    if error is not None:
        raise error


def _name_document(doc: Doc, error: Exception) -> Exception:
    """Make an error that says which document failed; the cause is the error itself."""
    found = f"{type(error).__name__}: {error}"
    if isinstance(error, MemoryError) or "memory" in str(error):
        found += ". It was tried alone; split the text, or encode it where there is more memory"
    kind = ValueError if isinstance(error, ValueError) else RuntimeError
    named = kind(Errors.DL032.format(text=doc.text[:40], num_tokens=len(doc), found=found))
    named.__cause__ = error
    return named
