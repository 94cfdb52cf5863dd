"""Find a sentence's translation by its vector: the nearest neighbour, layer by layer."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy
from numpy.typing import NDArray
from spacy.tokens import Doc
from spacy_transformers.span_getters import configure_get_doc_spans
from thinc.api import to_numpy

from spacy_dlfa.architectures import create_transformer_model
from spacy_dlfa.encoder.encoder import LAST, layer_key
from spacy_dlfa.encoder.rows import rows_of
from spacy_dlfa.pipeline.transformer_model import TransformerModel
from spacy_dlfa.study.probing.parallel import read_english, read_parallel


def retrieval(
    backbone: Path, num_layers: int, collections: dict[str, tuple[Path, ...]]
) -> dict[str, Any]:
    """Measure at every layer how often a sentence's nearest neighbour is its translation.

    A sentence is the mean of its wordpieces' vectors, [CLS] and [SEP] among them, and the mean
    vector of its test set is taken off it (Libovický, Rosa, Fraser 2020, arXiv 2004.05160): what
    all sentences of a language share says nothing of one of them. Nearest is by cosine, among the
    sentences of the other language alone; the mean of both directions counts.

    backbone (Path): Folder of the encoder.
    num_layers (int): Its layers.
    collections (Dict[str, Tuple[Path, ...]]): The test sets of each parallel collection.
    RETURNS (Dict[str, Any]): By collection `sentences`, `chance` and, `by_corpus`, a list with
        the accuracy of each layer from 0, the embeddings, to the last; in per cent.
    """
    model = make_model(str(backbone), list(range(num_layers)))
    found: dict[str, Any] = {}
    for title, paths in collections.items():
        english_docs = read_english(paths)
        english = sentence_vectors(model, english_docs)
        by_corpus, sizes = {}, []
        for name, rows, docs in read_parallel(paths, english_docs):
            foreign = sentence_vectors(model, docs)
            sizes.append(len(rows))
            by_corpus[name] = [
                accuracy(ours[rows], theirs) for ours, theirs in zip(english, foreign, strict=True)
            ]
        found[title] = {
            "sentences": len(english_docs),
            "chance": float(numpy.mean([100 / size for size in sizes])),
            "by_corpus": by_corpus,
        }
    return found


def sentence_vectors(model: TransformerModel, docs: Sequence[Doc]) -> NDArray[Any]:
    """Return the mean wordpiece of each sentence at each layer, (L + 1, N, E)."""
    # What is of like length goes through the encoder together
    order = sorted(range(len(docs)), key=lambda i: len(docs[i]))
    layers = [*map(layer_key, model.settings["hidden_layers"]), LAST]
    vectors = numpy.zeros((len(layers), len(docs), int(model.get_dim("nO"))), dtype="float32")
    for start in range(0, len(order), 64):
        batch = order[start : start + 64]
        for i, data in zip(batch, model.predict([docs[i] for i in batch]).doc_data, strict=True):
            rows = rows_of(data)
            for layer, key in enumerate(layers):
                vectors[layer, i] = to_numpy(rows.layers[key]).mean(axis=0)
    return vectors


def accuracy(x: NDArray[Any], y: NDArray[Any]) -> float:
    """Return how often row i of one side is nearest to row i of the other, in per cent.

    x (Floats2d): (N, E), the sentences of a language.
    y (Floats2d): (N, E), their translations.
    RETURNS (float): The mean of both directions.
    """
    cosines = _normalise(x) @ _normalise(y).T
    target = numpy.arange(len(cosines))
    there = (cosines.argmax(axis=1) == target).mean()
    back = (cosines.argmax(axis=0) == target).mean()
    return float(50 * (there + back))


def _normalise(x: NDArray[Any]) -> NDArray[Any]:
    x = x - x.mean(axis=0)
    return x / numpy.maximum(numpy.linalg.norm(x, axis=1, keepdims=True), 1e-12)


def make_model(name: str, hidden_layers: list[int]) -> TransformerModel:
    """Load an encoder that puts out its last layer, and hidden ones."""
    model = create_transformer_model(
        name, configure_get_doc_spans(), hidden_layers, precision="auto"
    )
    assert isinstance(model, TransformerModel)
    model.initialize()
    return model
