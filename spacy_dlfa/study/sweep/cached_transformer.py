"""A transformer whose output is looked up: the encoder is frozen, and has seen the documents."""

import dataclasses
from collections.abc import Callable, Sequence

from spacy.tokens import Doc
from spacy_transformers.data_classes import FullTransformerBatch, TransformerData
from thinc.api import Model

from spacy_dlfa.pipeline.kept_states import key_of
from spacy_dlfa.pipeline.transformer_model import TransformerModel
from spacy_dlfa.study.sweep.features import Features


def cached_transformer(
    transformer: TransformerModel, features: Sequence[Features]
) -> Model[list[Doc], FullTransformerBatch]:
    """Look up what a frozen transformer puts out; other documents are encoded.

    transformer (TransformerModel): The model of a `transformer` component; the layers that it
        puts out are served.
    features (Sequence[Features]): The encoded corpora.
    """
    return Model(
        "cached_transformer",
        _forward,
        layers=[transformer],
        dims={"nO": int(transformer.get_dim("nO"))},
        attrs={"features": features, "outputs": transformer.outputs},
    )


def _forward(
    model: Model, docs: list[Doc], is_train: bool
) -> tuple[FullTransformerBatch, Callable[[FullTransformerBatch], list]]:
    doc_data = [_look_up(model, doc) for doc in docs]
    unknown = [doc for doc, data in zip(docs, doc_data, strict=True) if data is None]
    encoded = iter(model.layers[0].predict(unknown).doc_data if unknown else [])
    doc_data = [next(encoded) if data is None else data for data in doc_data]
    batch = FullTransformerBatch.empty(len(docs))
    return dataclasses.replace(batch, cached_doc_data=doc_data), lambda d_output: []


def _look_up(model: Model, doc: Doc) -> TransformerData | None:
    if not len(doc):
        return TransformerData.empty()
    key = key_of(doc)
    for features in model.attrs["features"]:
        if key in features:
            data = features.get(key, model.attrs["outputs"])
            for layer, output in data.model_output.items():
                data.model_output[layer] = model.ops.asarray(output)
            return data
    return None
