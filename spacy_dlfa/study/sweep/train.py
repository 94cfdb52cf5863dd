"""One run of a sweep: train with spaCy's loop, score the best checkpoint and the average."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from spacy import registry
from spacy.language import Language
from spacy.schemas import ConfigSchemaTraining
from spacy.tokens import Doc
from spacy.training.initialize import init_nlp
from spacy.training.loop import (
    create_evaluation_callback,
    create_train_batches,
    train_while_improving,
)
from spacy.util import load_model_from_config, resolve_dot_names
from thinc.api import fix_random_seed

from spacy_dlfa.atomic import write_json
from spacy_dlfa.evaluation.labels_seen import labels_seen
from spacy_dlfa.evaluation.record import Part, Run
from spacy_dlfa.evaluation.run import bare, evaluate
from spacy_dlfa.evaluation.settings import TRANSFORMER, run_settings
from spacy_dlfa.evaluation.tasks import task_named
from spacy_dlfa.fusions.variants import find_variants
from spacy_dlfa.study.errors import Errors
from spacy_dlfa.study.inside.run import look_inside
from spacy_dlfa.study.sweep.cached_transformer import cached_transformer
from spacy_dlfa.study.sweep.cells import Cell
from spacy_dlfa.study.sweep.checkpoints import Average, Weights, restore, snapshot
from spacy_dlfa.study.sweep.corpora import read_tests
from spacy_dlfa.study.sweep.features import Features, write_features
from spacy_dlfa.study.sweep.predictions import predict
from spacy_dlfa.study.sweep.settings import Settings, check_unchanged


def encode_corpus(settings: Settings, name: str) -> Path:
    """Write the features of one corpus, for runs with a frozen encoder.

    name (str): "train", "dev", or the name of a test set.
    RETURNS (Path): Their folder.
    """
    every_layer = Cell("mix-all", None, 0)
    nlp = load_model_from_config(settings.config_of(every_layer), auto_fill=True)
    nlp.get_pipe(TRANSFORMER).model.initialize()
    if name in ("train", "dev"):
        (corpus,) = resolve_dot_names(
            nlp.config.interpolate(), [nlp.config["training"][f"{name}_corpus"]]
        )
        # The tokens of both sides: what is trained on, and what is scored.
        docs = [doc for eg in corpus(nlp) for doc in (eg.predicted, eg.reference)]
    else:
        docs = read_tests(settings.tests)[name]
    folder = settings.output / ".features"
    return write_features(nlp, (bare(nlp, doc) for doc in docs), folder, name)


def run_cell(
    settings: Settings, cell: Cell, features: Sequence[Path], fingerprint: dict[str, Any]
) -> None:
    """Train and score one run, and write its JSON.

    features (Sequence[Path]): What `encode_corpus` wrote, if the encoder is frozen.
    fingerprint (Dict[str, Any]): Of the settings when the sweep began.
    RAISES (ValueError): If it is another one when the run begins, or when it ends.
    """
    # The rest of a sweep need not train for hours to fail
    check_unchanged(fingerprint, settings.fingerprint())
    nlp = init_nlp(settings.config_of(cell))
    if settings.frozen:
        use_features(nlp, features)
    best, average = train(nlp, frozen=settings.frozen)
    corpora = read_tests(settings.tests)
    dev = _dev_docs(nlp)
    restore(nlp, best)
    scored, ids = _score(nlp, corpora, dev, settings.task)
    inside = None
    if find_variants()[cell.name].reads == "pair":
        inside = look_inside(nlp, corpora, settings.task)
    restore(nlp, average)
    averaged, _ = _score(nlp, corpora, dev, settings.task)
    run: Run = {
        **run_settings(nlp, settings.task),
        "metric": task_named(settings.task).metric,
        "name": cell.name,
        "fingerprint": fingerprint,
        **scored,
        "ids": ids,
        "inside": inside,
        "average": averaged,
    }
    if labels := labels_seen(nlp):
        run["labels_seen"] = labels
    # Corpora and config were read one by one, and some by the run before
    check_unchanged(fingerprint, settings.fingerprint())
    write_json(settings.run_path(cell), run)


def use_features(nlp: Language, features: Sequence[Path]) -> None:
    """Put a transformer that looks up what it puts out in place of the encoder.

    features (Sequence[Path]): What `encode_corpus` wrote.
    """
    transformer = nlp.get_pipe(TRANSFORMER)
    known = [_read_features(path) for path in features]
    transformer.model = cached_transformer(transformer.model, known)


def train(nlp: Language, *, frozen: bool) -> tuple[Weights, Weights]:
    """Train as `spacy train` does.

    nlp (Language): The initialised pipeline, with the config.
    frozen (bool): Whether the transformer stays as it is.
    RETURNS (Tuple[Weights, Weights]): The checkpoint that is best on English dev, spaCy's
        `model-best`, and the average of all but the one after the very first update.
    RAISES (ValueError): If there is no checkpoint after that.
    """
    T, steps = start(nlp, frozen=frozen)
    best: Weights = {}
    average = Average()
    for _, info, is_best in steps:
        if is_best is None:
            continue
        with nlp.use_params(T["optimizer"].averages):
            weights = snapshot(nlp, T["frozen_components"])
        if is_best:
            best = weights
        if info["step"] > 0:
            average.add(weights)
    if not average.count:
        raise ValueError(
            Errors.DL448.format(eval_frequency=T["eval_frequency"], max_steps=T["max_steps"])
        )
    return best, average.weights()


def start(
    nlp: Language, *, frozen: bool
) -> tuple[dict[str, Any], Iterator[tuple[Any, dict[str, Any], bool | None]]]:
    """Begin to train as `spacy train` does.

    nlp (Language): The initialised pipeline, with the config.
    frozen (bool): Whether the transformer stays as it is.
    RETURNS (Tuple[Dict[str, Any], Iterator]): What `[training]` says, and spaCy's
        `train_while_improving`, which takes a step each time.
    """
    config = nlp.config.interpolate()
    fix_random_seed(config["training"]["seed"])
    T = registry.resolve(config["training"], schema=ConfigSchemaTraining)
    if frozen:
        for name in ("frozen_components", "annotating_components"):
            T[name] = [*T[name], TRANSFORMER]
    train_corpus, dev_corpus = resolve_dot_names(config, [T["train_corpus"], T["dev_corpus"]])
    return T, train_while_improving(
        nlp,
        T["optimizer"],
        create_train_batches(nlp, train_corpus, T["batcher"], T["max_epochs"]),
        create_evaluation_callback(nlp, dev_corpus, T["score_weights"]),
        dropout=T["dropout"],
        accumulate_gradient=T["accumulate_gradient"],
        patience=T["patience"],
        max_steps=T["max_steps"],
        eval_frequency=T["eval_frequency"],
        exclude=T["frozen_components"],
        annotating_components=T["annotating_components"],
        before_update=T["before_update"],
    )


_read_features = cache(Features)


def _dev_docs(nlp: Language) -> list[Doc]:
    (corpus,) = resolve_dot_names(nlp.config.interpolate(), [nlp.config["training"]["dev_corpus"]])
    return [example.reference for example in corpus(nlp)]


def _score(
    nlp: Language, corpora: Mapping[str, list[Doc]], dev: list[Doc], task: str
) -> tuple[Part, dict[str, str]]:
    metric = task_named(task).metric
    on_dev = evaluate(nlp, {"en_dev": dev}, task, raw=False)["scores"]["en_dev"]
    scored = evaluate(nlp, corpora, task, raw=False)
    found = predict(nlp, corpora, task)
    part: Part = {
        "dev": {metric: on_dev[metric]},
        "scores": scored["scores"],
        "averages": scored["averages"],
        "counts": scored["counts"],
        "predictions": found["predictions"],
        "confidence": found["confidence"],
    }
    return part, scored["ids"]
