"""Where the time of a pipeline goes.

    python -m benchmarks.profile --encoder mini

Short sentences go through tokenizer, encoder, tagger and entity recognizer one after the other. As
`nlp.pipe` does the same in another order, the parts add up to its time.
"""

import os

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import tempfile
import time
from pathlib import Path
from typing import Annotated, Any

import numpy
import typer
from spacy.language import Language
from spacy.util import minibatch

from benchmarks.encoders import ENCODERS, choose_amounts, find_encoder
from benchmarks.heads import HEADS, save_pipelines
from benchmarks.machine import RESULTS, describe_machine
from benchmarks.systems import SYSTEMS, load_pipeline
from benchmarks.timing import alternate
from benchmarks.workloads import make_workloads
from spacy_dlfa.atomic import check_writable, write_json
from spacy_dlfa.messages import one_sentence

PROFILED = ("dlfa", "last", "dlfa-auto", "last-auto", "dlfa-int8")
ROUNDS = 7


@one_sentence
def main(
    encoder: Annotated[str, typer.Option(help=f"{', '.join(ENCODERS)}, or a folder")] = "mini",
    output: Annotated[Path | None, typer.Option(dir_okay=False)] = None,
) -> None:
    """Measure each part in turn; write JSON, print milliseconds and shares."""
    path = find_encoder(encoder)
    output = output or RESULTS / f"profile-{path.name}.json"
    check_writable(output)
    amounts = choose_amounts(path, quick=False)
    texts = make_workloads(amounts)["short"].texts
    with tempfile.TemporaryDirectory() as folder:
        kinds = ["dlfa", "last"]
        folders, _ = save_pipelines(kinds, path, amounts.head_sentences, Path(folder))
        pipelines = {
            name: load_pipeline(SYSTEMS[name], folders[SYSTEMS[name].kind]) for name in PROFILED
        }
    tasks = {name: lambda nlp=nlp: profile(nlp, texts) for name, nlp in pipelines.items()}
    alternate(tasks, 1, lambda: None)
    rounds = alternate(tasks, ROUNDS, lambda: None)
    found = {
        name: {part: float(numpy.median([each[part] for each in own])) for part in own[0]}
        for name, own in rounds.items()
    }
    write_json(output, {"machine": describe_machine(), "seconds": found})
    typer.echo("| ms, share | " + " | ".join(found) + " |")
    typer.echo("|---" * (len(found) + 1) + "|")
    for part in next(iter(found.values())):
        cells = [
            f"{1000 * own[part]:.0f} ms, {100 * own[part] / sum(own.values()):.0f} %"
            for own in found.values()
        ]
        typer.echo(f"| {part} | " + " | ".join(cells) + " |")


def profile(nlp: Language, texts: list[str]) -> dict[str, float]:
    """Return the seconds that each part takes.

    The encoder is its forward passes, and "windows" what stands around them: wordpieces, cutting,
    and giving each document its part. The fusion includes the pooling of wordpieces.
    """
    transformer = nlp.get_pipe("transformer")
    shim: Any = transformer.model.shim
    forward, encoder = shim.predict, 0.0

    def timed_forward(inputs: Any) -> Any:
        nonlocal encoder
        start = time.perf_counter()
        outputs = forward(inputs)
        encoder += time.perf_counter() - start
        return outputs

    size = nlp.batch_size
    start = time.perf_counter()
    docs = [nlp.make_doc(text) for text in texts]
    tokenized = time.perf_counter()
    shim.predict = timed_forward
    try:
        docs = list(transformer.pipe(docs, batch_size=size))
    finally:
        del shim.predict
    encoded = time.perf_counter()
    found = {
        "spaCy's tokenizer": tokenized - start,
        "encoder": encoder,
        "windows": encoded - tokenized - encoder,
        "fusion": 0.0,
        "heads": 0.0,
    }
    for name in HEADS:
        component = nlp.get_pipe(name)
        start = time.perf_counter()
        docs = list(component.pipe(docs, batch_size=size))
        piped = time.perf_counter()
        for batch in minibatch(docs, size):
            component.model.get_ref("tok2vec").predict(batch)
        fused = time.perf_counter()
        found["fusion"] += fused - piped
        found["heads"] += (piped - start) - (fused - piped)
    return found


if __name__ == "__main__":
    typer.run(main)
