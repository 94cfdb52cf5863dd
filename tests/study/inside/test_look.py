import pytest
import torch

from spacy_dlfa.study.inside.look import find_gates, fused_tok2vec, look, token_weights
from tests.pipelines import DLFA, tagger_pipeline


@pytest.fixture
def gated(bert):
    nlp = tagger_pipeline(bert)
    # A gate that has learnt something
    fusion = find_gates(nlp)["tagger"].layers[1].layers[0]
    with torch.no_grad():
        fusion.shims[0]._model.aif.local.expand_norm.weight.fill_(1.0)
    return nlp


def test_weights_of_tokens(bert):
    nlp = tagger_pipeline(bert)
    doc = nlp("Anna  lives in Oslo .")
    weights = token_weights(fused_tok2vec(nlp, "tagger"), doc)
    assert len(weights) == len(doc)
    # A gate that has learnt nothing yet; white space has no wordpiece
    assert [weight is None for weight in weights] == [token.is_space for token in doc]
    of_words = [weight for weight in weights if weight is not None]
    assert of_words == pytest.approx([0.5] * len(of_words))


def test_weights_differ_and_lie_between_0_and_1(gated):
    weights = token_weights(find_gates(gated)["tagger"], gated("Anna lives in Oslo ."))
    assert len({*weights}) > 2
    assert all(0 < weight < 1 for weight in weights)


def test_many_documents_have_the_weights_of_each(gated):
    docs = [gated(text) for text in ("Anna  lives in Oslo .", "Berlin is big", "She works")]
    tok2vec = find_gates(gated)["tagger"]
    seen = look(gated, "tagger", tok2vec, [gated.make_doc(""), *docs])
    assert seen.docs == docs
    for own, doc in zip(seen.weights, docs, strict=True):
        assert own == pytest.approx(token_weights(tok2vec, doc), abs=1e-5)
    assert seen.lower.shape == seen.last.shape == seen.fused.shape == (3, seen.last.shape[1])
    assert all(length > 0 for length in seen.norms)


@pytest.mark.parametrize("kind", ["LowerLayer", "LastLayer"])
def test_a_layer_alone_has_no_gate(bert, kind):
    nlp = tagger_pipeline(bert, fusion={**DLFA, "@layers": f"spacy_dlfa.{kind}.v1"})
    with pytest.raises(ValueError, match=r"DL491.*transformer, tagger"):
        find_gates(nlp)
