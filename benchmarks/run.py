"""All measurements with one encoder."""

from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median
from typing import Any

from spacy.language import Language

from benchmarks.bare import BareEncoder
from benchmarks.encoders import describe_encoder
from benchmarks.heads import save_pipelines
from benchmarks.loading import measure_load
from benchmarks.memory import measure_memory
from benchmarks.plan import KEPT, LOADED, SPEED, STREAMED, Bench
from benchmarks.progress import Progress
from benchmarks.resident import can_measure
from benchmarks.runtimes import ALONE, load_alone
from benchmarks.speed import measure_latency, measure_speed
from benchmarks.systems import SYSTEMS, load_pipeline, overrides
from benchmarks.timing import alternate, compare
from benchmarks.training import TASKS, can_train, measure_training
from benchmarks.workloads import Workload, make_workloads, sentences, short_docs


def measure(bench: Bench, progress: Progress, save: Callable[[dict[str, Any]], None]) -> None:
    """Measure all parts.

    save (Callable): Gets the results so far, after each part.
    """
    found: dict[str, Any] = {"encoder": describe_encoder(bench.encoder)}
    tick = progress.begin(f"{bench.name}: heads", 1)
    kinds = list(dict.fromkeys(SYSTEMS[name].kind for name in bench.systems))
    folders, found["failed"] = save_pipelines(
        [kind for kind in kinds if kind not in ALONE],
        bench.encoder,
        bench.amounts.head_sentences,
        bench.folder,
    )
    tick()
    bench = bench._replace(
        systems=[name for name in bench.systems if SYSTEMS[name].kind not in found["failed"]]
    )
    found["size_mb"] = {kind: _size_mb(folder) for kind, folder in folders.items()}
    folders |= dict.fromkeys(ALONE, bench.encoder)
    workloads = make_workloads(bench.amounts)
    if any(part in (*SPEED, "latency") for part in bench.parts):
        pipelines = {name: _load(name, folders) for name in bench.systems}
        for part in bench.parts:
            if part in SPEED:
                chosen = {
                    name: pipeline
                    for name, pipeline in pipelines.items()
                    if part != "stream" or name in STREAMED
                }
                steps = max(1, len(chosen) * (bench.rounds + 1))
                tick = progress.begin(f"{bench.name}: {part}", steps)
                found[part] = measure_speed(chosen, workloads[part], bench.rounds, bench.base, tick)
            elif part == "latency":
                steps = len(pipelines) * (bench.rounds + 1)
                tick = progress.begin(f"{bench.name}: latency", steps)
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


def _load(name: str, folders: Mapping[str, Path]) -> Language | BareEncoder:
    system = SYSTEMS[name]
    if system.kind in ALONE:
        return load_alone(system, folders[system.kind])
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

    def load(name: str) -> Callable[[], dict[str, float]]:
        system = SYSTEMS[name]
        return lambda: measure_load(folders[system.kind], overrides(system), text)

    tasks = {name: load(name) for name in names}
    tick = progress.begin(f"{bench.name}: load", max(1, len(names) * (bench.rounds + 1)))
    # Once for the files, which then are in the system's cache
    alternate(tasks, 1, tick)
    rounds = alternate(tasks, bench.rounds, tick)
    seconds = {name: [each["load_s"] for each in own] for name, own in rounds.items()}
    found = compare(seconds, bench.base)
    for name, own in rounds.items():
        keys = ("import_s", "first_s", "loaded_mb")
        found[name] |= {key: median(each[key] for each in own) for key in keys if key in own[0]}
    return {"systems": found}


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
