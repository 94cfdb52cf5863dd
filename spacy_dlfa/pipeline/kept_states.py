"""What a frozen encoder made of the documents of a training, which come again in each epoch."""

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

from spacy.attrs import ORTH, SPACY
from spacy.tokens import Doc
from thinc.api import get_array_module

from spacy_dlfa.encoder.batch import TransformerBatch, join_docs
from spacy_dlfa.encoder.rows import TransformerRows
from spacy_dlfa.encoder.transformer_model import TransformerModel
from spacy_dlfa.types import DocRows

#: Bytes of hidden states that are kept: those of English EWT, 260,000 words, in four layers of 384
#: are 1.2e9 in half precision.
MAX_BYTES = 2 * 2**30
KEY_SIZE = 16


def key_of(doc: Doc) -> bytes:
    """Return the checksum of a document's words and spaces."""
    # ORTH is a hash of the word, the same in every vocabulary.
    tokens = doc.to_array([ORTH, SPACY]).tobytes()
    return hashlib.blake2b(tokens, digest_size=KEY_SIZE).digest()


class KeptStates:
    """Encodes documents once, as long as there is room for what comes out.

    Where the encoder may compute in less than single precision, half of it is kept: that is nearer
    to what was computed than this is to single precision.

    max_bytes (int): What is over this is encoded anew each time.
    """

    def __init__(self, max_bytes: int = MAX_BYTES):
        self.max_bytes = max_bytes
        self.num_bytes = 0
        self._kept: dict[Any, TransformerRows] = {}
        self._made_by: tuple[Any, Any, list[str]] | None = None

    def __getstate__(self) -> dict[str, Any]:
        """Keep nothing in copies and in other processes."""
        return KeptStates(self.max_bytes).__dict__

    @property
    def begun(self) -> bool:
        """Whether a training has asked for any."""
        return self._made_by is not None

    def encode(
        self,
        model: TransformerModel,
        docs: Sequence[Doc],
        check: Callable[[list[Doc], TransformerBatch], object],
    ) -> TransformerBatch:
        """Return what the encoder makes of documents, those that are known as they were.

        model (TransformerModel): The encoder; with another one than before, other weights, or
            other layers that are read, nothing is known.
        check (Callable[[List[Doc], TransformerBatch], object]): Raises if an output is not to be
            kept.
        """
        made_by = (model.transformer, model.shim.weights(), model.outputs)
        if self._made_by != made_by:
            self._made_by, self._kept, self.num_bytes = made_by, {}, 0
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
            check(list(unknown.values()), encoded)
            new = dict(zip(unknown, encoded.doc_data, strict=True))
        found = [new[key] if key in new else self._kept[key] for key in keys]
        self._keep(new, halved=model.settings["precision"] != "fp32")
        return join_docs(spans, found)

    def _keep(self, new: dict[Any, TransformerRows], *, halved: bool) -> None:
        """Keep the documents of a batch, if there is room for all."""
        kept = {key: _halve(data) for key, data in new.items()} if halved else new
        size = sum(rows.nbytes for data in kept.values() for rows in data.rows.layers.values())
        if self.num_bytes + size <= self.max_bytes:
            self._kept.update(kept)
            self.num_bytes += size


def _halve(data: TransformerRows) -> TransformerRows:
    """Return a document's rows in half precision, apart from those of its batch."""
    layers = {key: _half(rows) for key, rows in data.rows.layers.items()}
    return TransformerRows(DocRows(layers, data.rows.lengths, data.rows.align), data.windows)


def _half(rows: Any) -> Any:
    """Return rows in half precision, or as they are if they have larger numbers than that holds."""
    largest = get_array_module(rows).finfo("e").max
    return rows.copy() if abs(rows).max() > largest else rows.astype("e")
