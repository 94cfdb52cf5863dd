"""What `apply` costs and survives.

    python -m benchmarks.apply speed            words per second beside bare `nlp.pipe`
    python -m benchmarks.apply growth           time per document, and memory, as the input grows
    python -m benchmarks.apply kills            SIGKILL at random moments: rows in, rows out

Ray beside processes, two actors on two cores: `speed --engine local --engine ray --workers 2`.

Without `--pipeline` it is one with tags and entities on the encoder `assets/mini-mbert`, in the
precision that pipelines have if nobody says another.
"""

import os

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from typing import Annotated, Any

import spacy
import srsly
import typer

from benchmarks.encoders import CACHE, MINI, ROOT
from benchmarks.heads import save_pipelines
from benchmarks.machine import RESULTS, describe_machine
from benchmarks.workloads import sentences
from spacy_dlfa.atomic import write_json
from spacy_dlfa.workers.pool import Pool
from spacy_dlfa.workers.share import count_cores

#: Sizes of batches that bare `nlp.pipe` is tried with.
BATCH_SIZES = (64, 256, 1000)
#: Small pieces, so that many are there, or being made, when something is killed.
PIECES = ("--piece-rows", 200)
#: Languages of the sentences that documents are made of.
LANGUAGES = ("en", "de", "fr", "ru", "ar", "es", "hi", "tr", "fi", "id", "zh", "ja")

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
Pipeline = Annotated[Path | None, typer.Option(help="Folder; if not given, it is made")]
Output = Annotated[Path, typer.Option(dir_okay=False)]
Engines = Annotated[list[str], typer.Option("--engine", help="local, ray, or both")]


@app.command()
def speed(
    pipeline: Pipeline = None,
    documents: Annotated[int, typer.Option(min=1)] = 6_000,
    engines: Engines = ["local"],  # noqa: B006
    workers: Annotated[int, typer.Option(min=1)] = count_cores(),
    rounds: Annotated[int, typer.Option(min=1, help="All systems in turn, so often")] = 3,
    output: Output = RESULTS / "apply.json",
) -> None:
    """Words per second, start-up apart, beside `nlp.pipe` in as many processes of one thread.

    A ratio is the median of those of the rounds, each with the best batch size of its round.
    """
    found: dict[str, Any] = {"documents": documents, "workers": workers, "rounds": []}
    with tempfile.TemporaryDirectory() as folder:
        path = write_documents(Path(folder, "in.jsonl"), documents)
        model = pipeline or make_pipeline()
        texts = [row["text"] for row in srsly.read_jsonl(path)]
        for number in range(rounds):
            pipes = {str(size): pipe(model, texts, workers, size) for size in BATCH_SIZES}
            each: dict[str, Any] = {"pipe": pipes}
            for engine in engines:
                each[engine] = apply(
                    model, path, Path(folder, f"{engine}{number}"), engine, workers
                )
            found["rounds"].append(each)
    ratios = {
        engine: [each[engine]["words/s"] / max(each["pipe"].values()) for each in found["rounds"]]
        for engine in engines
    }
    found["of_pipe"] = {engine: describe(ratio) for engine, ratio in ratios.items()}
    if {"local", "ray"} <= set(engines):
        pairs = zip(ratios["ray"], ratios["local"], strict=True)
        found["ray_of_local"] = describe([ray / local for ray, local in pairs])
    save(output, "speed", found)
    typer.echo(srsly.json_dumps({key: found[key] for key in found if "of_" in key}, indent=2))


def describe(ratios: list[float]) -> dict[str, float]:
    """Return the median and the range."""
    return {"median": median(ratios), "least": min(ratios), "most": max(ratios)}


@app.command()
def growth(
    pipeline: Pipeline = None,
    documents: Annotated[list[int], typer.Option(help="Sizes")] = [10_000, 100_000, 1_000_000],  # noqa: B006
    words: Annotated[int, typer.Option(min=1, help="Words of a document, at most")] = 12,
    workers: Annotated[int, typer.Option(min=1)] = count_cores(),
    output: Output = RESULTS / "apply.json",
) -> None:
    """Milliseconds per document, and the most memory of driver and worker, as the input grows."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        model = pipeline or make_pipeline()
        for size in documents:
            path = write_documents(Path(folder, f"{size}.jsonl"), size, words)
            own = apply(model, path, Path(folder, str(size)), "local", workers)
            rows.append({"documents": size, "ms": 1000 * own["then, s"] / size, **own})
            typer.echo(
                f"{size:,} documents: {rows[-1]['ms']:.2f} ms each, after {own['start-up, s']} s; "
                f"driver {own['driver_mb']:,.0f} MB, worker {own['worker_mb']:,.0f} MB"
            )
    save(output, "growth", rows)


@app.command()
def kills(
    pipeline: Pipeline = None,
    documents: Annotated[int, typer.Option(min=1)] = 4_000,
    count: Annotated[int, typer.Option(min=1, help="Kills, of workers and drivers in turn")] = 20,
    engines: Engines = ["local", "ray"],  # noqa: B006
    workers: Annotated[int, typer.Option(min=1)] = count_cores(),
    every: Annotated[float, typer.Option(help="Seconds of work between kills, at most")] = 5.0,
    output: Output = RESULTS / "apply.json",
) -> None:
    """Kill workers and drivers at random moments; compare with a run of one process left alone."""
    found: dict[str, Any] = {"documents": documents, "count": count}
    with tempfile.TemporaryDirectory() as folder:
        path = write_documents(Path(folder, "in.jsonl"), documents)
        model = pipeline or make_pipeline()
        apply(model, path, Path(folder, "whole"), "local", 1)
        for engine in engines:
            generator = random.Random(0)
            target = Path(folder, engine)
            killed = {"worker": 0, "driver": 0}
            pieces = []
            while sum(killed.values()) < count:
                process = start(model, path, target, engine, workers, *PIECES)
                while process.poll() is None and sum(killed.values()) < count:
                    victim = "driver" if killed["worker"] > killed["driver"] else "worker"
                    if wait_and_kill(process, victim, generator.uniform(0, every)):
                        killed[victim] += 1
                        pieces.append(len(list(target.glob("*.jsonl"))))
                if process.wait() == 0 and sum(killed.values()) < count:
                    shutil.rmtree(target)  # done too soon: once more
            process = start(model, path, target, engine, workers, *PIECES)
            assert process.wait() == 0
            rows = read_rows(target)
            places = [row["row"] for row in rows]
            found[engine] = {
                **killed,
                "pieces_then": pieces,
                "rows": len(rows),
                "twice": len(places) - len(set(places)),
                "equal": rows == read_rows(Path(folder, "whole")),
            }
            typer.echo(f"{engine}: {found[engine]}")
    save(output, "kills", found)


def make_pipeline() -> Path:
    """Make a pipeline with tags and entities, once."""
    folder = CACHE / "apply"
    made = folder / "auto"
    if not (made / "meta.json").exists():
        folder.mkdir(parents=True, exist_ok=True)
        save_pipelines(["dlfa"], MINI, 300, folder)
        # What the benchmarks of speed compare with others is in fp32
        precision = {"components.transformer.model.precision": "auto"}
        spacy.load(folder / "dlfa", config=precision).to_disk(made)
    return made


def write_documents(path: Path, count: int, words: int | None = None) -> Path:
    """Write short documents in twelve languages, each with its number, so that no two are equal."""
    with path.open("w", encoding="utf8") as file:
        for number, text in enumerate(islice(cycle(sentences(LANGUAGES)), count)):
            cut = " ".join(text.split()[:words])
            file.write(srsly.json_dumps({"id": number, "text": f"{number} {cut}"}) + "\n")
    return path


def start(
    pipeline: Path, path: Path, output: Path, engine: str, workers: int, *more: object
) -> "subprocess.Popen[str]":
    """Start the command in a process of its own."""
    command = [sys.executable, "-m", "spacy", "dlfa", "apply", pipeline, path, output]
    options = ["--engine", engine, "--workers", workers, *more]
    return subprocess.Popen(
        [*map(str, command), *map(str, options)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=ROOT,
    )


def apply(pipeline: Path, path: Path, output: Path, engine: str, workers: int) -> dict[str, float]:
    """Run the command; returns its table, and the most memory of the driver and of a worker."""
    process = start(pipeline, path, output, engine, workers)
    found = {"driver_mb": 0.0, "worker_mb": 0.0}
    while process.poll() is None:
        for name, each in processes(process):
            found[f"{name}_mb"] = max(found[f"{name}_mb"], memory(each))
        time.sleep(0.2)
    assert process.stdout
    assert process.returncode == 0, process.returncode
    lines = [line.rsplit(None, 1) for line in process.stdout.read().splitlines()]
    table = {line[0].strip(): line[1] for line in lines if len(line) == 2}
    for name in ("words/s", "documents/s", "start-up, s", "then, s", "words"):
        found[name] = float(table[name].replace(",", ""))
    return found


def processes(driver: "subprocess.Popen[str]") -> Iterator[tuple[str, int]]:
    """List the ids of a driver and its workers, of either engine, that are alive; on Linux."""
    yield "driver", driver.pid
    waiting = [driver.pid]
    while waiting:
        pid = waiting.pop()
        for child in read(pid, f"task/{pid}/children").split():
            waiting.append(int(child))
            words = read(int(child), "cmdline").replace("\0", " ")
            if "spawn_main" in words or words.startswith("ray::_Actor"):
                yield "worker", int(child)


def read(pid: int, name: str) -> str:
    """Read a file about a process, "" if it is gone."""
    try:
        return Path("/proc", str(pid), name).read_text()
    except OSError:
        return ""


def memory(pid: int) -> float:
    """Return the resident memory in MB."""
    lines = [line for line in read(pid, "status").splitlines() if line.startswith("VmRSS")]
    return int(lines[0].split()[1]) * 1024 / 1e6 if lines else 0.0


def wait_and_kill(process: "subprocess.Popen[str]", victim: str, seconds: float) -> bool:
    """Kill the driver or a worker some time after there is one; returns whether it was killed."""
    while process.poll() is None:
        if any(name == "worker" for name, _ in processes(process)):
            break
        time.sleep(0.05)
    time.sleep(seconds)
    there = [each for name, each in processes(process) if name == victim]
    if process.poll() is not None or not there:
        return False
    os.kill(random.choice(there), signal.SIGKILL)
    if victim == "driver":
        process.wait()
    return True


def read_rows(folder: Path) -> list[dict[str, Any]]:
    """Read the rows of all pieces."""
    return [row for path in sorted(folder.glob("*.jsonl")) for row in srsly.read_jsonl(path)]


def pipe(pipeline: Path, texts: list[str], workers: int, batch_size: int) -> float:
    """Return words per second of bare `nlp.pipe` in processes of one thread, once loaded."""
    parts = [texts[number::workers] for number in range(workers)]
    with Pool(workers) as pool:
        list(pool.run(bare_pipe, [(pipeline, part[:100], batch_size) for part in parts]))
        start = time.perf_counter()
        jobs = [(pipeline, part, batch_size) for part in parts]
        words = sum(result for _, result in pool.run(bare_pipe, jobs))
        return words / (time.perf_counter() - start)


def bare_pipe(pipeline: Path, texts: list[str], batch_size: int) -> int:
    """Predict, and count the words."""
    from spacy_dlfa.apply.settings import Settings
    from spacy_dlfa.apply.worker import load

    nlp = load(Settings(str(pipeline)))
    return sum(len(doc) for doc in nlp.pipe(texts, batch_size=batch_size))


def save(output: Path, part: str, found: Any) -> None:
    """Write a part of the results beside the others."""
    results = srsly.read_json(output) if output.exists() else {}
    command = " ".join(["python", "-m", "benchmarks.apply", *sys.argv[1:]])
    results[part] = {"command": command, "machine": describe_machine(), "found": found}
    write_json(output, results)


if __name__ == "__main__":
    app()
