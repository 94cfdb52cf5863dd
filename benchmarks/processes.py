"""Whether processes or threads make more of the cores.

    python -m benchmarks.processes training/ner/model-best

The same raw texts go through a pipeline with torch's threads, and with `n_process` of as many
workers, each of which has one thread.
"""

import os

os.environ.setdefault("HF_HUB_OFFLINE", "1")

from functools import partial
from pathlib import Path
from typing import Annotated

import spacy
import torch
import typer
from spacy.language import Language
from tqdm import tqdm

from benchmarks.encoders import SMALL
from benchmarks.machine import RESULTS, describe_machine
from benchmarks.timing import alternate, compare, timed
from benchmarks.workloads import Workload, make_workloads
from spacy_dlfa.atomic import write_json

ROUNDS = 7
#: Many batches, so that workers have equal parts.
WORDS, BATCH_SIZE = 20_000, 64


def main(
    pipeline: Annotated[Path, typer.Argument(help="Folder of a trained pipeline")],
    output: Annotated[Path, typer.Option(dir_okay=False)] = RESULTS / "processes.json",
) -> None:
    """Measure both in turn; write JSON, print words per second and their ratio."""
    short, nlp, count = (
        make_workloads(SMALL._replace(short=WORDS))["short"],
        spacy.load(pipeline),
        torch.get_num_threads(),
    )
    workers = {"threads": 1, "processes": count}
    tasks = {name: timed(partial(predict, nlp, short, n)) for name, n in workers.items()}
    with tqdm(total=(ROUNDS + 1) * len(tasks), leave=False) as bar:
        alternate(tasks, 1, bar.update)
        found = compare(alternate(tasks, ROUNDS, bar.update), "threads")
    for own in found.values():
        own["words_per_s"] = short.words / own["median_s"]
    write_json(
        output,
        {"machine": describe_machine(), "words": short.words, "count": count, "systems": found},
    )
    speedup = found["processes"]["speedup"]
    typer.echo(
        f"{short.words:,} words: one process of {count} threads "
        f"{found['threads']['words_per_s']:,.0f} words/s, {count} processes of one thread "
        f"{found['processes']['words_per_s']:,.0f} words/s; "
        f"{speedup['median']:.2f} times as fast ({speedup['low']:.2f} to {speedup['high']:.2f})"
    )


def predict(nlp: Language, workload: Workload, n_process: int) -> None:
    """Predict in some worker processes, or in this one."""
    for _ in nlp.pipe(workload.texts, n_process=n_process, batch_size=BATCH_SIZE):
        pass


if __name__ == "__main__":
    typer.run(main)
