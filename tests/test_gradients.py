"""Finite differences through two components with different layers on one encoder."""

import numpy as np
import pytest
import spacy
import torch
from spacy.training import Example

from tests.fusions.test_fusions import FUSIONS, make_double, name_of, randomize
from tests.pipelines import listener_config, tag_examples, transformer_config

LOWER, UPPER = 1, 3
STEP = 1e-5
# Encoder parameters below, between and above the two layers, and the layers that they make.
PARAMETERS = {
    "embeddings.word_embeddings.weight": 0,
    "encoder.layer.0.attention.self.value.weight": 1,
    "encoder.layer.1.output.dense.weight": 2,
    "encoder.layer.2.intermediate.dense.bias": 3,
    "encoder.layer.3.attention.output.dense.weight": 4,
    "encoder.layer.3.output.LayerNorm.bias": 4,
}


@pytest.fixture(params=FUSIONS, ids=name_of)
def nlp(request, bert):
    nlp = spacy.blank("xx")
    # Windows of 4 tokens with stride 3: the overlaps must add up, too.
    spans = {"@span_getters": "spacy-transformers.strided_spans.v1", "window": 4, "stride": 3}
    config = transformer_config(bert, get_spans=spans)
    nlp.add_pipe("dlfa_transformer", name="transformer", config=config)
    for layer in (LOWER, UPPER):
        tok2vec = listener_config(layer, request.param, grad_factor=0.5 if layer == UPPER else 1.0)
        model = {"@architectures": "spacy.Tagger.v2", "tok2vec": tok2vec}
        nlp.add_pipe("tagger", name=f"tagger_{layer}", config={"model": model})
    nlp.initialize(lambda: tag_examples(nlp))
    for layer in (LOWER, UPPER):
        randomize(fusion_of(nlp, layer))
        make_double(fusion_of(nlp, layer))
    nlp.get_pipe("transformer").model.transformer.double()
    return nlp


def tok2vec_of(nlp, layer):
    return nlp.get_pipe(f"tagger_{layer}").model.get_ref("tok2vec")


def fusion_of(nlp, layer):
    return tok2vec_of(nlp, layer).layers[1].layers[0]


def forward(nlp, docs):
    """Run a training step's forward passes; returns vectors and callback of both components."""
    examples = [Example(doc, doc) for doc in docs]
    nlp.get_pipe("transformer").update(examples)
    return [tok2vec_of(nlp, layer).begin_update(docs) for layer in (LOWER, UPPER)]


def objective(nlp, docs, dYs):
    """A linear function of all token vectors, weighed by each component's grad_factor."""
    results = forward(nlp, docs)
    total = 0.0
    for (Y, _), dY, factor in zip(results, dYs, (1.0, 0.5)):
        total += factor * sum(float((y * dy).sum()) for y, dy in zip(Y, dY))
    return total


def test_gradients_arrive_at_both_depths(nlp):
    docs = [nlp.make_doc(text) for text in ("Anna lives in Oslo .", "", "Berlin is big and old")]
    rng = np.random.default_rng(0)
    dYs = [[rng.normal(size=y.shape) for y in Y] for Y, _ in forward(nlp, docs)]
    encoder = nlp.get_pipe("transformer").model.transformer
    encoder.zero_grad()
    for (_, backprop), dY in zip(forward(nlp, docs), dYs):
        backprop([dy.copy() for dy in dY])
    parameters = dict(encoder.named_parameters())
    # Of a fusion of lower layers, what lies above gets nothing.
    reads_lower = fusion_of(nlp, UPPER).attrs["reads"] == "lower"
    for name, layer in PARAMETERS.items():
        parameter = parameters[name]
        if reads_lower and layer > UPPER:
            assert parameter.grad is None, name
            continue
        analytic_gradient = parameter.grad.clone()
        # Along the gradient the difference is largest against rounding.
        direction = analytic_gradient / analytic_gradient.norm()
        analytic = float((analytic_gradient * direction).sum())
        original = parameter.data.clone()
        with torch.no_grad():
            parameter.copy_(original + STEP * direction)
            up = objective(nlp, docs, dYs)
            parameter.copy_(original - STEP * direction)
            down = objective(nlp, docs, dYs)
            parameter.copy_(original)
        assert analytic > 1e-3, name
        assert (up - down) / (2 * STEP) == pytest.approx(analytic, rel=1e-2), name


def test_one_encoder_gets_the_sum_of_two_components(nlp):
    """Both components together, or each alone: the encoder's gradients add up."""
    docs = [nlp.make_doc("Anna lives in Oslo ."), nlp.make_doc("Berlin")]
    encoder = nlp.get_pipe("transformer").model.transformer
    name = "encoder.layer.0.attention.self.value.weight"

    def gradient(use_lower, use_upper):
        encoder.zero_grad()
        for (Y, backprop), use in zip(forward(nlp, docs), (use_lower, use_upper)):
            backprop([np.full_like(y, float(use)) for y in Y])
        return dict(encoder.named_parameters())[name].grad.clone()

    both = gradient(True, True)
    alone = gradient(True, False) + gradient(False, True)
    torch.testing.assert_close(both, alone, rtol=1e-3, atol=1e-5)
    assert both.abs().sum() > 0
