"""Train encoders on intermediate tasks, then on their targets; what is done is not done again."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from spacy.training.initialize import init_nlp
from tqdm import tqdm

from spacy_dlfa.atomic import hold, write_json
from spacy_dlfa.evaluation.record import Run
from spacy_dlfa.evaluation.run import evaluate
from spacy_dlfa.evaluation.settings import run_settings
from spacy_dlfa.evaluation.tasks import task_named
from spacy_dlfa.pipeline.callbacks import to_disk_whole
from spacy_dlfa.study.comparison.verdict import NO_INTERMEDIATE
from spacy_dlfa.study.errors import Errors
from spacy_dlfa.study.intermediate.plan import Plan
from spacy_dlfa.study.intermediate.starts import TARGETS
from spacy_dlfa.study.sweep.all_steps import last_weights
from spacy_dlfa.study.sweep.checkpoints import restore
from spacy_dlfa.study.sweep.corpora import keep_in_memory, read_tests
from spacy_dlfa.study.sweep.settings import check_unchanged
from spacy_dlfa.study.sweep.train import train
from spacy_dlfa.workers.pool import Failure, Pool


class Cell(NamedTuple):
    """A run: a target's training in English, with the encoder that a start leaves."""

    target: str
    start: str
    seed: int

    def __str__(self) -> str:
        return f"{self.target} after {self.start}, seed {self.seed}"


def run_all(
    plan: Plan, starts: Mapping[str, Sequence[str]], seeds: Sequence[int], num_workers: int
) -> list[str]:
    """Make the runs that are not there yet, seed by seed, so that an early stop leaves whole ones.

    starts (Mapping[str, Sequence[str]]): The starts of each target.
    num_workers (int): How many processes train at a time; results do not depend on it.
    RETURNS (List[str]): What failed, a sentence each.
    RAISES (ValueError): If data are missing, another process is at work in the folder, or its runs
        were made with other settings.
    """
    cells = [Cell(t, s, seed) for seed in seeds for t, each in starts.items() for s in each]
    with hold(plan.output):
        fingerprints = {t: _check_comparable(plan, t, each) for t, each in starts.items()}
        return _run(plan, fingerprints, cells, num_workers)


def _check_comparable(plan: Plan, target: str, starts: Sequence[str]) -> dict[str, Any]:
    shared = plan.fingerprint(target)
    for path in sorted((plan.output / target).glob("*.json")):
        # Not by srsly, which reads 7e-05 as another number
        run = json.loads(path.read_text(encoding="utf8"))
        found, wanted = {**run.get("fingerprint", {})}, {**shared}
        # Older runs don't say it, and of other starts the data need not be there
        if "start_data" in run and (start := run["intermediate"]) in starts:
            key = f"data of {start}"
            found[key], wanted[key] = run["start_data"], plan.start_data(start)
        for key in wanted:
            if found.get(key) != wanted[key]:
                raise ValueError(
                    Errors.DL483.format(
                        path=path, key=key, found=found.get(key), wanted=wanted[key]
                    )
                )
    return shared


def _run(
    plan: Plan,
    fingerprints: Mapping[str, dict[str, Any]],
    cells: Sequence[Cell],
    num_workers: int,
) -> list[str]:
    missing = [cell for cell in cells if not plan.run_path(*cell).exists()]
    wanted = dict.fromkeys((c.start, c.seed) for c in cells if c.start != NO_INTERMEDIATE)
    needed = {(cell.start, cell.seed) for cell in missing}
    data = {start: plan.start_data(start) for start in dict.fromkeys(c.start for c in missing)}
    folders = {each: plan.encoder(*each) for each in wanted if each in needed}
    encoders = [each for each, folder in folders.items() if not folder.exists()]
    for start in dict.fromkeys(start for start, _ in encoders):
        plan.write_corpora(start)
    total = len(cells) + len(wanted)
    failures: list[str] = []
    with (
        Pool(num_workers) as pool,
        tqdm(total=total, initial=total - len(missing) - len(encoders), unit="training") as bar,
    ):
        for seed in dict.fromkeys(cell.seed for cell in missing):
            first = [(plan, *each, folders[each]) for each in encoders if each[1] == seed]
            for (_, start, *_), result in pool.run(train_start, first):
                bar.set_postfix_str(f"{start}, seed {seed}")
                failures += _failure(f"{start}, seed {seed}", result)
                bar.update()
            ready = []
            for cell in missing:
                encoder = folders.get((cell.start, cell.seed))
                # None of a run without a start; there is no folder where a start has failed
                if cell.seed == seed and (encoder is None or encoder.exists()):
                    made_of = fingerprints[cell.target], data[cell.start]
                    ready.append((plan, cell, encoder, *made_of))
            for (_, cell, *_), result in pool.run(run_cell, ready):
                bar.set_postfix_str(str(cell))
                failures += _failure(str(cell), result)
                bar.update()
    return failures


def _failure(name: str, result: Any) -> Iterator[str]:
    if isinstance(result, Failure):
        yield f"{name}: {result.message}"


def train_start(plan: Plan, start: str, seed: int, folder: Path) -> None:
    """Train an encoder on intermediate tasks for all steps, and save the last weights.

    They are averaged if the config says so.
    folder (Path): Where it goes, what `plan.encoder` said when the command began.
    RAISES (ValueError): If that says another one when the training begins, or when it ends.
    """
    _check_start(plan, start, seed, folder)
    nlp = init_nlp(plan.start_config(start, seed))
    folder.parent.mkdir(parents=True, exist_ok=True)
    with last_weights(nlp):
        _check_start(plan, start, seed, folder)
        to_disk_whole(nlp, folder)


def run_cell(
    plan: Plan, cell: Cell, encoder: Path | None, fingerprint: dict[str, Any], start_data: str
) -> None:
    """Train a target in English, score the checkpoint that is best on English dev; write that.

    encoder (Optional[Path]): What `train_start` saved, None without a start.
    fingerprint (Dict[str, Any]): Of the target when the command began.
    start_data (str): The checksum of the start's data, of then.
    RAISES (ValueError): If one of them is another one when the run begins, or when it ends.
    """
    target, start, seed = cell
    # The other runs need not train for hours to fail
    _check_run(plan, cell, fingerprint, start_data)
    config = plan.target_config(target, encoder or plan.backbone(), seed)
    keep_in_memory(config)
    nlp = init_nlp(config)
    best, _ = train(nlp, frozen=False)
    restore(nlp, best)
    task = TARGETS[target].task
    run: Run = {
        **run_settings(nlp, task),
        "metric": task_named(task).metric,
        "intermediate": start,
        "start_data": start_data,
        "fingerprint": fingerprint,
        **evaluate(nlp, read_tests(plan.tests(target)), task, raw=False),
    }
    _check_run(plan, cell, fingerprint, start_data)
    write_json(plan.run_path(target, start, seed), run)


def _check_start(plan: Plan, start: str, seed: int, folder: Path) -> None:
    made_of = f"encoder, config or data of {start}"
    check_unchanged({made_of: folder}, {made_of: plan.encoder(start, seed)})


def _check_run(plan: Plan, cell: Cell, fingerprint: dict[str, Any], start_data: str) -> None:
    data = f"data of {cell.start}"
    now = {**plan.fingerprint(cell.target), data: plan.start_data(cell.start)}
    check_unchanged({**fingerprint, data: start_data}, now)
