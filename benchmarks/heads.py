"""Train the heads once, and give the same ones to every system that reads the same layer."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example
from spacy.util import fix_random_seed, minibatch
from thinc.api import Adam, Model

from benchmarks.encoders import ROOT
from benchmarks.systems import LAST_LAYER_KINDS, make_pipeline
from spacy_dlfa.corpora.conllu import read_conllu
from spacy_dlfa.corpora.iob2 import read_iob2
from spacy_dlfa.corpora.tables import open_table
from spacy_dlfa.corpora.texts import read_texts

HEADS = ("tagger", "ner")
EPOCHS = 3


def read_gold(nlp: Language, task: str, count: int) -> list[Example]:
    """Read the first English training sentences of a task.

    task (str): "tagger", "ner" or "textcat".
    count (int): The number of sentences.
    """
    assets = ROOT / "assets"
    if task == "tagger":
        docs = read_conllu(assets / "pos" / "en_ewt-train-1.conllu", nlp.vocab)
    elif task == "ner":
        docs = read_iob2(assets / "ner" / "en_ewt-train.iob2", nlp.vocab)
    else:
        docs = read_texts(open_table(assets / "textcat" / "train.tsv"), nlp)
    return [
        Example(Doc(nlp.vocab, [t.text for t in doc], [bool(t.whitespace_) for t in doc]), doc)
        for doc in islice(docs, count)
    ]


def save_pipelines(
    kinds: list[str], encoder: Path, sentences: int, folder: Path
) -> tuple[dict[str, Path], dict[str, str]]:
    """Save a pipeline with a tagger and an entity recognizer for each kind of system.

    The encoder is left as it is: all systems have the same weights there. The heads learn on the
    last layer for all kinds that read it, and behind what is read for "dlfa" and "lower".

    sentences (int): Sentences that the heads learn from.
    folder (Path): Gets a folder for each kind.
    RETURNS (Tuple[Dict[str, Path], Dict[str, str]]): The folders, and by kind what went wrong with
        a library that isn't ours.
    """
    folders, failures = {}, {}
    shared = None
    for kind in kinds:
        try:
            nlp = _initialized(kind, encoder, sentences)
        except Exception as err:
            if kind != "curated":
                raise
            failures[kind] = f"can't load the encoder: {' '.join(str(err).split())}"
            continue
        if kind in LAST_LAYER_KINDS:
            if shared is None:
                shared = nlp if kind == "last" else _initialized("last", encoder, sentences)
                _train(shared, sentences)
            copy_heads(shared, nlp)
        else:
            _train(nlp, sentences)
        # What the loaders of curated transformers are given is a path of this machine.
        nlp.config["initialize"]["components"] = {}
        folders[kind] = folder / kind
        folder.mkdir(exist_ok=True)
        nlp.to_disk(folders[kind])
    return folders, failures


def copy_heads(source: Language, target: Language) -> None:
    """Copy the parameters of all components that stand on the encoder."""
    for name in source.pipe_names:
        if name != "transformer":
            pairs = zip(
                _head_nodes(source.get_pipe(name).model),
                _head_nodes(target.get_pipe(name).model),
                strict=True,
            )
            for ours, theirs in pairs:
                for param in ours.param_names:
                    if ours.has_param(param):
                        theirs.set_param(param, ours.get_param(param).copy())


def _head_nodes(model: Model) -> Iterator[Model]:
    """Walk a model, leaving out the listener and what it pools with."""
    if model.has_ref("listener") or model.name == "last_transformer_layer_listener":
        return
    yield model
    for layer in model.layers:
        yield from _head_nodes(layer)


def _initialized(kind: str, encoder: Path, sentences: int) -> Language:
    nlp = make_pipeline(kind, encoder, HEADS)
    fix_random_seed(0)
    nlp.initialize(lambda: [eg for task in HEADS for eg in read_gold(nlp, task, sentences)])
    return nlp


def _train(nlp: Language, sentences: int) -> None:
    optimizer = Adam(0.01, use_averages=False)
    for task in HEADS:
        examples = read_gold(nlp, task, sentences)
        # Encoded once: the encoder doesn't learn.
        list(nlp.get_pipe("transformer").pipe(eg.predicted for eg in examples))
        for _ in range(EPOCHS):
            for batch in minibatch(examples, 32):
                nlp.get_pipe(task).update(batch, sgd=optimizer, losses={})
