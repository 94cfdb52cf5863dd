"""Training steps: the same batches and the same first weights of the heads in all systems."""

import gc
import time
from collections.abc import Callable, Mapping
from itertools import count
from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.training import Example
from spacy.util import fix_random_seed
from thinc.api import Adam

from benchmarks.heads import copy_heads, read_gold
from benchmarks.runtimes import ALONE
from benchmarks.systems import System, make_pipeline
from benchmarks.timing import alternate, compare

TASKS = ("tagger", "ner", "textcat")


def can_train(system: System) -> bool:
    """Whether a system trains in a way of its own: int8 is for prediction."""
    return system.kind not in ALONE and system.settings.get("precision") != "int8"


def measure_training(
    task: str,
    systems: Mapping[str, System],
    encoder: Path,
    *,
    batch: int,
    rounds: int,
    base: str,
    tick: Callable[[], None],
) -> dict[str, Any]:
    """Take training steps in alternation, encoder included, all on one batch.

    task (str): "tagger", "ner" or "textcat".
    systems (Mapping[str, System]): The systems.
    encoder (Path): The encoder's folder.
    batch (int): Sentences of a step.
    rounds (int): Number of steps that are timed; one goes before them.
    base (str): The system that others are compared with.
    tick (Callable): Is called after each step.
    RETURNS (Dict[str, Any]): For each system the summary of its times, and "losses", one for each
        step; or "failed", what went wrong with a library that isn't ours.
    """
    steps: dict[str, Callable[[], tuple[float, float]]] = {}
    first: Language | None = None
    for name, system in systems.items():
        nlp = make_pipeline(system.kind, encoder, [task], system.settings)
        examples = read_gold(nlp, task, batch)
        fix_random_seed(0)
        nlp.initialize(lambda examples=examples: examples)
        if first is None:
            first = nlp
        copy_heads(first, nlp)
        steps[name] = _make_step(nlp, task, examples)
    losses: dict[str, list[float]] = {}
    found: dict[str, Any] = {}
    for name, system in systems.items():
        try:
            # Not timed: the first step allocates what the others find.
            losses[name] = [steps[name]()[1]]
        except Exception as err:
            if system.kind != "curated":
                raise
            found[name] = {"failed": f"can't train: {type(err).__name__}: {err}"}
            del steps[name]
        tick()
    timed = alternate(steps, rounds, tick)
    found |= compare({name: [s for s, _ in own] for name, own in timed.items()}, base)
    for name, own in timed.items():
        found[name]["losses"] = losses[name] + [loss for _, loss in own]
    # Pipelines refer to themselves; the next task's need their memory.
    del first, nlp, steps
    gc.collect()
    return found


def _make_step(
    nlp: Language, task: str, examples: list[Example]
) -> Callable[[], tuple[float, float]]:
    """Make a function that takes a step; it returns its seconds and its loss."""
    optimizer = Adam(3e-4, L2=0.01, L2_is_weight_decay=True, grad_clip=1.0, use_averages=False)

    seeds = count()

    def step() -> tuple[float, float]:
        # The same in all systems: whose turn it is doesn't choose the dropout.
        fix_random_seed(next(seeds))
        losses: dict[str, float] = {}
        start = time.perf_counter()
        nlp.update(examples, drop=0.1, sgd=optimizer, losses=losses)
        return time.perf_counter() - start, float(losses[task])

    return step
