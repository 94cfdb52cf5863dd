"""All that a run needs to go on, in one file that is whole or the one before."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

import srsly
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from backbone.encoder import MaskedLM
from backbone.objectives.masking import Vocabulary
from backbone.schedule import CoolDown
from backbone.settings import Settings
from spacy_dlfa import atomic

CHECKPOINT = "checkpoint.safetensors"
_MOMENTS = ("exp_avg", "exp_avg_sq")


class Progress(NamedTuple):
    """How far a run is.

    step (int): Steps that are done, which is the number of the next one.
    pieces (int): Word pieces seen.
    predicted (int): Word pieces predicted.
    cool_down (Optional[CoolDown]): Where the rate falls.
    """

    step: int = 0
    pieces: int = 0
    predicted: int = 0
    cool_down: CoolDown | None = None


def save_checkpoint(
    folder: Path,
    model: MaskedLM,
    optimizer: torch.optim.Optimizer,
    progress: Progress,
    settings: Settings,
    vocabulary: Vocabulary,
) -> None:
    """Write weights, the optimizer's moments and the progress."""
    tensors = {}
    for name, parameter in model.named_parameters():
        tensors[f"weight.{name}"] = parameter.detach()
        for moment in _MOMENTS:
            if parameter in optimizer.state:
                tensors[f"{moment}.{name}"] = optimizer.state[parameter][moment]
    metadata = {
        "progress": srsly.json_dumps(progress._asdict()),
        "settings": srsly.json_dumps(asdict(settings)),
        "vocabulary": vocabulary.checksum,
        "contents": vocabulary.contents,
    }
    atomic.write_bytes(folder / CHECKPOINT, save(tensors, metadata=metadata))


def load_checkpoint(
    folder: Path,
    model: MaskedLM,
    optimizer: torch.optim.Optimizer | None,
    settings: Settings,
    vocabulary: Vocabulary,
) -> Progress:
    """Restore a run in place.

    optimizer (Optional[Optimizer]): None if only the weights are wanted.
    vocabulary (Vocabulary): The word pieces of the data or the tokenizer.
    RAISES (ValueError): If the file is missing or damaged, or was written with other sizes of the
        model or other word pieces.
    """
    path = folder / CHECKPOINT
    with _open(path) as file:
        metadata = file.metadata() or {}
        progress = _get_progress(metadata)
        sizes = srsly.json_loads(metadata["settings"])["model"]
        if sizes != asdict(settings.model):
            raise ValueError(f"{path}: made with [model] {sizes}; set the same")
        # Older checkpoints have no checksum.
        other = metadata.get("vocabulary", vocabulary.checksum) != vocabulary.checksum
        (size,) = file.get_slice("weight.bias").get_shape()
        if other or size != vocabulary.size:
            same = metadata.get("contents") == vocabulary.contents
            how = "in another order" if same else "other ones"
            raise ValueError(
                f"{path}: made with {size} word pieces, {how} than the {vocabulary.size} found; "
                "give the data and the tokenizer that the run was started with"
            )
        names = set(file.keys())
        for name, parameter in model.named_parameters():
            with torch.no_grad():
                parameter.copy_(file.get_tensor(f"weight.{name}"))
            if optimizer is not None and f"{_MOMENTS[0]}.{name}" in names:
                optimizer.state[parameter] = {
                    # As AdamW has it, a float32 number for each parameter
                    "step": torch.tensor(
                        float(progress.step), device=_get_place(optimizer, parameter)
                    ),
                    **{
                        moment: file.get_tensor(f"{moment}.{name}").to(parameter.device)
                        for moment in _MOMENTS
                    },
                }
    return progress


def read_progress(folder: Path) -> Progress:
    """Return how far a run is.

    RAISES (ValueError): If it has no checkpoint, or a damaged one.
    """
    with _open(folder / CHECKPOINT) as file:
        return _get_progress(file.metadata() or {})


@contextmanager
def _open(path: Path) -> Iterator[Any]:
    """Open a checkpoint; what it lacks is an error with its name."""
    if not path.exists():
        raise ValueError(f"{path}: no such checkpoint; `pretrain` writes it")
    try:
        with safe_open(path, framework="pt") as file:
            yield file
    except (SafetensorError, KeyError) as err:
        raise ValueError(f"{path}: not a checkpoint ({err}); start in a new folder") from err


def _get_progress(metadata: Mapping[str, str]) -> Progress:
    progress = Progress(**srsly.json_loads(metadata["progress"]))
    if progress.cool_down is None:
        return progress
    return progress._replace(cool_down=CoolDown(*progress.cool_down))


def _get_place(optimizer: torch.optim.Optimizer, parameter: torch.nn.Parameter) -> torch.device:
    """Return where the optimizer keeps step numbers: beside the parameter if it is fused."""
    return parameter.device if optimizer.defaults.get("fused") else torch.device("cpu")
