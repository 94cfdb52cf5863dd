"""What is measured with an encoder, and about how long it takes."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.encoders import Amounts
from benchmarks.training import TASKS

SPEED = ("short", "stream", "mixed", "chinese")
PARTS = (*SPEED, "latency", "training", "load", "memory", "kept")
#: A system for each way of keeping and loading; the others of their kind do the same.
LOADED = ("dlfa", "dlfa-auto", "stock", "curated")
KEPT = ("dlfa", "stock", "curated")
#: What a long stream, which takes long, is given to
STREAMED = ("dlfa", "dlfa-auto", "last-auto", "stock", "bare-bf16")


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


def estimate(bench: Bench) -> dict[str, float]:
    """Return about how many seconds each part takes."""
    count, amounts = len(bench.systems), bench.amounts
    passes = count * (bench.rounds + 1) / amounts.words_per_s
    process = 12 + 2000 / amounts.words_per_s
    seconds = {
        "short": amounts.short * passes,
        "stream": amounts.stream * 23 * len(STREAMED) * (bench.rounds + 1) / amounts.words_per_s,
        "mixed": amounts.mixed * passes,
        "chinese": amounts.chinese * passes,
        "latency": amounts.latency * 35 * passes,
        "training": amounts.batch * 20 * 3 * len(TASKS) * 3 * passes,
        "load": len(LOADED) * (bench.rounds + 1) * process,
        "memory": count * (process + amounts.mixed / amounts.words_per_s),
        "kept": 6 * (process + amounts.kept * 6 / amounts.words_per_s),
    }
    heads = 10 + amounts.head_sentences * 80 / amounts.words_per_s
    return {
        f"{bench.name}: heads": heads,
        **{f"{bench.name}: {part}": seconds[part] for part in bench.parts},
    }
