"""The chosen run of a sweep as a pipeline, which `spacy package` takes."""

from pathlib import Path

from spacy.training.initialize import init_nlp

from spacy_dlfa.pipeline.callbacks import to_disk_whole
from spacy_dlfa.study.comparison.rules import Checkpoint
from spacy_dlfa.study.errors import Errors
from spacy_dlfa.study.sweep.cells import Cell
from spacy_dlfa.study.sweep.checkpoints import restore
from spacy_dlfa.study.sweep.settings import Settings
from spacy_dlfa.study.sweep.train import encode_corpus, train, use_features
from spacy_dlfa.workers.pool import Failure, Pool


def export(settings: Settings, cell: Cell, checkpoint: Checkpoint, folder: Path) -> None:
    """Train a run again, which gives the same weights as before, and save the pipeline.

    A sweep keeps scores alone: the weights of all its runs would fill a disk.

    checkpoint (str): "best" on English dev, or "average".
    folder (Path): Where the pipeline goes.
    RAISES (ValueError): If that fails.
    """
    # Sums in another order would be another training.
    with Pool(1) as pool:
        ((_, result),) = pool.run(_export, [(settings, cell, checkpoint, folder)])
    if isinstance(result, Failure):
        raise ValueError(Errors.DL433.format(folder=folder, found=result.message))


def _export(settings: Settings, cell: Cell, checkpoint: Checkpoint, folder: Path) -> None:
    nlp = init_nlp(settings.config_of(cell))
    transformer = nlp.get_pipe("transformer")
    encoder = transformer.model
    if settings.frozen:
        use_features(nlp, [encode_corpus(settings, name) for name in ("train", "dev")])
    best, average = train(nlp, frozen=settings.frozen)
    restore(nlp, average if checkpoint == "average" else best)
    transformer.model = encoder
    # In a sweep a corpus is read once
    nlp.config["corpora"] = settings.load_config()["corpora"]
    folder.parent.mkdir(parents=True, exist_ok=True)
    to_disk_whole(nlp, folder)
