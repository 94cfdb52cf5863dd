"""The encoders of a report: those that were named, and one of random weights for each shape."""

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import srsly

from spacy_dlfa.atomic import new_folder
from spacy_dlfa.encoder.pretrained import load_pretrained, pack
from spacy_dlfa.evaluation.encoder_card import read_languages
from spacy_dlfa.study.errors import Errors
from spacy_dlfa.study.probing.floor import save_random
from spacy_dlfa.study.probing.masked_lm import write_random_head
from spacy_dlfa.study.probing.named import to_folder, whole_of
from spacy_dlfa.study.sweep.settings import checksum, checksum_text

#: Name of the floor of the first encoder.
FLOOR = "random weights"

_SEED = 0

# Settings of config.json that say nothing of the encoder's shape
_NO_SHAPE = {"_name_or_path", "architectures", "torch_dtype", "transformers_version"}
_TOKENIZER = re.compile(r".*(token|vocab|merges).*|.*\.model")


class Encoder(NamedTuple):
    """An encoder to be measured.

    name (str): Its column.
    folder (Path): Its files.
    floor (Optional[str]): Name of the encoder of its shape with random weights; None if it is one.
    num_layers (int): Layers.
    parameters (int): Parameters, without those of a head.
    vocabulary (int): Wordpieces.
    languages (Optional[List[str]]): The languages that its card names, see `read_languages`.
    checksum (str): Of its files without the card.
    size (int): Bytes that it takes in a saved pipeline, tokenizer included, in half precision.
    """

    name: str
    folder: Path
    floor: str | None
    num_layers: int
    parameters: int
    vocabulary: int
    languages: list[str] | None
    checksum: str
    size: int


def find_encoders(models: Sequence[str | Path], output: Path) -> list[Encoder]:
    """Check encoders, and write one of random weights beside each; of equal shapes one serves all.

    models (Sequence[Union[str, Path]]): Encoders as `named.to_folder` takes them. One that is cut
        in depth shares the random weights of the whole one.
    output (Path): Where the random ones go; those that have no folder yet go beside it.
    RETURNS (List[Encoder]): Those that were named, in their order, then the random ones.
    RAISES (ValueError): If one is missing, damaged or named twice.
    """
    named = [str(model) for model in models]
    folders = [to_folder(model, output.parent / ".encoders") for model in named]
    wholes = [to_folder(whole_of(model), output.parent / ".encoders") for model in named]
    names = _names(folders)
    floors: dict[Path, Encoder] = {}
    found = []
    for name, folder, whole in zip(names, folders, wholes, strict=True):
        encoder = _describe(name, folder)
        random = output / f"{_shape(whole)}-{_SEED}"
        if random not in floors:
            _write_floor(whole, random)
            floors[random] = _describe(f"{FLOOR}, {name}" if floors else FLOOR, random)
        found.append(encoder._replace(floor=floors[random].name))
    return [*found, *floors.values()]


def _shape(folder: Path) -> str:
    """Return a checksum of what random weights are made by, and of what cuts text for them."""
    config = srsly.read_json(folder / "config.json")
    settings = {key: value for key, value in config.items() if key not in _NO_SHAPE}
    tokenizer = [path for path in sorted(folder.iterdir()) if _TOKENIZER.fullmatch(path.name)]
    return checksum_text(srsly.json_dumps([settings, checksum(tokenizer)], sort_keys=True))


def _write_floor(folder: Path, output: Path) -> None:
    if output.exists():
        return
    with new_folder(output) as part:
        save_random(folder, part, _SEED)
        write_random_head(folder, part, _SEED)


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
        size=sum(map(len, pack(hf_model, half=True).values())),
    )


def _names(folders: Sequence[Path]) -> list[str]:
    resolved = [folder.resolve() for folder in folders]
    if len(set(resolved)) < len(resolved):
        raise ValueError(Errors.DL453.format())
    count = Counter(path.name for path in resolved)
    names = [
        path.name if count[path.name] == 1 else f"{path.parent.name}-{path.name}"
        for path in resolved
    ]
    if len(set(names)) < len(names):
        raise ValueError(Errors.DL454.format(names=", ".join(names)))
    return names
