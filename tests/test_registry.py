"""The public names; a name that changes breaks configs and saved pipelines."""

import inspect

import pytest
import spacy
from spacy import registry

# Name, and its arguments in a config with their defaults (... where there is none).
PUBLIC = {
    ("architectures", "spacy_dlfa.TransformerModel.v1"): {
        "name": ...,
        "get_spans": ...,
        "hidden_layers": ...,
        "tokenizer_config": {},
        "transformer_config": {},
        "mixed_precision": False,
        "grad_scaler_config": {},
        "precision": "fp32",
        "window": 128,
        "separator": None,
        "freeze_below": 0,
        "learn_rate_factor": 1.0,
    },
    ("architectures", "spacy_dlfa.DLFAListener.v1"): {
        "layer": ...,
        "fusion": ...,
        "pooling": ...,
        "grad_factor": 1.0,
        "upstream": "*",
    },
    ("architectures", "spacy_dlfa.DLFATok2Vec.v1"): {
        "name": ...,
        "get_spans": ...,
        "hidden_layers": ...,
        "layer": ...,
        "fusion": ...,
        "pooling": ...,
        "tokenizer_config": {},
        "transformer_config": {},
        "mixed_precision": False,
        "grad_scaler_config": {},
        "precision": "fp32",
        "window": 128,
        "separator": None,
        "freeze_below": 0,
        "learn_rate_factor": 1.0,
        "grad_factor": 1.0,
    },
    ("layers", "spacy_dlfa.DLFA.v1"): {"reduction": 4, "gate": "sigmoid", "norm": "batch"},
    ("layers", "spacy_dlfa.AIF.v1"): {"reduction": 4, "norm": "batch"},
    ("layers", "spacy_dlfa.LastLayer.v1"): {},
    ("layers", "spacy_dlfa.LayerMean.v1"): {},
    ("layers", "spacy_dlfa.ScalarMix.v1"): {"layers": "pair"},
    ("tokenizers", "spacy_dlfa.MultilingualTokenizer.v1"): {},
}


@pytest.mark.parametrize(("kind", "name"), PUBLIC, ids=str)
def test_public_name_and_arguments(kind, name):
    signature = inspect.signature(registry.get(kind, name))
    arguments = {
        key: ... if parameter.default is parameter.empty else parameter.default
        for key, parameter in signature.parameters.items()
    }
    assert arguments == PUBLIC[kind, name]


def test_nothing_else_is_registered():
    for kind in {kind for kind, _ in PUBLIC}:
        entry_points = getattr(registry, kind).get_entry_points()
        ours = {name for name in entry_points if name.startswith("spacy_dlfa")}
        assert ours == {name for where, name in PUBLIC if where == kind}


def test_the_tokenizer_is_found_without_an_import():
    config = {"nlp": {"tokenizer": {"@tokenizers": "spacy_dlfa.MultilingualTokenizer.v1"}}}
    nlp = spacy.blank("xx", config=config)
    assert [token.text for token in nlp("我住在北京。")] == ["我", "住在", "北京", "。"]
