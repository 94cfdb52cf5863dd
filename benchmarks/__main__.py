"""`python -m benchmarks`: measure systems side by side, write JSON, tables and charts."""

import os

# Before transformers is imported: all models are local.
os.environ.setdefault("HF_HUB_OFFLINE", "1")
# Before spacy_dlfa is imported: the systems that take turns have as many prepared products each as
# one alone has in a process.
os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "4096")

import shlex
import sys
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import spacy
import srsly
import typer
from transformers.utils import logging as hf_logging

from benchmarks.chart import draw_kept, draw_speed
from benchmarks.encoders import CACHE, ENCODERS, choose_amounts, find_encoder
from benchmarks.machine import RESULTS, describe_machine
from benchmarks.plan import PARTS, Bench, estimate
from benchmarks.progress import Progress
from benchmarks.run import measure
from benchmarks.systems import SYSTEMS, why_missing
from benchmarks.tables import format_page
from spacy_dlfa.atomic import check_writable, write_each, write_json
from spacy_dlfa.messages import fail, one_sentence

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
@one_sentence
def bench(
    encoder: Annotated[str, typer.Option(help=f"{', '.join(ENCODERS)}, all, or a folder")] = "all",
    workload: Annotated[str, typer.Option(help=f"all, or some of {','.join(PARTS)}")] = "all",
    systems: Annotated[str, typer.Option(help=f"all, or some of {','.join(SYSTEMS)}")] = "all",
    rounds: Annotated[int, typer.Option(min=1, help="How often each system is timed")] = 5,
    quick: Annotated[bool, typer.Option("--quick", help="A smoke run, at most two rounds")] = False,
    gpu: Annotated[bool, typer.Option("--gpu", help="Run on the first GPU")] = False,
    output: Annotated[
        Path | None, typer.Option(file_okay=False, help="benchmarks/results, not with --quick")
    ] = None,
) -> None:
    """Measure speed, latency, agreement, memory, training and loading of systems side by side."""
    if gpu:
        try:
            spacy.require_gpu()
        except ValueError as err:
            fail(f"--gpu: {' '.join(str(err).split())}")
    place = "gpu" if gpu else "cpu"
    possible = [name for name, system in SYSTEMS.items() if system.places in ("both", place)]
    chosen = _choose("--systems", systems, possible)
    # The processes that memory is measured in don't use the GPU.
    possible_parts = [part for part in PARTS if not gpu or part not in ("memory", "kept")]
    parts = _choose("--workload", workload, possible_parts)
    rounds = min(rounds, 2) if quick else rounds
    folder = output or (CACHE / "quick" if quick else RESULTS)
    check_writable(folder / "results.json")
    hf_logging.set_verbosity_error()
    warnings.simplefilter("ignore")
    reasons = {name: why_missing(SYSTEMS[name].kind) for name in chosen}
    about: dict[str, Any] = {
        "command": shlex.join(["python", "-m", "benchmarks", *sys.argv[1:]]),
        "machine": describe_machine(),
        "rounds": rounds,
        "quick": quick,
        "missing": {name: reason for name, reason in reasons.items() if reason},
    }
    kept = folder / "results.json"
    # An encoder that isn't measured now keeps what was measured before, with the machine.
    results: dict[str, Any] = srsly.read_json(kept) if kept.exists() else {"encoders": {}}
    with tempfile.TemporaryDirectory() as pipelines:
        benches = []
        for name in ENCODERS if encoder == "all" else [encoder]:
            try:
                path = find_encoder(name)
            except ValueError as err:
                fail(str(err))
            title = path.name if path == Path(name) else name
            there = [name for name in chosen if not reasons[name]]
            if lost := _lost(results["encoders"].get(title), parts, there):
                fail(
                    f"{kept}: has {', '.join(lost)} of {title}, which this run would remove; "
                    "expected all parts and systems that are there, all of them installed, or "
                    "another --output"
                )
            amounts = choose_amounts(path, quick=quick)
            benches.append(
                Bench(title, path, there, parts, rounds, amounts, Path(pipelines, title), quick)
            )
        progress = Progress({k: v for each in benches for k, v in estimate(each).items()})
        for each in benches:
            begun = each.name not in results["encoders"]

            def save(found: dict[str, Any], title: str = each.name, begun: bool = begun) -> None:
                # A run that is killed leaves what was measured before it
                if begun or all(part in found for part in parts):
                    results["encoders"][title] = {**about, **found}
                    write_json(kept, results)

            measure(each, progress, save)
        progress.bar.close()
    try:
        _write_report(results, folder)
    finally:
        typer.echo(format_page(results))


def _choose(option: str, names: str, possible: list[str]) -> list[str]:
    chosen = list(possible) if names == "all" else names.split(",")
    for name in chosen:
        if name not in possible:
            fail(f"{option} {name}: expected all or some of {','.join(possible)}")
    return chosen


def _lost(before: dict[str, Any] | None, parts: Sequence[str], systems: Sequence[str]) -> list[str]:
    """Return the parts that another run has measured of an encoder, and this one would remove."""
    if before is None or before["quick"]:
        return []
    gone = {*SYSTEMS} - {*systems}
    return [
        part
        for part in PARTS
        if part in before and (part not in parts or _measured(before[part]) & gone)
    ]


def _measured(found: dict[str, Any]) -> set[str]:
    # Training has its systems by task
    each = found["tasks"].values() if "tasks" in found else [found["systems"]]
    return {name for systems in each for name in systems}


def _write_report(results: dict[str, Any], folder: Path) -> None:
    files: dict[Path, str] = {}
    charts = ""
    for name, found in results["encoders"].items():
        for part, title, svg in (
            ("speed", "Words per second", draw_speed(name, found)),
            ("kept", "Memory kept with documents", draw_kept(name, found)),
        ):
            if svg is not None:
                files[folder / f"{part}-{name}.svg"] = svg
                charts += f"\n![{title}, encoder {name}]({part}-{name}.svg)\n"
    files[folder / "README.md"] = format_page(results) + charts
    write_each((path, text.encode("utf8")) for path, text in files.items())


if __name__ == "__main__":
    app()
