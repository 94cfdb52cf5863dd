"""Run what is missing of a sweep: one process at a time in a folder, resumable at any moment."""

import json
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import spacy
from spacy.vocab import Vocab
from tqdm import tqdm

from spacy_dlfa.atomic import hold, remove_parts, write_json
from spacy_dlfa.docbin import read_docs
from spacy_dlfa.errors import place_first
from spacy_dlfa.evaluation.gold import (
    GoldCorpora,
    annotations,
    check_annotated,
    check_labels,
    notes_of_labels,
)
from spacy_dlfa.evaluation.tasks import task_named
from spacy_dlfa.files import list_files
from spacy_dlfa.study.errors import Errors
from spacy_dlfa.study.sweep.cells import Cell
from spacy_dlfa.study.sweep.settings import Settings
from spacy_dlfa.study.sweep.train import encode_corpus, run_cell
from spacy_dlfa.workers.engines import Engine, Workers, open_workers
from spacy_dlfa.workers.pool import Failure

#: Not *.json, which the runs are.
MEMO = ".sweep"


class EncodingError(ValueError):
    """A corpus that can't be encoded.

    name (str): Name of the corpus.
    failure (Failure): What went wrong.
    """

    def __init__(self, name: str, failure: Failure) -> None:
        super().__init__(Errors.DL442.format(name=name, found=failure.message))
        self.details = failure.details


def read_memo(output: Path) -> dict[str, Any]:
    """Return the options and the fingerprint of the sweep in a folder, {} if there is none.

    RAISES (ValueError): If its file is damaged.
    """
    path = output / MEMO
    try:
        # Not by srsly, which reads 0.3 as another number
        return json.loads(path.read_text(encoding="utf8")) if path.exists() else {}
    except ValueError as err:
        raise ValueError(Errors.DL440.format(path=path, error=err)) from err


def sweep(
    settings: Settings,
    cells: Sequence[Cell],
    options: dict[str, Any],
    num_workers: int | None,
    engine: Engine = "local",
) -> dict[Cell, Failure]:
    """Train and score the runs that have no JSON yet.

    settings (Settings): What the runs share.
    cells (Sequence[Cell]): The runs.
    options (Dict[str, Any]): Remembered in the folder, for `read_memo`.
    num_workers (Optional[int]): How many processes train at a time, each on one core; results do
        not depend on it. If None, one for each core.
    engine (str): "local", processes on this machine, or "ray", actors on a cluster, all of whose
        machines see the folder and the corpora at the same paths.
    RETURNS (Dict[Cell, Failure]): The runs that failed.
    RAISES (EncodingError): If a corpus can't be encoded.
    RAISES (ValueError): If another run is at work in the folder, its runs were made with other
        settings, a file of training is damaged, a test set is, or lacks the task's annotation or
        all labels of training, or a cluster has fewer cores than workers.
    """
    with hold(settings.output):
        missing = [cell for cell in cells if not settings.run_path(cell).exists()]
        fingerprint = _check_comparable(settings)
        memo = {"options": options, "fingerprint": fingerprint}
        if missing:
            _check_tests(settings)
        # A look at a part of a finished sweep is not what the folder should remember.
        if missing or not read_memo(settings.output).get("options"):
            write_json(settings.output / MEMO, memo)
        remove_parts(settings.output)
        remove_parts(settings.output / ".features")
        return _run(settings, fingerprint, cells, missing, num_workers, engine)


def _check_comparable(settings: Settings) -> dict[str, Any]:
    fingerprint = settings.fingerprint()
    memo = read_memo(settings.output)
    runs = sorted(settings.output.glob("*.json"))
    if runs and not memo:
        raise ValueError(Errors.DL438.format(folder=settings.output, name=runs[0].name, memo=MEMO))
    old = memo.get("fingerprint", {})
    differences = [key for key in fingerprint if old.get(key) != fingerprint[key]]
    if runs and differences:
        found = ", ".join(
            f"{key} = {old.get(key)!r} there and {fingerprint[key]!r} here" for key in differences
        )
        raise ValueError(Errors.DL439.format(folder=settings.output, found=found))
    return fingerprint


def _check_tests(settings: Settings) -> None:
    task, known = settings.task, _labels_of_training(settings)
    corpora = GoldCorpora(spacy.blank("xx"), settings.tests)
    unknown = {}
    for name, path in corpora.paths.items():
        found = annotations(corpora[name])
        check_annotated(path, found, [task])
        try:
            labels = check_labels(task, found[task], known)
        except ValueError as err:
            raise ValueError(place_first(path, err)) from err
        if labels:
            unknown[name] = labels
    for note in notes_of_labels(task, unknown, known):
        tqdm.write(note, file=sys.stderr)


def _labels_of_training(settings: Settings) -> set[str]:
    """List the labels that a run learns; none where its reader is of other files."""
    train = settings.train
    files = [p for p in (list_files(train) if train.is_dir() else [train]) if p.suffix == ".spacy"]
    vocab = Vocab()
    docs = [doc for path in files for doc in read_docs(path, vocab)]
    if task_named(settings.task).component == "textcat":
        # It knows those of no text, too
        return {label for doc in docs for label in doc.cats}
    return annotations(docs).get(settings.task, set())


def _run(
    settings: Settings,
    fingerprint: dict[str, Any],
    cells: Sequence[Cell],
    missing: Sequence[Cell],
    num_workers: int | None,
    engine: Engine,
) -> dict[Cell, Failure]:
    failures: dict[Cell, Failure] = {}
    if not missing:
        return failures
    with open_workers(engine, num_workers, threads=1) as pool:
        features = _encode(settings, pool) if settings.frozen else []
        jobs = [(settings, cell, features, fingerprint) for cell in missing]
        bar = tqdm(total=len(cells), initial=len(cells) - len(missing), unit="run")
        with bar:
            for (_, cell, *_), result in pool.run(run_cell, jobs):
                if isinstance(result, Failure):
                    failures[cell] = result
                    bar.write(f"{cell} failed: {result.message}", file=sys.stderr)
                bar.set_postfix_str(str(cell))
                bar.update()
    return failures


def _encode(settings: Settings, pool: Workers) -> list[Path]:
    names = ["train", "dev", *(path.stem for path in settings.tests)]
    features = {}
    for (_, name), result in tqdm(
        pool.run(encode_corpus, [(settings, name) for name in names]),
        desc="Encoding",
        total=len(names),
        unit="corpus",
        leave=False,
    ):
        if isinstance(result, Failure):
            raise EncodingError(name, result)
        features[name] = result
    for folder in (settings.output / ".features").iterdir():
        if folder not in features.values():  # of another encoder, or of another corpus
            shutil.rmtree(folder, ignore_errors=True)
    return [features[name] for name in names]
