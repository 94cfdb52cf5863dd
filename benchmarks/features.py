"""What a vector for a document adds where neither text nor vector tells the class alone.

    python -m benchmarks.features --seeds 3

Whether a picture goes with a sentence: the sentences are SIB-200's, of work or of leisure by their
topic, and a picture, a vector that is made, shows the one or the other. Each sentence stands there
twice, once with a picture of each kind, so that who sees the text or the picture alone gets half of
them right. Pictures are the same for the translations of a sentence. The encoder is frozen, and
training is in English alone.
"""

import random
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import mean
from typing import Annotated, Any

import numpy
import spacy
import typer
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example
from spacy.util import fix_random_seed, minibatch
from thinc.api import Adam, warmup_linear
from wasabi import msg

from benchmarks.encoders import E5, ROOT
from benchmarks.machine import RESULTS, describe_machine
from spacy_dlfa.atomic import check_writable, write_json
from spacy_dlfa.corpora.tables import open_table
from spacy_dlfa.corpora.texts import read_texts
from spacy_dlfa.evaluation.encoder_card import read_languages
from spacy_dlfa.languages import is_foreign, language_of
from spacy_dlfa.messages import one_sentence

TEXTS = ROOT / "assets" / "textcat"
WORK = ("science/technology", "health", "politics")
LABELS = ("fits", "does not")
SYSTEMS = {"text": None, "both": "doc._.picture"}
#: Numbers of a picture, and how far the means of both kinds lie apart in standard deviations
WIDTH, APART = 16, 6.0
EPOCHS, BATCH, RATE, WARMUP = 20, 16, 0.003, 40
#: Numbers of foreign test sets, in the order of their names, that a mean is shown of
COUNTS = (1, 2, 5, 10, 20, 30, 40, 50, 60)


@one_sentence
def main(
    seeds: Annotated[int, typer.Option(min=1, help="From 0 on")] = 1,
    output: Annotated[Path, typer.Option(dir_okay=False)] = RESULTS / "features.json",
) -> None:
    """Train with text alone and with both; write JSON, print tables."""
    check_writable(output)
    started = time.process_time()
    Doc.set_extension("picture", default=None, force=True)
    pipelines = [train(seed) for seed in range(seeds)]
    seen = read_languages(E5) or []
    command = f"python -m benchmarks.features --seeds {seeds}"
    made = {"command": command, "machine": describe_machine()}
    scores: dict[str, dict[str, Any]] = {}
    show_row(("Test set", "Language", "Encoder", "Text", "Both", "Gain"))
    tests = {path.stem: path for path in sorted((TEXTS / "test").glob("*.tsv"))}
    for name, path in {"eng_dev": TEXTS / "dev.tsv", **tests}.items():
        docs = list(pipelines[0].get_pipe("transformer").pipe(read(pipelines[0], path)))
        found = {system: [accuracy(nlp, system, docs) for nlp in pipelines] for system in SYSTEMS}
        language = language_of(name).name
        kind = "seen" if language in seen else "unseen"
        scores[name] = {"language": language, "encoder": kind, **found}
        show_row((name, language, kind, *cells([scores[name]])))
        # Each time, so that one who ends it has what was found
        write_json(output, {**made, "cpu_seconds": time.process_time() - started, "scores": scores})
    show(scores)


def show_row(cells: tuple[str, ...]) -> None:
    """Print what is known of a test set as soon as it is."""
    print(*(cell.ljust(18) for cell in cells), flush=True)


def show(scores: dict[str, dict[str, Any]]) -> None:
    """Print the means of more and more foreign test sets."""
    foreign = [row for name, row in scores.items() if is_foreign(name)]
    groups = {str(count): foreign[:count] for count in (*COUNTS, len(foreign))}
    for kind in ("seen", "unseen"):
        groups[f"all {kind}"] = [row for row in foreign if row["encoder"] == kind]
    table = [
        (name, *cells(group), f"{min(map(gain, group)):+.1f}") for name, group in groups.items()
    ]
    header = ("Foreign sets", "Text", "Both", "Gain", "Least gain")
    msg.table(table, header=header, aligns=("l", "r", "r", "r", "r"))


def cells(rows: list[dict[str, Any]]) -> tuple[str, str, str]:
    """Return the means over test sets and seeds, and the gain."""
    text, both = (mean(mean(row[system]) for row in rows) for system in SYSTEMS)
    return f"{text:.1f}", f"{both:.1f}", f"{both - text:+.1f}"


def gain(row: dict[str, Any]) -> float:
    """Return what the pictures add in a test set, in points."""
    return mean(row["both"]) - mean(row["text"])


def read(nlp: Language, path: Path) -> Iterator[Doc]:
    """Read the texts of a table, each twice; a picture says whether it fits."""
    for source in read_texts(open_table(path), nlp):
        is_work = any(source.cats[topic] for topic in WORK)
        for shows_work in (True, False):
            # The sentence's number is the same in all languages.
            rng = numpy.random.default_rng([int(source.user_data["id"]), shows_work])
            doc = source.copy()
            doc._.picture = rng.normal(size=WIDTH).astype("f")
            doc._.picture[0] += APART / 2 if shows_work else -APART / 2
            fits = shows_work == is_work
            doc.cats = dict(zip(LABELS, (float(fits), float(not fits)), strict=True))
            yield doc


def make_pipeline() -> Language:
    """Make a frozen encoder with two classifiers: one that reads texts, one that reads both."""
    tokenizer = {"@tokenizers": "spacy_dlfa.MultilingualTokenizer.v1"}
    nlp = spacy.blank("xx", config={"nlp": {"tokenizer": tokenizer}})
    encoder = {
        "@architectures": "spacy_dlfa.TransformerModel.v1",
        "name": str(E5),
        "get_spans": {"@span_getters": "spacy-transformers.doc_spans.v1"},
        "precision": "auto",
        "learn_rate_factor": 0.0,
    }
    nlp.add_pipe("dlfa_transformer", name="transformer", config={"model": encoder})
    for system, features in SYSTEMS.items():
        tok2vec = {
            "@architectures": "spacy_dlfa.DLFAListener.v1",
            # As topics have it in configs/frozen.cfg. English dev: 94.4, the last layer alone 89.9
            "layer": 11,
            "fusion": {"@layers": "spacy_dlfa.DLFA.v1"},
            "pooling": {"@layers": "reduce_mean.v1"},
            "features": features,
        }
        model = {
            "@architectures": "spacy.TextCatReduce.v1",
            "tok2vec": tok2vec,
            "exclusive_classes": True,
            "use_reduce_first": False,
            "use_reduce_last": False,
            "use_reduce_max": False,
            "use_reduce_mean": True,
        }
        nlp.add_pipe("textcat", name=system, config={"model": model})
    return nlp


def train(seed: int) -> Language:
    """Train both classifiers on the English sentences."""
    fix_random_seed(seed)
    nlp = make_pipeline()
    examples = [Example(doc, doc) for doc in read(nlp, TEXTS / "train.tsv")]
    nlp.initialize(lambda: examples)
    steps = EPOCHS * -(-len(examples) // BATCH)
    schedule: Any = warmup_linear(RATE, WARMUP, steps)
    optimizer = Adam(schedule, L2=0.01, L2_is_weight_decay=True)
    for _ in range(EPOCHS):
        random.shuffle(examples)
        for batch in minibatch(examples, BATCH):
            nlp.update(batch, sgd=optimizer, drop=0.1)
            optimizer.step_schedules()
    return nlp


def accuracy(nlp: Language, system: str, docs: list[Doc]) -> float:
    """Return how many of the encoded documents a classifier gets right, in per cent."""
    component: Any = nlp.get_pipe(system)
    labels = component.labels
    guesses = component.predict(docs).argmax(axis=1)
    right = [doc.cats[labels[guess]] for doc, guess in zip(docs, guesses.tolist(), strict=True)]
    return 100 * mean(right)


if __name__ == "__main__":
    typer.run(main)
