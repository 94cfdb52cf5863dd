"""Encoders by what a command calls them: a folder, a name on the hub, or either cut in depth."""

import re
import shutil
from pathlib import Path

from spacy_dlfa.atomic import new_folder
from spacy_dlfa.encoder.pretrained import load_pretrained
from spacy_dlfa.evaluation.encoder_card import CARD
from spacy_dlfa.study.errors import Errors
from spacy_dlfa.study.sweep.settings import checksum

_CUT = re.compile(r"(.+)@(\d+)")
_HUB = re.compile(r"[\w.-]+(/[\w.-]+)?")


def whole_of(model: str) -> str:
    """Return the encoder that one is cut from; the same if it is not cut: `mbert` of `mbert@8`."""
    found = _CUT.fullmatch(model)
    return found[1] if found and not Path(model).exists() else model


def to_folder(model: str, output: Path) -> Path:
    """Return the folder of an encoder, which is written if there is none yet.

    model (str): A folder with config.json; a name on the Hugging Face hub, if there is no such
        folder; or one of these, `@` and the number of its first layers that are left.
    output (Path): Where encoders are written to.
    RETURNS (Path): The folder; its name is what the encoder is called.
    RAISES (ValueError): If there is no such encoder, or it has fewer layers.
    """
    whole = whole_of(model)
    is_hub = not Path(whole).exists() and _HUB.fullmatch(whole) is not None
    if not is_hub and not (Path(whole) / "config.json").is_file():
        raise ValueError(Errors.DL455.format(folder=whole))
    if whole == model and not is_hub:
        return Path(model)
    depth = int(model.rpartition("@")[2]) if whole != model else None
    where = "hub" if is_hub else checksum([Path(whole)])
    name = whole.replace("/", "--") if is_hub else Path(whole).resolve().name
    folder = output / where / (name if depth is None else f"{name}@{depth}")
    if not (folder / "config.json").is_file():
        _write(whole, model, depth, folder)
    return folder


def _write(whole: str, model: str, depth: int | None, folder: Path) -> None:
    hf_model = load_pretrained(whole, {}, {})
    layers = hf_model.transformer.config.num_hidden_layers
    if depth is not None and not 1 <= depth <= layers:
        raise ValueError(Errors.DL464.format(model=model, depth=depth, num_layers=layers))
    if depth is not None:
        # Read at its own last layer it is the lower layer of the whole one
        hf_model = load_pretrained(whole, {}, {"num_hidden_layers": depth})
    with new_folder(folder) as part:
        hf_model.transformer.save_pretrained(part, safe_serialization=True)
        hf_model.tokenizer.save_pretrained(part)
        if (Path(whole) / CARD).is_file():
            shutil.copyfile(Path(whole) / CARD, part / CARD)
