"""A corpus as word-piece numbers, in one safetensors file.

For each text there are `<name>.ids` (uint16), the word pieces of all its lines in a row,
`<name>.lengths` (int32), the pieces of each line, and, if it is aligned, `<name>.keys` (int32), one
number for each line. Lines with the same number in texts of one group are translations.
"""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import srsly
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from spacy_dlfa import atomic


class Text(NamedTuple):
    """The lines of one language and kind.

    name (str): Unique in the corpus.
    kind (str): E.g. "bible".
    language (str): The language's code.
    group (str): Texts of one group share their keys; "" if there are none.
    monolingual (bool): Whether it is drawn on its own, not only beside a translation.
    ids (ndarray[uint16]): Word pieces, shape (pieces,).
    lengths (ndarray[int32]): Pieces of each line, shape (lines,).
    keys (Optional[ndarray[int32]]): Each line's number, shape (lines,).
    """

    name: str
    kind: str
    language: str
    group: str
    monolingual: bool
    ids: np.ndarray
    lengths: np.ndarray
    keys: np.ndarray | None

    def get_starts(self) -> np.ndarray:
        """Return where lines start, and the end of the last; shape (lines + 1,)."""
        return np.concatenate(([0], np.cumsum(self.lengths, dtype=np.int64)))


class Packed(NamedTuple):
    """A packed corpus.

    texts (List[Text]): By name.
    vocabulary (List[str]): The word pieces that its numbers stand for.
    """

    texts: list[Text]
    vocabulary: list[str]


def save_packed(path: Path, packed: Packed) -> None:
    """Write a packed corpus, whole or not at all."""
    arrays = {}
    index: list[dict[str, Any]] = []
    for text in packed.texts:
        arrays[f"{text.name}.ids"] = text.ids
        arrays[f"{text.name}.lengths"] = text.lengths
        if text.keys is not None:
            arrays[f"{text.name}.keys"] = text.keys
        index.append({field: getattr(text, field) for field in Text._fields[:5]})
    metadata = {
        "texts": srsly.json_dumps(index),
        "vocabulary": srsly.json_dumps(packed.vocabulary),
    }
    atomic.write_bytes(path, save(arrays, metadata=metadata))


def load_packed(path: Path) -> Packed:
    """Read a packed corpus.

    RAISES (ValueError): If the file is none.
    """
    try:
        with safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
            names = set(file.keys())
            texts = []
            for entry in srsly.json_loads(metadata["texts"]):
                name = entry["name"]
                keys = file.get_tensor(f"{name}.keys") if f"{name}.keys" in names else None
                ids, lengths = (file.get_tensor(f"{name}.{part}") for part in ("ids", "lengths"))
                texts.append(Text(**entry, ids=ids, lengths=lengths, keys=keys))
    except (SafetensorError, KeyError) as err:
        raise ValueError(f"{path}: not a packed corpus ({err}); make it with `pack`") from err
    return Packed(texts, srsly.json_loads(metadata["vocabulary"]))
