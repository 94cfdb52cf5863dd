"""What less precision costs in zero-shot scores.

    python -m benchmarks.accuracy training/ner/model-best corpus/ner/test

A trained pipeline is scored on each test set once for each precision, on gold tokens.
"""

import os

os.environ.setdefault("HF_HUB_OFFLINE", "1")

from pathlib import Path
from typing import Annotated, Any

import spacy
import typer
from tqdm import tqdm

from benchmarks.machine import RESULTS, describe_machine
from benchmarks.workloads import find_test_sets
from spacy_dlfa.atomic import check_writable, write_json
from spacy_dlfa.evaluation.gold import GoldCorpora, infer_task
from spacy_dlfa.evaluation.run import evaluate
from spacy_dlfa.messages import one_sentence

PRECISIONS = ("fp32", "bf16", "int8")


@one_sentence
def main(
    pipeline: Annotated[Path, typer.Argument(help="Folder of a trained pipeline")],
    corpora: Annotated[list[Path], typer.Argument(help="Test sets, or folders of them")],
    output: Annotated[Path, typer.Option(dir_okay=False)] = RESULTS / "accuracy.json",
) -> None:
    """Score a pipeline in each precision; write JSON, print a table."""
    check_writable(output)
    paths = find_test_sets(corpora)
    found: dict[str, Any] = {"machine": describe_machine(), "scores": {}}
    with tqdm(total=len(PRECISIONS) * len(paths), unit="set", leave=False) as bar:
        for precision in PRECISIONS:
            setting = {"components.transformer.model.precision": precision}
            gold = GoldCorpora(spacy.load(pipeline, config=setting), paths)
            task = infer_task(gold)
            if gold.failures:
                raise ValueError("; ".join(gold.failures))
            scored = evaluate(gold.nlp, gold, task, raw=False, progress=lambda name: bar.update())
            metric = found["metric"] = scored["metric"]
            found["scores"][precision] = {
                "mean": scored["averages"]["all"][scored["metric"]],
                **{name: row[metric] for name, row in scored["scores"].items()},
            }
    write_json(output, found)
    names = list(found["scores"]["fp32"])
    typer.echo(f"| {found['metric']} | " + " | ".join(PRECISIONS) + " |")
    typer.echo("|---" * (len(PRECISIONS) + 1) + "|")
    for name in names:
        scores = [found["scores"][precision][name] for precision in PRECISIONS]
        cells = [f"{score:.1f}" for score in scores]
        typer.echo(f"| {name if name != 'mean' else 'mean, foreign'} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    typer.run(main)
