"""What a frozen encoder made of the documents of a training, which come again in each epoch."""

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

from spacy.attrs import ORTH, SPACY
from spacy.tokens import Doc

from spacy_dlfa.encoder.batch import TransformerBatch
from spacy_dlfa.encoder.rows import TransformerRows
from spacy_dlfa.encoder.transformer_model import TransformerModel

#: Bytes of hidden states that are kept: those of English EWT, 205,000 words, in two layers of 384.
MAX_BYTES = 2**30
KEY_SIZE = 16


def key_of(doc: Doc) -> bytes:
    """Return the checksum of a document's words and spaces."""
    # ORTH is a hash of the word, the same in every vocabulary.
    tokens = doc.to_array([ORTH, SPACY]).tobytes()
    return hashlib.blake2b(tokens, digest_size=KEY_SIZE).digest()


class KeptStates:
    """Encodes documents once, as long as there is room for what comes out.

    max_bytes (int): What is over this is encoded anew each time.
    """

    def __init__(self, max_bytes: int = MAX_BYTES):
        self.max_bytes = max_bytes
        self.num_bytes = 0
        self._kept: dict[Any, TransformerRows] = {}
        self._made_by: tuple[Any, list[str]] | None = None

    def __getstate__(self) -> dict[str, Any]:
        """Keep nothing in copies and in other processes."""
        return KeptStates(self.max_bytes).__dict__

    def encode(
        self,
        model: TransformerModel,
        docs: Sequence[Doc],
        check: Callable[[list[Doc], TransformerBatch], object],
    ) -> list[TransformerRows]:
        """Return what the encoder makes of documents, those that are known as they were.

        model (TransformerModel): The encoder; with another one than before, or other layers that
            are read, nothing is known.
        check (Callable[[List[Doc], TransformerBatch], object]): Raises if an output is not to be
            kept.
        """
        made_by = (model.transformer, model.outputs)
        if self._made_by != made_by:
            self._made_by, self._kept, self.num_bytes = made_by, {}, 0
        keys = [
            (key_of(doc), *((span.start, span.end) for span in spans))
            for doc, spans in zip(docs, model.attrs["get_spans"](docs), strict=True)
        ]
        unknown = {key: doc for key, doc in zip(keys, docs, strict=True) if key not in self._kept}
        new: dict[Any, TransformerRows] = {}
        if unknown:
            encoded = model.predict(list(unknown.values()))
            check(list(unknown.values()), encoded)
            new = dict(zip(unknown, encoded.doc_data, strict=True))
        found = [new[key] if key in new else self._kept[key] for key in keys]
        size = sum(rows.nbytes for data in new.values() for rows in data.rows.layers.values())
        if self.num_bytes + size <= self.max_bytes:
            self._kept.update(new)
            self.num_bytes += size
        return found
