"""Self-training from texts to a pipeline: label what is not labelled yet, select, train."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import srsly
from spacy.vocab import Vocab

from spacy_dlfa.atomic import hold, remove_parts, write_bytes, write_json
from spacy_dlfa.corpora.held_out import HeldOut
from spacy_dlfa.docbin import UserDataBin, read_docs
from spacy_dlfa.errors import Errors
from spacy_dlfa.evaluation.self_training import SelfTraining
from spacy_dlfa.languages import language_by
from spacy_dlfa.unlabelled.label import ATTRS, Systems, key_of, label_files
from spacy_dlfa.unlabelled.select import Rules, select
from spacy_dlfa.unlabelled.texts import read_texts
from spacy_dlfa.unlabelled.train import Recipe
from spacy_dlfa.workers.engines import Workers, open_workers
from spacy_dlfa.workers.pool import Failure
from spacy_dlfa.workers.share import count_cores

#: In the output: what is trained on, and what became of the texts.
TRAIN, COUNTS = "self-training/train", "self-training/counts.json"
#: Seconds after which a half-written file is left over: runs share labels, one is written at once.
LEFT_AFTER = 3600


class Selected(NamedTuple):
    """The sentences that are trained on.

    counts (Dict[str, Dict[str, int]]): By code of the language, see `select`.
    paths (List[Path]): Their files, one for each language.
    """

    counts: dict[str, dict[str, int]]
    paths: list[Path]

    @property
    def languages(self) -> dict[str, int]:
        """How many sentences there are by name of the language, without those that have none."""
        kept = {code: counts["kept"] for code, counts in self.counts.items()}
        return {language_by(code).name: number for code, number in kept.items() if number}


def self_train(
    systems: Systems,
    recipe: Recipe,
    texts: Mapping[str, Sequence[Path]],
    output: Path,
    held_out: HeldOut,
    rules: Rules,
    *,
    labels: Path | None,
    num_workers: int | None,
    progress: Callable[[str], object],
    show: Callable[[Selected], object],
) -> bool:
    """Label, select and train; what was done before is not done again.

    systems (Systems): Who labels; training has the same GPU.
    texts (Mapping[str, Sequence[Path]]): Files by code of the language.
    output (Path): Folder of the trained pipeline.
    labels (Optional[Path]): Folder of the labelled sentences; if None, one in the output.
    num_workers (Optional[int]): Processes that label; if None, one for each core, or for the GPU.
    progress (Callable[[str], object]): Called with the code of each language that is labelled.
    show (Callable[[Selected], object]): Called with what is trained on, before the training.
    RETURNS (bool): Whether the pipeline was trained now.
    RAISES (ValueError): If another run is at work in the output, nothing is kept to train on, or
        something can't be read.
    """
    gpu_id = systems.gpu_id
    count = num_workers or (1 if gpu_id >= 0 else min(count_cores(), len(texts)))
    with hold(output, ".self-train.lock"):
        with open_workers("local", count, gpus=gpu_id >= 0) as pool:
            folder = labels or output / "self-training" / "labels"
            labelled = label(systems, texts, folder, pool, progress)
        selected = select_all(labelled, output, held_out, rules)
        show(selected)
        record: SelfTraining = {
            "pipeline": systems.pipeline,
            "second": systems.second,
            "keep": rules.keep,
            "per_language": rules.per_language,
            "languages": selected.languages,
        }
        return finish(recipe, selected, output, record, gpu_id=gpu_id)


def label(
    systems: Systems,
    texts: Mapping[str, Sequence[Path]],
    folder: Path,
    workers: Workers,
    progress: Callable[[str], object],
) -> dict[str, Path]:
    """Label the texts of each language, unless that was done before.

    A file's name says what it is made of. Those of other pipelines or texts stay where they are.

    texts (Mapping[str, Sequence[Path]]): Files by code of the language.
    folder (Path): Where the labelled sentences go, `<code>-<key>.spacy`.
    progress (Callable[[str], object]): Called with the code of each language that is done.
    RETURNS (Dict[str, Path]): The file of each language.
    RAISES (ValueError): If a text can't be read, or a pipeline can't be used.
    """
    fingerprint = systems.fingerprint()
    found = {
        code: folder / f"{code}-{key_of(fingerprint, paths)}.spacy" for code, paths in texts.items()
    }
    remove_parts(folder, LEFT_AFTER)
    by_paths = {tuple(paths): code for code, paths in texts.items()}
    systems = systems._replace(threads=workers.threads)
    jobs = []
    for code, path in found.items():
        if path.is_file():
            progress(code)
        else:
            jobs.append((systems, tuple(texts[code])))
    for _, paths in jobs:
        # Reading takes seconds, and what can't be read would be found after minutes of labelling
        deque(read_texts(paths), maxlen=0)
    for (_, paths), result in workers.run(label_files, jobs):
        code = by_paths[paths]
        if isinstance(result, Failure):
            name = language_by(code).name
            raise ValueError(Errors.DL520.format(language=name, found=result.message))
        write_bytes(found[code], result)
        progress(code)
    return found


def select_all(
    labelled: Mapping[str, Path], output: Path, held_out: HeldOut, rules: Rules
) -> Selected:
    """Write the sentences of each language that are trained on, and nothing else, to a folder.

    labelled (Mapping[str, Path]): What `label` returns.
    output (Path): Where they go, in the folder TRAIN.
    RAISES (ValueError): If there is none.
    """
    folder = output / TRAIN
    counts: dict[str, dict[str, int]] = {}
    written: list[Path] = []
    for path in folder.glob("*"):
        path.unlink()
    for code, path in labelled.items():
        kept, counts[code] = select(read_docs(path, Vocab()), code, held_out, rules)
        if kept:
            # A code alone would be the name of gold, see `foreign_language_of`
            written.append(folder / f"{code}-labelled.spacy")
            write_bytes(written[-1], UserDataBin(ATTRS[rules.task], kept).to_bytes())
    if not written:
        names = next(iter(counts.values()))
        totals = {name: sum(row[name] for row in counts.values()) for name in names}
        found = ", ".join(f"{name} {number:,}" for name, number in totals.items())
        raise ValueError(Errors.DL521.format(found=found))
    return Selected(counts, written)


def finish(
    recipe: Recipe, selected: Selected, output: Path, record: SelfTraining, *, gpu_id: int
) -> bool:
    """Train, unless this very pipeline was trained before, and write COUNTS.

    RETURNS (bool): Whether it was trained now.
    """
    key = recipe.key(selected.paths, record)
    memo: dict[str, Any] = {**record, "by_language": selected.counts}
    # Also where nothing is trained, as `select_all` has emptied the folder
    memo["english_times"] = recipe.add_english(output / TRAIN, sum(record["languages"].values()))
    if (output / "model-best").is_dir() and _trained(output / COUNTS) == key:
        return False
    write_json(output / COUNTS, {**memo, "trained": None})
    recipe.train(output / TRAIN, output, record, gpu_id=gpu_id)
    write_json(output / COUNTS, {**memo, "trained": key})
    return True


def _trained(path: Path) -> str | None:
    try:
        return srsly.read_json(path).get("trained") if path.is_file() else None
    except (ValueError, AttributeError):
        return None  # then it is trained anew
