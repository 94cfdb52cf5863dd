"""What the encoder makes of a batch of documents."""

import math
from collections.abc import Callable
from functools import cached_property
from itertools import accumulate
from typing import Any, NoReturn, cast

import numpy
from spacy.tokens import Span
from spacy_transformers.data_classes import FullTransformerBatch, WordpieceBatch
from thinc.api import Model, get_array_module, torch2xp, xp2torch
from thinc.types import Floats2d, Ints1d, Ragged
from torch import Tensor
from transformers.file_utils import ModelOutput

from spacy_dlfa.encoder.rows import (
    TransformerRows,
    mask_of,
    pad,
    pad_align,
    pad_wordpieces,
)
from spacy_dlfa.errors import Errors
from spacy_dlfa.text.windows import Windows
from spacy_dlfa.types import DocRows, Gradients


class TransformerBatch(FullTransformerBatch):
    """spacy-transformers' batch without its padding.

    What belongs to one document is in `doc_data`. `wordpieces`, `model_output` and `align` are
    padded as in spacy-transformers; they are made when somebody reads them.

    spans (List[List[Span]]): What the encoder saw together, for each document.
    windows (List[Windows]): The windows of each document.
    layers (Dict[str, Tensor]): The layers by name, each with the N wordpieces of all documents one
        behind the other, (N, E); none without wordpieces.
    """

    def __init__(self, spans: list[list[Span]], windows: list[Windows], layers: dict[str, Tensor]):
        # Not the dataclass's own, which takes what is padded
        self.spans = spans
        self.windows = windows
        self.layers = layers
        #: What the component is called that encodes the batch, in each pipeline that it stands in
        self.made_by: frozenset[str] = frozenset()

    @cached_property
    def wordpieces(self) -> WordpieceBatch:
        """The wordpieces of all windows, (S, T)."""
        return pad_wordpieces(_join(self.windows))

    @cached_property
    def model_output(self) -> ModelOutput:
        """The layers, each (S, T, E), without their gradients."""
        mask = mask_of([length for each in self.windows for length in each.lengths])
        return ModelOutput(
            {
                key: xp2torch(pad(cast(Floats2d, torch2xp(rows)), mask))
                for key, rows in self.layers.items()
            }
        )

    @cached_property
    def align(self) -> Ragged:
        """For each token of all documents the positions of its wordpieces in an array (S, T)."""
        return pad_align(_join(self.windows))

    def split_by_doc(self) -> list[Any]:
        """Return the part of each document, a TransformerRows."""
        layers: dict[str, Any] = {key: torch2xp(rows) for key, rows in self.layers.items()}
        found = []
        start = 0
        for windows in self.windows:
            end = start + sum(windows.lengths)
            # Of no token, or of tokens of which the encoder sees nothing, there is no output.
            own = {key: rows[start:end] for key, rows in layers.items()} if end > start else {}
            rows = DocRows(own, windows.lengths, windows.align)
            found.append(TransformerRows(rows, windows, self.made_by))
            start = end
        return found

    def unsplit_by_doc(self, arrays: Any) -> NoReturn:
        """Refuse the gradients of spacy-transformers' own component."""
        refuse_stock_component()


def join_docs(spans: list[list[Span]], docs: list[TransformerRows]) -> TransformerBatch:
    """Make a batch of documents that were encoded apart, in single precision.

    spans (List[List[Span]]): What the encoder saw together, for each document.
    docs (List[TransformerRows]): What it made of each.
    RETURNS (TransformerBatch): The batch.
    """
    arrays: dict[str, list[Any]] = {}
    for data in docs:
        for key, rows in data.rows.layers.items():
            arrays.setdefault(key, []).append(rows)
    layers = {
        key: xp2torch(get_array_module(found[0]).concatenate(found).astype("f", copy=False))
        for key, found in arrays.items()
    }
    return TransformerBatch(spans, [data.windows for data in docs], layers)


def check_output(output: TransformerBatch) -> None:
    """Raise if a hidden state of a batch is not finite."""
    for key, tensor in output.layers.items():
        # One number, and one wait for a GPU, for each layer
        if math.isfinite(float(tensor.detach().sum())):
            continue
        for spans, data in zip(output.spans, output.doc_data, strict=True):
            layers: Any = data.rows.layers
            if layers and not math.isfinite(float(layers[key].sum())):
                raise FloatingPointError(Errors.DL057.format(key=key, text=spans[0].doc.text[:40]))


def sum_squares(sender: str, gradients: Gradients) -> float:
    """Return the sum of the squared gradients that a component sends to the encoder.

    sender (str): What an error calls the component.
    RAISES (FloatingPointError): If it is not finite.
    """
    total = 0.0
    gradient: Any
    for key, gradient in gradients.items():
        # One number, and one wait for a GPU, for each layer
        squares = float((gradient**2).sum())
        if not math.isfinite(squares):
            raise FloatingPointError(Errors.DL056.format(sender=sender, key=key, squares=squares))
        total += squares
    return total


def refuse_stock_component() -> NoReturn:
    """Raise, as only our own component takes gradients by layer."""
    raise ValueError(Errors.DL026.format())


def split_rows() -> Model[FullTransformerBatch, list[DocRows]]:
    """Return the rows of each document of a batch; gradients pass as they are.

    RAISES (FloatingPointError): In training, if a hidden state or a gradient is not finite.
    """
    # As spacy-transformers' own, which stands here in pipelines that were saved before
    return Model("split-trf-batch", _split)


def _split(
    model: Model, batch: FullTransformerBatch, is_train: bool
) -> tuple[list[DocRows], Callable[[Gradients], Gradients]]:
    if is_train:
        check_output(cast(TransformerBatch, batch))
    datas = cast(list[TransformerRows], batch.doc_data)

    def backprop(gradients: Gradients) -> Gradients:
        # No model knows the component that it is part of.
        sum_squares("a component with an encoder of its own", gradients)
        return gradients

    return [data.rows for data in datas], backprop


def _join(windows: list[Windows]) -> Windows:
    """Return the windows of all documents as of one."""
    first = accumulate((sum(each.lengths) for each in windows), initial=0)
    aligns: list[Any] = [each.align for each in windows]
    rows = [align.dataXd + start for align, start in zip(aligns, first, strict=False)]
    return Windows(
        [ids for each in windows for ids in each.ids],
        [types for each in windows for types in each.segments],
        [strings for each in windows for strings in each.strings],
        Ragged(
            cast(Ints1d, numpy.concatenate(rows)),
            cast(Ints1d, numpy.concatenate([align.lengths for align in aligns])),
        ),
    )
