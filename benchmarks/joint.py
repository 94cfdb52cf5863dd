"""What one encoder for several tasks saves over a pipeline for each.

    python -m benchmarks.joint training/joint/model-best training/{ner,tagger,textcat}/model-best

The same raw texts go through the joint pipeline, and through all the others one after the other.
"""

import os

os.environ.setdefault("HF_HUB_OFFLINE", "1")

from functools import partial
from pathlib import Path
from typing import Annotated

import spacy
import typer
from spacy.language import Language
from tqdm import tqdm

from benchmarks.encoders import SMALL
from benchmarks.machine import RESULTS, describe_machine
from benchmarks.timing import alternate, compare, timed
from benchmarks.workloads import Workload, make_workloads
from spacy_dlfa.atomic import check_writable, write_json
from spacy_dlfa.messages import one_sentence

ROUNDS = 7


@one_sentence
def main(
    joint: Annotated[Path, typer.Argument(help="Folder of the joint pipeline")],
    others: Annotated[list[Path], typer.Argument(help="Folders of those for one task each")],
    output: Annotated[Path, typer.Option(dir_okay=False)] = RESULTS / "joint.json",
) -> None:
    """Measure both in turn; write JSON, print words per second and their ratio."""
    check_writable(output)
    short = make_workloads(SMALL)["short"]
    groups = {"joint": [spacy.load(joint)], "separate": [spacy.load(path) for path in others]}
    tasks = {name: timed(partial(predict, nlps, short)) for name, nlps in groups.items()}
    with tqdm(total=(ROUNDS + 1) * len(tasks), leave=False) as bar:
        alternate(tasks, 1, bar.update)
        found = compare(alternate(tasks, ROUNDS, bar.update), "separate")
    for own in found.values():
        own["words_per_s"] = short.words / own["median_s"]
    write_json(output, {"machine": describe_machine(), "words": short.words, "systems": found})
    speedup = found["joint"]["speedup"]
    typer.echo(
        f"{short.words:,} words: joint {found['joint']['words_per_s']:,.0f} words/s, "
        f"{len(others)} pipelines {found['separate']['words_per_s']:,.0f} words/s; "
        f"{speedup['median']:.2f} times as fast ({speedup['low']:.2f} to {speedup['high']:.2f})"
    )


def predict(pipelines: list[Language], workload: Workload) -> None:
    """Predict with all pipelines, one after the other."""
    for nlp in pipelines:
        for _ in nlp.pipe(workload.texts):
            pass


if __name__ == "__main__":
    typer.run(main)
