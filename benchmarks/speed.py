"""Throughput, and latency of single sentences."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy
from spacy.language import Language

from benchmarks.agreement import agree, predict
from benchmarks.bare import BareEncoder
from benchmarks.timing import alternate, compare, timed
from benchmarks.workloads import Workload, sentences

Pipelines = Mapping[str, Language | BareEncoder]


def measure_speed(
    pipelines: Pipelines,
    workload: Workload,
    rounds: int,
    base: str,
    tick: Callable[[], None],
) -> dict[str, Any]:
    """Measure throughput by `nlp.pipe` from raw text to predictions, and compare predictions.

    pipelines (Mapping[str, Union[Language, BareEncoder]]): The systems; a bare encoder is given
        wordpieces, and tokenizes nothing in the time that is measured.
    workload (Workload): The texts.
    rounds (int): How often each system is timed.
    base (str): The system that others are compared with.
    tick (Callable): Is called after each step.
    """
    tasks, predictions = {}, {}
    for name, nlp in pipelines.items():
        if isinstance(nlp, BareEncoder):
            batches = nlp.best_batches(workload.texts)
            # All of them, as pipelines are warmed below: each number of rows is compiled for once
            nlp.encode(batches)
            tasks[name] = timed(lambda nlp=nlp, batches=batches: nlp.encode(batches))  # type: ignore[misc]
        else:
            # Also packs weights, and warms up.
            predictions[name] = predict(nlp, workload.texts)
            tasks[name] = timed(lambda nlp=nlp: [None for _ in nlp.pipe(workload.texts)])  # type: ignore[misc]
        tick()
    found = compare(alternate(tasks, rounds, tick), base)
    for own in found.values():
        own["words_per_s"] = workload.words / own["median_s"]
    return {
        "title": workload.title,
        "texts": len(workload.texts),
        "words": workload.words,
        "systems": found,
        "agreement": agree(predictions),
    }


def measure_latency(
    pipelines: Pipelines, count: int, rounds: int, base: str, tick: Callable[[], None]
) -> dict[str, Any]:
    """Measure how long one sentence takes on its own, by `nlp(text)`.

    count (int): Number of sentences. For the other arguments see `measure_speed`.
    """
    texts = sentences()[:count]
    tasks: dict[str, Callable[[], list[float]]] = {}
    for name, nlp in pipelines.items():
        if isinstance(nlp, BareEncoder):
            calls = [
                timed(lambda nlp=nlp, batch=batch: nlp.encode(batch))  # type: ignore[misc]
                for batch in (nlp.pad(nlp.cut([text]), 1) for text in texts)
            ]
        else:
            calls = [timed(lambda nlp=nlp, text=text: nlp(text)) for text in texts]  # type: ignore[misc]
        tasks[name] = lambda calls=calls: [call() for call in calls]  # type: ignore[misc]
    alternate(tasks, 1, tick)
    rounds = alternate(tasks, rounds, tick)
    found = compare(
        {name: numpy.median(own, axis=1).tolist() for name, own in rounds.items()}, base
    )
    for name, own in rounds.items():
        p50, p95 = numpy.percentile(own, [50, 95]).tolist()
        found[name] |= {"p50_ms": p50 * 1000, "p95_ms": p95 * 1000}
    return {"texts": len(texts), "systems": found}
