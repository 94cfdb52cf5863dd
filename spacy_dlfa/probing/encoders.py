"""The encoders of a report: those that were named, and one of random weights for each shape."""

import shutil
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from spacy_dlfa.layers.pretrained import load_pretrained
from spacy_dlfa.probing.card import read_languages
from spacy_dlfa.probing.floor import write_random
from spacy_dlfa.probing.masked_lm import load_masked_lm, write_random_head
from spacy_dlfa.sweep.settings import checksum

#: Name of the floor of the first encoder.
FLOOR = "random weights"

_SHAPE = {".json", ".txt", ".model"}


class Encoder(NamedTuple):
    """An encoder to be measured.

    name (str): Its column.
    folder (Path): Its files.
    floor (Optional[str]): Name of the encoder of its shape with random weights; None if it is one.
    num_layers (int): Layers.
    parameters (int): Parameters, without those of a head.
    vocabulary (int): Wordpieces.
    languages (Optional[List[str]]): The languages that its card names, see `read_languages`.
    checksum (str): Of its files.
    """

    name: str
    folder: Path
    floor: str | None
    num_layers: int
    parameters: int
    vocabulary: int
    languages: list[str] | None
    checksum: str


def find_encoders(folders: Sequence[Path], output: Path, seed: int = 0) -> list[Encoder]:
    """Check encoders, and write one of random weights beside each; of equal shapes one serves all.

    folders (Sequence[Path]): Folders of encoders.
    output (Path): Where the random ones go.
    seed (int): Seed of the random weights.
    RETURNS (List[Encoder]): Those that were named, in their order, then the random ones.
    RAISES (ValueError): If one is missing, damaged or named twice.
    """
    names = _names(folders)
    floors: dict[str, Encoder] = {}
    found = []
    for name, folder in zip(names, folders, strict=True):
        if not (folder / "config.json").is_file():
            raise ValueError(f"{folder}: found no config.json; expected the folder of an encoder")
        encoder = _describe(name, folder)
        random = _write_floor(folder, output, seed)
        title = f"{FLOOR}, {name}" if floors else FLOOR
        floor = _describe(title, random)
        floor = floors.setdefault(floor.checksum, floor)
        found.append(encoder._replace(floor=floor.name))
    return [*found, *floors.values()]


def _write_floor(folder: Path, output: Path, seed: int) -> Path:
    has_head = load_masked_lm(folder) is not None
    # All that it is made of: not the weights, so that encoders of equal shapes have the same
    shape = checksum(sorted(path for path in folder.iterdir() if path.suffix in _SHAPE))
    target = output / f"{shape}-{seed}{'-head' if has_head else ''}"
    if not target.exists():
        part = output / f".{target.name}.tmp"
        shutil.rmtree(part, ignore_errors=True)
        write_random(folder, part, seed)
        if has_head:
            write_random_head(folder, part, seed)
        part.rename(target)
    return target


def _describe(name: str, folder: Path) -> Encoder:
    hf_model = load_pretrained(folder, {}, {})
    return Encoder(
        name=name,
        folder=folder,
        floor=None,
        num_layers=hf_model.transformer.config.num_hidden_layers,
        parameters=sum(p.numel() for p in hf_model.transformer.parameters()),
        vocabulary=len(hf_model.tokenizer),
        languages=read_languages(folder),
        checksum=checksum([folder]),
    )


def _names(folders: Sequence[Path]) -> list[str]:
    resolved = [folder.resolve() for folder in folders]
    if len(set(resolved)) < len(resolved):
        raise ValueError("Found an encoder twice; expected each folder once")
    count = Counter(path.name for path in resolved)
    names = [
        path.name if count[path.name] == 1 else f"{path.parent.name}-{path.name}"
        for path in resolved
    ]
    if len(set(names)) < len(names):
        raise ValueError(
            f"Found encoders of equal names, {', '.join(names)}; expected folders whose names, or "
            "whose parents' names, differ"
        )
    return names
