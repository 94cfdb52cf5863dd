"""Measure in alternation, and compare round by round."""

import gc
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import numpy
import torch

T = TypeVar("T")


def alternate(
    tasks: Mapping[str, Callable[[], T]], rounds: int, tick: Callable[[], None]
) -> dict[str, list[T]]:
    """Do all tasks in turn, A B C A B C, so that what slows the machine down meets all of them.

    tasks (Mapping[str, Callable]): A task for each system; it returns its measurement.
    rounds (int): How often.
    tick (Callable): Is called after each task.
    RETURNS (Dict[str, list]): The measurements of each system, one for each round.
    """
    found: dict[str, list[T]] = {name: [] for name in tasks}
    for _ in range(rounds):
        gc.collect()
        for name, task in tasks.items():
            found[name].append(task())
            tick()
    return found


def timed(task: Callable[[], object]) -> Callable[[], float]:
    """Make a task that returns how long it took, in seconds."""

    def measure() -> float:
        start = time.perf_counter()
        task()
        if torch.cuda.is_initialized():
            torch.cuda.synchronize()
        return time.perf_counter() - start

    return measure


def compare(seconds: Mapping[str, Sequence[float]], base: str) -> dict[str, dict[str, Any]]:
    """Summarise the rounds of each system, and how much faster than another it is.

    seconds (Mapping[str, Sequence[float]]): One number for each round.
    base (str): The system that others are compared with.
    RETURNS (Dict[str, Dict[str, Any]]): "median_s"; "speedup", the quotient of the base's time
        and its own within the same round: median, and quartiles as "low" and "high".
    """
    found: dict[str, dict[str, Any]] = {}
    for name, own in seconds.items():
        found[name] = {"seconds": list(own), "median_s": float(numpy.median(own))}
        if base in seconds:
            quotients = numpy.asarray(seconds[base]) / numpy.asarray(own)
            low, median, high = numpy.percentile(quotients, [25, 50, 75]).tolist()
            found[name]["speedup"] = {"to": base, "median": median, "low": low, "high": high}
    return found
