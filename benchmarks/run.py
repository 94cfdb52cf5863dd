"""All measurements with one encoder."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from spacy.language import Language

from benchmarks.bare import BareEncoder
from benchmarks.encoders import Amounts, describe_encoder
from benchmarks.heads import save_pipelines
from benchmarks.memory import can_measure, measure_memory
from benchmarks.progress import Progress
from benchmarks.speed import measure_latency, measure_speed
from benchmarks.systems import SYSTEMS, load_pipeline
from benchmarks.timing import alternate, compare, timed
from benchmarks.training import TASKS, can_train, measure_training
from benchmarks.workloads import Workload, make_workloads, sentences, short_docs

SPEED = ("short", "mixed", "chinese")
PARTS = (*SPEED, "latency", "training", "load", "memory", "kept")
#: A system for each way of keeping and loading; the others of their kind do the same.
LOADED = ("dlfa", "dlfa-auto", "stock", "curated")
KEPT = ("dlfa", "stock", "curated")


class Bench(NamedTuple):
    """What to measure.

    name (str): Name of the encoder.
    encoder (Path): Its folder.
    systems (Sequence[str]): The systems.
    parts (Sequence[str]): Some of PARTS.
    rounds (int): How often each system is timed.
    amounts (Amounts): How much it is given to do.
    folder (Path): Where pipelines are saved for as long as the run takes.
    quick (bool): Start as few processes as show that it works.
    """

    name: str
    encoder: Path
    systems: Sequence[str]
    parts: Sequence[str]
    rounds: int
    amounts: Amounts
    folder: Path
    quick: bool

    @property
    def base(self) -> str:
        """The system that others are compared with."""
        return "stock" if "stock" in self.systems else self.systems[0]


def measure(bench: Bench, progress: Progress, save: Callable[[dict[str, Any]], None]) -> None:
    """Measure all parts.

    save (Callable): Gets the results so far, after each part.
    """
    found: dict[str, Any] = {"encoder": describe_encoder(bench.encoder)}
    tick = progress.begin(f"{bench.name}: heads", 1)
    kinds = list(dict.fromkeys(SYSTEMS[name].kind for name in bench.systems))
    folders, found["failed"] = save_pipelines(
        [kind for kind in kinds if kind != "bare"],
        bench.encoder,
        bench.amounts.head_sentences,
        bench.folder,
    )
    tick()
    bench = bench._replace(
        systems=[name for name in bench.systems if SYSTEMS[name].kind not in found["failed"]]
    )
    found["size_mb"] = {kind: _size_mb(folder) for kind, folder in folders.items()}
    folders["bare"] = bench.encoder
    workloads = make_workloads(bench.amounts)
    if any(part in (*SPEED, "latency") for part in bench.parts):
        pipelines = {name: _load(name, folders) for name in bench.systems}
        for part in bench.parts:
            if part in SPEED:
                tick = progress.begin(f"{bench.name}: {part}", _steps(bench))
                found[part] = measure_speed(
                    pipelines, workloads[part], bench.rounds, bench.base, tick
                )
            elif part == "latency":
                tick = progress.begin(f"{bench.name}: latency", _steps(bench))
                found[part] = measure_latency(
                    pipelines, bench.amounts.latency, bench.rounds, bench.base, tick
                )
            save(found)
        del pipelines
    others = {
        "training": _measure_training,
        "load": _measure_load,
        "memory": _measure_memory,
        "kept": _measure_kept,
    }
    for part, measure_part in others.items():
        if part in bench.parts:
            found[part] = measure_part(bench, folders, workloads["mixed"], progress)
            save(found)


def estimate(bench: Bench) -> dict[str, float]:
    """Return about how many seconds each part takes."""
    count, amounts = len(bench.systems), bench.amounts
    passes = count * (bench.rounds + 1) / amounts.words_per_s
    process = 12 + 2000 / amounts.words_per_s
    seconds = {
        "short": amounts.short * passes,
        "mixed": amounts.mixed * passes,
        "chinese": amounts.chinese * passes,
        "latency": amounts.latency * 35 * passes,
        "training": amounts.batch * 20 * 3 * len(TASKS) * 3 * passes,
        "load": 4 * (bench.rounds + 1) * 2000 / amounts.words_per_s,
        "memory": count * (process + amounts.mixed / amounts.words_per_s),
        "kept": 6 * (process + amounts.kept * 6 / amounts.words_per_s),
    }
    heads = 10 + amounts.head_sentences * 80 / amounts.words_per_s
    return {
        f"{bench.name}: heads": heads,
        **{f"{bench.name}: {part}": seconds[part] for part in bench.parts},
    }


def _steps(bench: Bench) -> int:
    return len(bench.systems) * (bench.rounds + 1)


def _load(name: str, folders: Mapping[str, Path]) -> Language | BareEncoder:
    system = SYSTEMS[name]
    if system.kind == "bare":
        return BareEncoder(folders["bare"], **system.settings)
    return load_pipeline(system, folders[system.kind])


def _size_mb(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def _measure_training(
    bench: Bench, folders: Mapping[str, Path], workload: Workload, progress: Progress
) -> dict[str, Any]:
    systems = {
        name: SYSTEMS[name]
        for name in bench.systems
        if can_train(SYSTEMS[name]) and SYSTEMS[name].kind in bench.amounts.trained
    }
    steps = len(TASKS) * len(systems) * (bench.rounds + 1)
    tick = progress.begin(f"{bench.name}: training", max(1, steps))
    return {
        "sentences": bench.amounts.batch,
        "steps": bench.rounds + 1,
        "tasks": {
            task: measure_training(
                task,
                systems,
                bench.encoder,
                batch=bench.amounts.batch,
                rounds=bench.rounds,
                base=bench.base,
                tick=tick,
            )
            for task in TASKS
        },
    }


def _measure_load(
    bench: Bench, folders: Mapping[str, Path], workload: Workload, progress: Progress
) -> dict[str, Any]:
    names = [name for name in LOADED if name in bench.systems]
    text = sentences()[0]

    def load(name: str) -> Callable[[], float]:
        folder = folders[SYSTEMS[name].kind]
        # The first text too: what is put off until then belongs to it.
        return timed(lambda: load_pipeline(SYSTEMS[name], folder)(text))

    tasks = {name: load(name) for name in names}
    tick = progress.begin(f"{bench.name}: load", max(1, len(names) * (bench.rounds + 1)))
    alternate(tasks, 1, tick)
    return {"systems": compare(alternate(tasks, bench.rounds, tick), bench.base)}


def _measure_memory(
    bench: Bench, folders: Mapping[str, Path], workload: Workload, progress: Progress
) -> dict[str, Any]:
    names = [name for name in (KEPT if bench.quick else bench.systems) if name in bench.systems]
    tick = progress.begin(f"{bench.name}: memory", max(1, len(names)))
    found = {}
    for name in names if can_measure() else []:
        found[name] = measure_memory(name, folders[SYSTEMS[name].kind], workload.texts)
        tick()
    return {"words": workload.words, "systems": found}


def _measure_kept(
    bench: Bench, folders: Mapping[str, Path], workload: Workload, progress: Progress
) -> dict[str, Any]:
    texts = list(short_docs(bench.amounts.kept))
    names = [name for name in KEPT if name in bench.systems] if texts and can_measure() else []
    tick = progress.begin(f"{bench.name}: kept", max(1, 2 * len(names)))
    found = {}
    for name in names:
        for clean in (False, True):
            measured = measure_memory(
                name, folders[SYSTEMS[name].kind], texts, keep=True, clean=clean
            )
            found[f"{name} + doc_cleaner" if clean else name] = measured
            tick()
    return {"docs": len(texts), "systems": found}
