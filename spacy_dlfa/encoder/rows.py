"""What the encoder made of one document: rows, padded only for those who ask for it."""

from functools import cached_property
from typing import Any, cast

import numpy
from spacy_transformers.data_classes import TransformerData, WordpieceBatch
from thinc.api import get_array_module
from thinc.types import Floats2d, Floats3d, Ints1d, Ragged
from transformers.file_utils import ModelOutput

from spacy_dlfa.text.windows import Windows
from spacy_dlfa.types import DocRows


class TransformerRows(TransformerData):
    """spacy-transformers' data of one document, without its padding.

    `wordpieces`, `model_output`, `align` and `tensors` have the windows of the document padded to
    the longest of them, as in spacy-transformers. They are made when somebody reads them, which
    saving the document does, too. From then on listeners read these, so that what is written into
    `model_output` counts.

    rows (DocRows): Views of the batch's arrays, so that a document that is kept keeps these.
    windows (Windows): The windows that were encoded.
    made_by (FrozenSet[str]): What the component is called that made them; nothing if nobody knows.
    """

    def __new__(cls, *args: Any, **fields: Any) -> Any:
        """Make plain data of padded fields, as `dataclasses.replace` gives them."""
        return TransformerData(**fields) if "model_output" in fields else super().__new__(cls)

    def __init__(self, rows: DocRows, windows: Windows, made_by: frozenset[str] = frozenset()):
        # Not the dataclass's own, which takes what is padded
        self.rows = rows
        self.windows = windows
        self.made_by = made_by
        #: The bounds of the document's tokens, which listeners compare
        self.bounds: bytes | None = None

    @cached_property
    def wordpieces(self) -> WordpieceBatch:
        """The wordpieces of the windows, (S, T)."""
        return pad_wordpieces(self.windows)

    @cached_property
    def model_output(self) -> ModelOutput:
        """The layers, each (S, T, E); a view where nothing is padded. Empty without wordpieces."""
        mask = mask_of(self.rows.lengths)
        return ModelOutput({key: pad(rows, mask) for key, rows in self.rows.layers.items()})

    @cached_property
    def align(self) -> Ragged:
        """For each token the positions of its wordpieces in an array (S, T), flattened."""
        return pad_align(self.windows)

    @property
    def width(self) -> int:
        """Width of the encoder."""
        return next(iter(self.rows.layers.values())).shape[1]


def rows_of(data: TransformerData) -> DocRows:
    """Return a document's rows, also where they come padded.

    So they come from another process, from disk, from a sweep's files, and from stock listeners;
    and from whoever has asked for `model_output`, and may have written into it.
    """
    if isinstance(data, TransformerRows) and "model_output" not in vars(data):
        return data.rows
    mask = numpy.asarray(data.wordpieces.attention_mask) > 0
    # A window of white space may have no wordpiece at all.
    lengths = mask.sum(axis=1)[mask.any(axis=1)].tolist()
    # Other components keep more, such as a pooler's output or attention.
    layers = {
        key: array.reshape(-1, array.shape[-1])
        for key, array in data.model_output.items()
        if getattr(array, "ndim", 0) == 3 and array.shape[:2] == mask.shape
    }
    if mask.all():
        return DocRows(layers, lengths, data.align)
    real = numpy.flatnonzero(mask)
    row_of_position = numpy.zeros(mask.size, dtype="i")
    row_of_position[real] = numpy.arange(real.size)
    align = Ragged(cast(Ints1d, row_of_position[data.align.dataXd]), data.align.lengths)
    rows = {key: array[_index(array, real)] for key, array in layers.items()}
    return DocRows(rows, lengths, align)


def mask_of(lengths: list[int]) -> numpy.ndarray:
    """Return which positions of padded windows are wordpieces, (S, T)."""
    return numpy.arange(max(lengths, default=0)) < numpy.asarray(lengths)[:, None]


def pad(rows: Floats2d, mask: numpy.ndarray) -> Floats3d:
    """Put rows (N, E) to where a mask (S, T) is true, zeros elsewhere."""
    xp: Any = get_array_module(rows)
    if mask.all():
        return cast(Floats3d, rows.reshape((*mask.shape, -1)))
    padded: Any = xp.zeros((mask.size, rows.shape[1]), dtype=rows.dtype)
    padded[_index(rows, numpy.flatnonzero(mask))] = rows
    return padded.reshape((*mask.shape, -1))


def pad_wordpieces(windows: Windows) -> WordpieceBatch:
    """Return the wordpieces of windows, (S, T); token types where they are not all zeros."""
    if not windows.ids:
        return WordpieceBatch.empty()
    mask = mask_of(windows.lengths)
    ids: Any = numpy.zeros(mask.shape, dtype="int64")
    ids[mask] = [piece for row in windows.ids for piece in row]
    types: Any = None
    if any(windows.segments):
        types = numpy.zeros_like(ids)
        for row, segments in zip(types, windows.segments, strict=True):
            row[: len(segments)] = segments
    attention: Any = mask.astype("f")
    return WordpieceBatch(windows.strings, ids, attention, windows.lengths, types)


def pad_align(windows: Windows) -> Ragged:
    """Return the positions of each token's wordpieces in an array (S, T), flattened."""
    positions = numpy.flatnonzero(mask_of(windows.lengths)).astype("i")
    align: Any = windows.align
    return Ragged(cast(Ints1d, positions[align.dataXd]), align.lengths)


def _index(array: Any, positions: numpy.ndarray) -> Any:
    """Lie where the array does."""
    return get_array_module(array).asarray(positions)
