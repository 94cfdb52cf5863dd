"""Callbacks that a config can name."""

import copy
import os
import shutil
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from spacy.language import Language

from spacy_dlfa.errors import Warnings
from spacy_dlfa.evaluation.labels_seen import note_labels
from spacy_dlfa.evaluation.self_training import note_self_training


def create_atomic_to_disk() -> Callable[[Language], Language]:
    """Build `spacy_dlfa.AtomicToDisk.v1`, for `[training] before_to_disk`.

    With it, `spacy train` writes `model-last` beside its place and moves it there when it is
    whole. Where saving fails or is killed, the one before stays as it was. `model-best` is spaCy's:
    it removes the one before and copies `model-last`, so that what is killed there leaves none or
    half of one, and `model-last` is the same model, whole.

    Labels of other languages that the pipeline learnt from are noted before it is saved, and
    whether its encoder was self-trained, see `evaluation.labels_seen` and `self_training`: an
    encoder that is sourced, or is a component's own, has had no occasion before.

    At the first save, early in the training, it warns if there will be no evaluation but that one.

    RETURNS (Callable[[Language], Language]): Returns the pipeline that it gets, as one that is
        saved in this way.
    """

    def before_to_disk(nlp: Language) -> Language:
        _check_evaluations(nlp)
        note_labels(nlp)
        note_self_training(nlp)
        # spaCy takes nothing but a Language, and calls nothing but its to_disk.
        saved = copy.copy(nlp)
        saved.to_disk = lambda path, **kwargs: to_disk_whole(nlp, Path(path), **kwargs)
        return saved

    return before_to_disk


def _check_evaluations(nlp: Language) -> None:
    """Warn if `model-best` can only be what was evaluated after the very first update."""
    training = nlp.config.interpolate()["training"]
    frequency, steps = training["eval_frequency"], training["max_steps"]
    if frequency > steps > 0:
        # Python shows it once, though the end of the training saves again
        warnings.warn(Warnings.DL911.format(frequency=frequency, steps=steps), stacklevel=1)


def to_disk_whole(nlp: Language, path: Path, **kwargs: Any) -> None:
    """Save a pipeline so that a whole one is there at any time.

    nlp (Language): The pipeline.
    path (Path): The folder, which takes the place of a link. While it is replaced, for an instant,
        the one before has `.old` at the end of its name and the new one `.part`.
    kwargs: Settings of `Language.to_disk`.
    """
    part, old = (path.with_name(path.name + end) for end in (".part", ".old"))
    # What a save that was killed has left
    remove(part)
    if path.exists():
        remove(old)
    else:
        # A link that leads nowhere
        path.unlink(missing_ok=True)
    try:
        nlp.to_disk(part, **kwargs)
        sync(part)
        if path.exists():
            path.rename(old)
        part.rename(path)
    except BaseException:
        if old.exists() and not path.exists():
            old.rename(path)
        remove(part)
        raise
    remove(old)


def remove(path: Path) -> None:
    """Remove a folder, a file or a link, if there is one; what a link leads to stays."""
    if path.is_symlink() or path.is_file():
        path.unlink()
    else:
        shutil.rmtree(path, ignore_errors=True)


def sync(folder: Path) -> None:
    """Wait until a folder and all that is in it has reached the disk."""
    for place, _, files in os.walk(folder):
        for name in files:
            with Path(place, name).open("rb+") as file:
                os.fsync(file.fileno())
        if os.name == "posix":
            # Elsewhere a folder can't be opened.
            descriptor = os.open(place, os.O_RDONLY)
            os.fsync(descriptor)
            os.close(descriptor)
