"""What the encoder makes of a batch of documents, and each document's part of it."""

from typing import Any, cast

import numpy
from spacy.tokens import Span
from spacy_transformers.data_classes import (
    FullTransformerBatch,
    TransformerData,
    WordpieceBatch,
)
from thinc.api import get_array_module, torch2xp, xp2torch
from thinc.types import Floats2d, Floats3d
from transformers.file_utils import ModelOutput

from spacy_dlfa.layers.windows import Windows


class TransformerBatch(FullTransformerBatch):
    """spacy-transformers' batch without its padding.

    `model_output` has the wordpieces of all documents, each layer (N, E). What belongs to one
    document, its windows padded to the longest of them, is in `doc_data`: a view where nothing is
    padded, as in spacy-transformers, so that a document that is kept keeps the batch's arrays.

    spans (List[List[Span]]): What the encoder saw together, for each document.
    windows (List[Windows]): The windows of each document.
    model_output (ModelOutput): The layers.
    """

    def __init__(self, spans: list[list[Span]], windows: list[Windows], model_output: ModelOutput):
        nothing = TransformerData.empty()
        super().__init__(spans, nothing.wordpieces, model_output, nothing.align)
        self.windows = windows

    def split_by_doc(self) -> list[TransformerData]:
        """Return the part of each document; an empty one has no output."""
        layers: dict[str, Any] = {
            key: torch2xp(output) for key, output in self.model_output.items()
        }
        found = []
        start = 0
        for windows in self.windows:
            if not windows.ids:
                # Of no token, or of tokens of which the encoder sees nothing
                empty = TransformerData.empty()
                found.append(TransformerData(empty.wordpieces, empty.model_output, windows.align))
                continue
            wordpieces = _wordpieces(windows)
            end = start + sum(wordpieces.lengths)
            output = ModelOutput()
            for key, rows in layers.items():
                output[key] = _pad(rows[start:end], wordpieces)
            found.append(TransformerData(wordpieces, output, windows.align))
            start = end
        return found

    def unsplit_by_doc(self, arrays: list[list[Floats3d]]) -> FullTransformerBatch:
        """Collect gradients.

        arrays (List[List[Floats3d]]): For each document that is not empty, the gradient of each
            layer, (windows, wordpieces, E).
        """
        xp: Any = get_array_module(arrays[0][0])
        masks = [data.wordpieces.attention_mask > 0 for data in self.doc_data if data.model_output]
        gradients = ModelOutput()
        for i, layer in enumerate(zip(*arrays, strict=True)):
            rows = [array[mask] for array, mask in zip(layer, masks, strict=True)]
            gradients[f"output_{i}"] = xp2torch(xp.concatenate(rows))
        return FullTransformerBatch(self.spans, self.wordpieces, gradients, self.align)


def _wordpieces(windows: Windows) -> WordpieceBatch:
    lengths = [len(ids) for ids in windows.ids]
    shape = (len(lengths), max(lengths))
    mask = numpy.arange(shape[1]) < numpy.asarray(lengths)[:, None]
    ids = numpy.zeros(shape, dtype="int64")
    ids[mask] = [piece for row in windows.ids for piece in row]
    return WordpieceBatch(windows.strings, ids, mask.astype("f"), lengths, None)


def _pad(rows: Floats2d, wordpieces: WordpieceBatch) -> Floats3d:
    xp: Any = get_array_module(rows)
    shape: Any = (*wordpieces.input_ids.shape, rows.shape[1])
    if len(rows) == wordpieces.input_ids.size:
        return cast(Floats3d, rows.reshape(shape))
    padded: Any = xp.zeros(shape, dtype=rows.dtype)
    padded[wordpieces.attention_mask > 0] = rows
    return padded
