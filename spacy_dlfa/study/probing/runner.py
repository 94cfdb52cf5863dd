"""Measure what is missing of a report: parts that are kept, one JSON each."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import srsly
from tqdm import tqdm

from spacy_dlfa.atomic import remove_parts, write_json
from spacy_dlfa.study.errors import Errors
from spacy_dlfa.study.probing.data import Corpora
from spacy_dlfa.study.probing.encoders import Encoder
from spacy_dlfa.study.probing.fine_tuning import fine_tune, task_settings
from spacy_dlfa.study.probing.masked_lm import masked_lm
from spacy_dlfa.study.probing.parallel import collections
from spacy_dlfa.study.probing.retrieval import retrieval
from spacy_dlfa.study.sweep.cells import Cell
from spacy_dlfa.study.sweep.settings import Settings, checksum, checksum_text
from spacy_dlfa.workers.pool import Failure, Pool

#: In the order they are measured in: the longest first, so that no core waits long for another.
TASKS = ("ner", "textcat", "tagger")
WITHOUT_SEED = ("masked_lm", "retrieval")

#: How long parts take beside each other, for the time left.
_COST = {"ner": 4, "textcat": 3, "tagger": 2, "masked_lm": 2, "retrieval": 2}
_BAR = "{percentage:3.0f} % {bar} {elapsed}, {remaining} left; done: {desc}"


class Plan(NamedTuple):
    """What all parts of a report share.

    data (Dict[str, Corpora]): The data by task.
    seeds (Sequence[int]): Seeds of the fine-tuning.
    configs (Path): Folder of the tasks' configs.
    overrides (Dict[str, Any]): Settings of the tasks' configs.
    output (Path): Folder of the report.
    fused (bool): Whether encoders are also fine-tuned with a lower layer fused, see `cell_of`.
    """

    data: dict[str, Corpora]
    seeds: Sequence[int]
    configs: Path
    overrides: dict[str, Any]
    output: Path
    fused: bool = False


class Part(NamedTuple):
    """A part of a report: one encoder, one kind of figures, one seed.

    encoder (Encoder): The encoder.
    kind (str): One of TASKS or of WITHOUT_SEED.
    seed (Optional[int]): The seed, of a task.
    fused (bool): Whether a lower layer is fused with the last one.
    """

    encoder: Encoder
    kind: str
    seed: int | None
    fused: bool = False

    def __str__(self) -> str:
        seed = "" if self.seed is None else f", seed {self.seed}"
        fused = f" with layer {self.cell.layer}" if self.fused else ""
        return f"{self.encoder.name}{fused}, {self.kind.replace('_', ' ')}{seed}"

    @property
    def cell(self) -> Cell:
        """The last layer alone, or DLFA of it and the one at two thirds of the depth."""
        assert self.seed is not None
        depth = self.encoder.num_layers
        if not self.fused:
            return Cell("last", None, self.seed)
        # Of an encoder with one layer it is the embeddings
        return Cell("dlfa", min(round(depth * 2 / 3), depth - 1), self.seed)


def measure_all(
    plan: Plan, encoders: Sequence[Encoder], num_workers: int
) -> list[tuple[Part, Any]]:
    """Measure the parts that are not in the folder yet, and return all of them.

    num_workers (int): How many processes measure at a time, each on one core; results do not
        depend on it.
    RETURNS (List[Tuple[Part, Any]]): The parts with what was measured.
    RAISES (ValueError): If one fails; those that succeeded stay in the folder.
    """
    parts = [Part(e, task, seed) for task in TASKS for seed in plan.seeds for e in encoders]
    if plan.fused:
        named = [encoder for encoder in encoders if encoder.floor is not None]
        parts += [Part(e, task, s, True) for task in TASKS for s in plan.seeds for e in named]
    parts += [Part(encoder, kind, None) for kind in WITHOUT_SEED for encoder in encoders]
    paths = {_key(part): _path(plan, part) for part in parts}
    missing = [part for part in parts if not paths[_key(part)].exists()]
    failures = []
    total, left = (sum(_COST[part.kind] for part in each) for each in (parts, missing))
    with (
        Pool(num_workers) as pool,
        tqdm(total=total, initial=total - left, bar_format=_BAR) as bar,
    ):
        jobs = [(plan, part, paths[_key(part)]) for part in missing]
        for (_, part, _), result in pool.run(measure, jobs):
            if isinstance(result, Failure):
                failures.append(f"{part}: {result.message}")
            bar.set_description_str(str(part))
            bar.update(_COST[part.kind])
    if failures:
        raise ValueError(Errors.DL463.format(found="; ".join(failures)))
    return [(part, srsly.read_json(paths[_key(part)])["result"]) for part in parts]


def remove_unfinished(output: Path) -> None:
    """Remove what killed processes left half-written in the folder of a report, which is held."""
    remove_parts(output)
    # Not of all below, where other commands may be at work
    for name in (".corpus", ".encoders", ".parts", ".random"):
        for folder in {part.parent for part in (output / name).rglob(".*.tmp")}:
            remove_parts(folder)


def measure(plan: Plan, part: Part, path: Path) -> None:
    """Measure one part, and write its JSON."""
    encoder, sets = part.encoder, collections(plan.data)
    result: Any
    if part.seed is not None:
        result = fine_tune(_settings(plan, part), part.cell)
    elif part.kind == "retrieval":
        result = retrieval(encoder.folder, encoder.num_layers, sets)
    else:
        result = masked_lm(encoder.folder, sets)
    write_json(path, {"result": result})


def _settings(plan: Plan, part: Part) -> Settings:
    config = plan.configs / f"{part.kind}.cfg"
    corpora = plan.data[part.kind]
    return task_settings(
        part.kind, part.encoder.folder, config, corpora, plan.overrides, plan.output
    )


def _path(plan: Plan, part: Part) -> Path:
    # By all that it depends on, so that a part is never taken for another
    made_of: Any = [checksum(paths) for paths in collections(plan.data).values()]
    if part.seed is not None:
        made_of = _settings(plan, part).fingerprint()
        # The folder's name is no part of what was measured.
        made_of["overrides"] = {**made_of["overrides"], "vars.backbone": None}
    if part.fused:
        made_of["fusion"] = [part.cell.name, part.cell.layer]
    text = srsly.json_dumps([part.encoder.checksum, made_of], sort_keys=True)
    seed = "" if part.seed is None else f"-{part.seed}"
    return plan.output / ".parts" / f"{part.kind}{seed}-{checksum_text(text)}.json"


def _key(part: Part) -> tuple[str, str, int | None, bool]:
    return part.encoder.name, part.kind, part.seed, part.fused
