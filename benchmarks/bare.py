"""The encoder alone, without spaCy: transformers' own, what no pipeline around it can beat."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from thinc.api import get_torch_default_device
from transformers import AutoModel, AutoTokenizer

#: Wordpieces of a batch, padding included; the best one counts.
BATCH_SIZES = (256, 1024, 4096, 16_384)
#: Wordpieces of a window, special tokens included.
WINDOW = 128

Batch = dict[str, torch.Tensor]


class BareEncoder:
    """A Hugging Face encoder, fed with batches sorted by length; no text is read twice.

    folder (Path): The encoder.
    dtype (str): "float32", or a shorter type to compute in under autocast.
    """

    def __init__(self, folder: Path, dtype: str):
        self.tokenizer: Any = AutoTokenizer.from_pretrained(folder)
        self.device = get_torch_default_device().type
        self.dtype = getattr(torch, dtype)
        self.load(folder)

    def load(self, folder: Path) -> None:
        """Load the encoder itself; those of other libraries differ in this and in `encode`."""
        self.model: Any = AutoModel.from_pretrained(folder, add_pooling_layer=False)
        self.model.eval().to(self.device)

    def cut(self, texts: Sequence[str]) -> list[list[int]]:
        """Tokenize texts and cut them into windows, sorted by length."""
        room = WINDOW - 2
        rows = self.tokenizer(list(texts), add_special_tokens=False, verbose=False)["input_ids"]
        parts = [row[i : i + room] for row in rows for i in range(0, len(row), room)]
        build = self.tokenizer.build_inputs_with_special_tokens
        return sorted(map(build, parts), key=len)

    def pad(self, windows: list[list[int]], size: int) -> list[Batch]:
        """Make batches.

        windows (List[List[int]]): Windows sorted by length.
        size (int): Most wordpieces of a batch, padding included.
        """
        groups: list[list[list[int]]] = [[]]
        for window in windows:
            if groups[-1] and len(window) * (len(groups[-1]) + 1) > size:
                groups.append([])
            groups[-1].append(window)
        return [
            dict(self.tokenizer.pad({"input_ids": group}, return_tensors="pt").to(self.device))
            for group in groups
        ]

    def encode(self, batches: list[Batch]) -> None:
        """Run the encoder."""
        shorter = self.dtype != torch.float32
        with torch.inference_mode(), torch.autocast(self.device, self.dtype, enabled=shorter):
            for batch in batches:
                self.model(**batch)

    def best_batches(self, texts: Sequence[str]) -> list[Batch]:
        """Make batches of the size that runs fastest on a quarter of the texts."""
        windows = self.cut(texts)
        sample = windows[:: max(1, min(4, len(windows) // 8))]
        seconds = {}
        for size in BATCH_SIZES:
            batches = self.pad(sample, size)
            self.encode(batches)
            start = time.perf_counter()
            self.encode(batches)
            seconds[size] = time.perf_counter() - start
        return self.pad(windows, min(seconds, key=lambda size: seconds[size]))
