"""Hidden states on disk: with a frozen encoder each sentence is encoded once for all runs."""

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy
import srsly
from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import minibatch
from spacy_transformers.data_classes import TransformerData, WordpieceBatch
from thinc.api import to_numpy
from thinc.types import Ints1d, Ragged
from transformers.file_utils import ModelOutput

from spacy_dlfa.atomic import new_folder
from spacy_dlfa.pipeline.kept_states import KEY_SIZE, key_of

#: By the suffix of a file: half precision, unless the layer has larger numbers than that holds
DTYPES = {".f16": "float16", ".f32": "float32"}
_HALF_MAX = float(numpy.finfo("float16").max)
#: Of the files; one more where they are written otherwise.
_FORMAT = 2


class Index(NamedTuple):
    """Where the rows of each document are. D documents, P wordpiece positions, T tokens.

    keys (Array[D, KEY_SIZE]): Checksum of words and spaces.
    starts (Array[D + 1]): First position of each document, and P.
    spans (Array[D]): Spans of each document; its positions are spans x longest span.
    mask (Array[P]): Whether a position holds a wordpiece.
    tokens (Array[D + 1]): First token of each document, and T.
    lengths (Array[T]): Wordpieces of each token.
    align (Array[sum of lengths]): The wordpieces' positions within the document.
    """

    keys: numpy.ndarray
    starts: numpy.ndarray
    spans: numpy.ndarray
    mask: numpy.ndarray
    tokens: numpy.ndarray
    lengths: numpy.ndarray
    align: numpy.ndarray


def write_features(nlp: Language, docs: Iterable[Doc], folder: Path, name: str) -> Path:
    """Encode documents, unless that was done before, by all layers that the transformer puts out.

    nlp (Language): A pipeline with a `transformer`.
    docs (Iterable[Doc]): The documents; equal ones are encoded once.
    folder (Path): Where the features of the corpora are.
    name (str): Name of the corpus.
    RETURNS (Path): A folder with one file for each layer, `<layer>.f16` or `.f32`, see DTYPES, and
        `index.npz`. It appears whole or not at all; its name carries a checksum of encoder, windows
        and text.
    """
    by_key = {key_of(doc): doc for doc in docs if len(doc)}
    checksum = _encoder_checksum(nlp)
    for key in by_key:
        checksum.update(key)
    target = folder / f"{name}-{checksum.hexdigest()[:16]}"
    if not target.exists():
        with new_folder(target) as part:
            _write(nlp, by_key, part)
    return target


def _encoder_checksum(nlp: Language) -> Any:
    model = nlp.get_pipe("transformer").model
    settings = nlp.config.interpolate()["components"]["transformer"]["model"]
    made_of = srsly.json_dumps([_FORMAT, settings], sort_keys=True)
    checksum = hashlib.sha256(made_of.encode("utf8"))
    for weight in model.transformer.state_dict().values():
        checksum.update(weight.cpu().numpy().tobytes())
    return checksum


def _write(nlp: Language, by_key: dict[bytes, Doc], folder: Path) -> None:
    transformer = nlp.get_pipe("transformer")
    # What is of like length goes through the encoder together
    keys = sorted(by_key, key=lambda key: len(by_key[key]))
    files: dict[str, _LayerFile] = {}
    starts, spans, tokens = [0], [], [0]
    masks, lengths, aligns = [], [], []
    try:
        for batch in minibatch((by_key[key] for key in keys), 256):
            for doc in transformer.pipe(batch):
                data = doc._.trf_data
                doc._.trf_data = None
                mask = numpy.asarray(data.wordpieces.attention_mask) > 0
                for layer, output in data.model_output.items():
                    if layer not in files:
                        files[layer] = _LayerFile(folder / f"{layer}.f16")
                    files[layer].write(to_numpy(output))
                starts.append(starts[-1] + mask.size)
                spans.append(mask.shape[0])
                masks.append(mask.ravel())
                tokens.append(tokens[-1] + len(doc))
                lengths.append(to_numpy(data.align.lengths))
                aligns.append(data.align.dataXd)
    finally:
        for file in files.values():
            file.close()
    index = Index(
        numpy.frombuffer(b"".join(keys), dtype="uint8").reshape(-1, KEY_SIZE),
        numpy.asarray(starts),
        numpy.asarray(spans),
        numpy.concatenate(masks),
        numpy.asarray(tokens),
        numpy.concatenate(lengths).astype("int32"),
        numpy.concatenate(aligns).astype("int32"),
    )
    numpy.savez(folder / "index.npz", **index._asdict())


class _LayerFile:
    """The rows of a layer as they are written, in single precision from the first on that needs it.

    path (Path): The file, `.f16`.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.open("wb")

    def write(self, rows: numpy.ndarray) -> None:
        """Add rows; what is infinite in the encoder stays so."""
        if self._path.suffix == ".f16" and numpy.abs(rows).max(initial=0) > _HALF_MAX:
            self._widen()
        self._file.write(rows.astype(DTYPES[self._path.suffix]).tobytes())

    def _widen(self) -> None:
        self.close()
        half, self._path = self._path, self._path.with_suffix(".f32")
        self._file = self._path.open("wb")
        self._file.write(numpy.fromfile(half, DTYPES[".f16"]).astype(DTYPES[".f32"]).tobytes())
        half.unlink()

    def close(self) -> None:
        """Write what is left."""
        self._file.close()


class Features:
    """The encoded documents of one corpus, read from disk as they are asked for.

    folder (Path): What `write_features` made.
    """

    def __init__(self, folder: Path) -> None:
        with numpy.load(folder / "index.npz", allow_pickle=False) as arrays:
            self._index = Index(**arrays)
        index = self._index
        self._number = {key.tobytes(): i for i, key in enumerate(index.keys)}
        self._aligned = numpy.concatenate(([0], numpy.cumsum(index.lengths)))
        self._rows = {
            path.stem: numpy.memmap(path, DTYPES[path.suffix], "r").reshape(index.starts[-1], -1)
            for path in sorted(folder.iterdir())
            if path.suffix in DTYPES
        }

    def __contains__(self, key: bytes) -> bool:
        return key in self._number

    def get(self, key: bytes, layers: Sequence[str]) -> TransformerData:
        """Return what the transformer puts out for a document, in float32."""
        index = self._index
        i = self._number[key]
        start, end = index.starts[i : i + 2]
        first, last = index.tokens[i : i + 2]
        spans = int(index.spans[i])
        mask = index.mask[start:end].reshape(spans, -1)
        output = ModelOutput()
        for layer in layers:
            rows = self._rows[layer][start:end]
            output[layer] = rows.astype("float32").reshape(*mask.shape, -1)
        align = index.align[self._aligned[first] : self._aligned[last]]
        lengths = index.lengths[first:last]
        aligned = Ragged(cast(Ints1d, align), cast(Ints1d, lengths))
        return TransformerData(_wordpieces(mask), output, aligned)


def _wordpieces(mask: numpy.ndarray) -> WordpieceBatch:
    """Stand in for the tokenizer's output, of which listeners read the mask alone."""
    spans, width = mask.shape
    return WordpieceBatch(
        strings=[[""] * width] * spans,
        input_ids=numpy.zeros(mask.shape, dtype="int64"),
        attention_mask=mask.astype("float32"),
        lengths=mask.sum(axis=1).tolist(),
        token_type_ids=None,
    )
