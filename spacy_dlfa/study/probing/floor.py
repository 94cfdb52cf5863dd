"""An encoder that knows nothing: the floor of comparisons."""

from pathlib import Path

import torch
from transformers import AutoConfig, AutoModel, AutoTokenizer

from spacy_dlfa.atomic import new_folder
from spacy_dlfa.messages import sentence
from spacy_dlfa.study.errors import Errors


def write_random(backbone: str | Path, output: Path, seed: int) -> None:
    """Save an encoder of random weights to a new folder, see `save_random`.

    output (Path): The folder, which appears whole or not at all.
    """
    with new_folder(output) as part:
        save_random(backbone, part, seed)


def save_random(backbone: str | Path, output: Path, seed: int) -> None:
    """Save an encoder of the same shape and tokenizer, with random weights.

    backbone (Union[str, Path]): Folder or hub name of the encoder.
    output (Path): The folder.
    seed (int): Seed of the weights.
    RAISES (ValueError): If the encoder can't be loaded.
    RAISES (OSError): If the folder can't be written.
    """
    safe = {"trust_remote_code": False}
    try:
        config = AutoConfig.from_pretrained(str(backbone), **safe)
        tokenizer = AutoTokenizer.from_pretrained(str(backbone), **safe)
    except (OSError, ValueError, ImportError) as err:
        reason = "neither a folder with config.json nor a model on the hub"
        if Path(backbone, "config.json").is_file():
            reason = sentence(err)
        raise ValueError(Errors.DL457.format(backbone=backbone, reason=reason)) from err
    torch.manual_seed(seed)
    AutoModel.from_config(config, **safe).save_pretrained(output)
    tokenizer.save_pretrained(output)
