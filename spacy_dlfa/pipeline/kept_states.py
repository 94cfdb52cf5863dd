"""What a frozen encoder made of the documents of a training, which come again in each epoch."""

import hashlib
import weakref
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, NamedTuple

from spacy.attrs import ORTH, SPACY
from spacy.tokens import Doc
from thinc.api import get_array_module

from spacy_dlfa.encoder.batch import TransformerBatch, check_output, join_docs
from spacy_dlfa.encoder.rows import TransformerRows
from spacy_dlfa.pipeline.transformer_model import TransformerModel
from spacy_dlfa.types import DocRows

KEY_SIZE = 16


def key_of(doc: Doc) -> bytes:
    """Return the checksum of a document's words and spaces."""
    # ORTH is a hash of the word, the same in every vocabulary.
    tokens = doc.to_array([ORTH, SPACY]).tobytes()
    return hashlib.blake2b(tokens, digest_size=KEY_SIZE).digest()


class Predicted(NamedTuple):
    """What was made of a document of which nobody knows whether it comes again.

    doc (weakref.ref[Doc]): The document, with which it is forgotten.
    key (Any): What it would be kept by.
    data (TransformerRows): What was made of it.
    """

    doc: weakref.ref[Doc]
    key: Any
    data: TransformerRows


class KeptStates:
    """Encodes documents once, as long as there is room for what comes out.

    Kept is what a training trains on, and what is evaluated between its steps, as both come again.
    What else the process predicts does not, and would fill the memory of a service.

    Where the encoder may compute in less than single precision, half of it is kept: that is nearer
    to what was computed than this is to single precision.
    """

    #: Bytes, over which texts are encoded anew each time: the hidden states of English EWT, 260,000
    #: words, in four layers of 384 are 1.2e9 in half precision.
    max_bytes = 2 * 2**30

    def __init__(self) -> None:
        self.num_bytes = 0
        self._kept: dict[Any, TransformerRows] = {}
        #: Whether there was a step of training after the last evaluation
        self._stepped = False
        #: What was predicted since then, by the numbers of documents that are still there
        self._predicted: dict[int, Predicted] = {}
        self._made_by: tuple[Any, Any, list[str]] | None = None

    def __reduce__(self) -> tuple[type["KeptStates"], tuple[()]]:
        """Keep nothing in copies and in other processes."""
        return KeptStates, ()

    @property
    def begun(self) -> bool:
        """Whether a training has asked for any."""
        return self._made_by is not None

    def encode(
        self,
        model: TransformerModel,
        docs: Sequence[Doc],
        *,
        training: bool,
    ) -> TransformerBatch:
        """Return what the encoder makes of documents, those that are known as they were.

        model (TransformerModel): The encoder; with another one than before, other weights, or
            other layers that are read, nothing is known.
        training (bool): Whether it is a step of training.
        RAISES (FloatingPointError): If the encoder puts out a number that is not finite.
        """
        made_by = (model.transformer, model.shim.weights(), model.outputs)
        if self._made_by != made_by:
            self._made_by, self._kept, self._predicted, self.num_bytes = made_by, {}, {}, 0
        # As the model leaves them out
        spans = [[span for span in own if len(span)] for own in model.attrs["get_spans"](docs)]
        keys = [
            (key_of(doc), *((span.start, span.end) for span in own))
            for doc, own in zip(docs, spans, strict=True)
        ]
        unknown = {key: doc for key, doc in zip(keys, docs, strict=True) if key not in self._kept}
        new: dict[Any, TransformerRows] = {}
        if unknown:
            encoded = model.predict(list(unknown.values()))
            check_output(encoded)
            new = dict(zip(unknown, encoded.doc_data, strict=True))
        found = [new[key] if key in new else self._kept[key] for key in keys]
        self._stepped |= training
        if self._stepped and new:
            if model.settings["precision"] != "fp32":
                new = {key: _halve(data) for key, data in new.items()}
            if training:
                self._keep(new)
            else:
                self._wait_for_evaluation(zip(docs, keys, strict=True), new)
        return join_docs(spans, found)

    def keep_evaluated(self, docs: Iterable[Doc]) -> None:
        """Keep what was made of the documents of an evaluation, if it is one in a training."""
        for doc in docs:
            if (found := self._forget(id(doc))) is not None and found.key not in self._kept:
                self._keep({found.key: found.data})
        for number in list(self._predicted):
            self._forget(number)
        self._stepped = False

    def _keep(self, new: dict[Any, TransformerRows]) -> None:
        """Keep documents, if there is room for all."""
        size = sum(map(_num_bytes, new.values()))
        if self.num_bytes + size <= self.max_bytes:
            self._kept.update(new)
            self.num_bytes += size

    def _wait_for_evaluation(
        self, docs: Iterable[tuple[Doc, Any]], new: dict[Any, TransformerRows]
    ) -> None:
        """Hold on to what is new of documents, each with its key, for as long as they live."""
        for doc, key in docs:
            size = _num_bytes(new[key]) if key in new else 0
            if not size or self.num_bytes + size > self.max_bytes:
                continue
            number = id(doc)
            self._forget(number)
            reference = weakref.ref(doc, partial(self._forget, number))
            self._predicted[number] = Predicted(reference, key, new[key])
            self.num_bytes += size

    def _forget(self, number: int, reference: Any = None) -> Predicted | None:
        """Take away what was predicted of a document, by its number."""
        found = self._predicted.pop(number, None)
        if found is not None:
            self.num_bytes -= _num_bytes(found.data)
        return found


def _num_bytes(data: TransformerRows) -> int:
    return sum(rows.nbytes for rows in data.rows.layers.values())


def _halve(data: TransformerRows) -> TransformerRows:
    """Return a document's rows in half precision, apart from those of its batch."""
    layers = {key: _half(rows) for key, rows in data.rows.layers.items()}
    return TransformerRows(DocRows(layers, data.rows.lengths, data.rows.align), data.windows)


def _half(rows: Any) -> Any:
    """Return rows in half precision, or as they are if they have larger numbers than that holds."""
    largest = get_array_module(rows).finfo("e").max
    return rows.copy() if abs(rows).max() > largest else rows.astype("e")
