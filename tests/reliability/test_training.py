"""Training that hurts; the numbers are those of docs/reliability.md."""

import math
import warnings

import numpy
import pytest
import spacy
import torch
from spacy.tokens import Doc
from spacy.training import Example
from spacy.util import fix_random_seed
from thinc.api import Adam

from tests.pipelines import listener_config
from tests.reliability.pipelines import (
    NER,
    examples,
    labels,
    ours,
    parameters,
    step,
    stock_listeners,
    train,
    vectors,
    weights,
)

TEXT = "Anna lives in Oslo ."


@pytest.fixture
def nlp(bert):
    """A pipeline after its first steps."""
    return train(ours(bert), steps=3)


def example(nlp, words, **gold):
    return Example.from_dict(Doc(nlp.vocab, words=words), gold)


def encoder(nlp):
    return nlp.get_pipe("transformer").model.transformer


def embeddings(nlp):
    return encoder(nlp).embeddings.word_embeddings.weight


def finite(nlp):
    return all(parameter.isfinite().all() for parameter in encoder(nlp).parameters()) and all(
        numpy.isfinite(vectors(nlp, doc)).all() for doc in nlp.pipe([TEXT, "Oslo"])
    )


BATCHES = {
    "one document": [["Anna", "lives"]],
    "one token": [["Oslo"]],
    "one token in each": [["Oslo"], ["Anna"], ["a"]],
    "an empty one": [["Anna", "lives"], [], ["in", "Oslo"]],
    "one of white space": [["\n"]],
    "longer than a window": [["Anna", "lives"] * 100, ["Oslo"]],
}


@pytest.mark.parametrize("name", BATCHES)
def test_batches_that_hurt(nlp, name):
    """Faults 23 and 24: small, empty and long documents train."""
    batch = [
        example(nlp, words, tags=["PROPN"] * len(words), entities=["O"] * len(words))
        for words in BATCHES[name]
    ]
    for _ in range(3):
        assert all(math.isfinite(loss) for loss in step(nlp, batch, Adam(0.01)).values())
    assert finite(nlp)


@pytest.mark.parametrize("size", [1, 3])
def test_only_empty_documents_train_nothing(nlp, size):
    """Fault 2: not a bit changes."""
    before = weights(nlp)
    losses = step(nlp, [example(nlp, []) for _ in range(size)], Adam(0.01))
    assert weights(nlp) == before
    assert all(loss == 0 for loss in losses.values())


def test_only_empty_documents_in_a_component_that_asks_for_them(bert):
    """Fault 2: `span_finder` runs its model on any batch."""
    nlp = ours(bert)
    finder = {"@architectures": "spacy.SpanFinder.v1", "tok2vec": listener_config()}
    scorer = {"@layers": "spacy.LinearLogistic.v1", "nO": 2}
    nlp.add_pipe("span_finder", config={"model": {**finder, "scorer": scorer}})
    train(nlp, steps=1)
    before = weights(nlp)
    losses = step(nlp, [example(nlp, []) for _ in range(2)], Adam(0.01))
    assert weights(nlp) == before
    assert losses["span_finder"] == 0


@pytest.mark.parametrize("value", [numpy.nan, numpy.inf])
@pytest.mark.parametrize("key", ["last_hidden_state", "layer_1"])
def test_hidden_states_that_are_not_finite(nlp, value, key):
    """Fault 25: an error that names the layer and the text, before a weight changes."""
    layer = 1 if key == "layer_1" else 4
    bias = encoder(nlp).encoder.layer[layer - 1].output.LayerNorm.bias
    with torch.no_grad():
        bias[0] = float(value)
    before = weights(nlp)
    with pytest.raises(
        FloatingPointError, match=rf"'s (last_hidden_state|{key}).*text 'Anna lives"
    ):
        step(nlp, examples(nlp), Adam(0.01))
    assert weights(nlp) == before


FROZEN = {"exclude": ["transformer"], "annotates": ["transformer"]}


@pytest.mark.parametrize("settings", [FROZEN, {}], ids=["frozen and annotating", "own encoder"])
def test_hidden_states_that_are_not_finite_elsewhere(nlp, settings):
    """Fault 25, where the component's own step of training has no part in it."""
    with torch.no_grad():
        embeddings(nlp).fill_(float("nan"))
    if not settings:
        for name in ("ner", "tagger"):
            nlp.replace_listeners("transformer", name, ["model.tok2vec"])
        nlp.remove_pipe("transformer")
    before = {name: nlp.get_pipe(name).to_bytes() for name in ("ner", "tagger")}
    with pytest.raises((FloatingPointError, RuntimeError), match=r"\[DL057\].*text 'Anna lives"):
        nlp.update(examples(nlp), sgd=Adam(0.01), **settings)
    assert {name: nlp.get_pipe(name).to_bytes() for name in before} == before


def test_prediction_of_what_is_not_finite_is_an_error(nlp):
    """Fault 25: of the text alone that it is found in."""
    unknown = nlp.get_pipe("transformer").model.tokenizer("Oslo", add_special_tokens=False)
    with torch.no_grad():
        embeddings(nlp)[unknown["input_ids"][0]] = float("nan")
    failed = []
    nlp.get_pipe("transformer").set_error_handler(
        lambda name, component, docs, error: failed.append(str(error))
    )
    assert [doc.text for doc in nlp.pipe(["Anna", "Oslo", "big"])] == ["Anna", "big"]
    assert ["[DL057]" in error for error in failed] == [True]


def spoil_gradients(patch, nlp, name, value):
    """Put a number into what a component sends to its encoder."""
    reader = nlp.get_pipe(name).model.get_ref("tok2vec").layers[1]
    forward = reader._func

    def spoiled(model, X, is_train):
        Y, backprop = forward(model, X, is_train)

        def spoil(dY):
            (dY[0] if isinstance(dY, list) else dY).flat[0] = value
            return backprop(dY)

        return Y, spoil

    patch.setattr(reader, "_func", spoiled)


@pytest.mark.parametrize("value", [numpy.nan, numpy.inf, -numpy.inf])
@pytest.mark.parametrize("name", ["ner", "tagger"])
def test_gradients_that_are_not_finite(nlp, monkeypatch, name, value):
    """Fault 26: an error that names the component; neither this step nor the next applies it."""
    before = parameters(nlp)
    with monkeypatch.context() as patch:
        spoil_gradients(patch, nlp, name, value)
        with pytest.raises(FloatingPointError, match=rf"\[components\.{name}\].*not finite"):
            step(nlp, examples(nlp), Adam(0.01))
    assert parameters(nlp) == before
    assert all(math.isfinite(loss) for loss in step(nlp, examples(nlp), Adam(0.01)).values())
    assert parameters(nlp) != before
    assert finite(nlp)


@pytest.mark.parametrize("value", [numpy.nan, numpy.inf])
def test_gradients_that_are_not_finite_elsewhere(nlp, monkeypatch, value):
    """Fault 26, in a component with an encoder of its own."""
    nlp.replace_listeners("transformer", "tagger", ["model.tok2vec"])
    spoil_gradients(monkeypatch, nlp, "tagger", value)
    before = parameters(nlp)
    with pytest.raises(FloatingPointError, match=r"\[DL056\].*encoder of its own.*not finite"):
        nlp.update(examples(nlp), sgd=Adam(0.01))
    after = parameters(nlp)
    # Components before it have learnt
    assert after != before
    own = {key for key in before if key[0] == "tagger"}
    assert own
    assert all(after[key] == before[key] for key in own)


def test_the_last_component_has_nothing_to_learn(bert):
    """The encoder learns from the others, though the last one sends no gradient."""
    nlp = ours(bert)
    # It passes by what has no entities.
    nlp.add_pipe("ner", name="last", config={"model": {**NER, "tok2vec": listener_config(2)}})
    train(nlp, steps=1)
    before = embeddings(nlp).clone()
    step(nlp, [example(nlp, ["Anna", "lives"], tags=["PROPN", "VERB"])], Adam(0.01))
    assert not embeddings(nlp).equal(before)


def test_the_last_component_is_frozen(nlp):
    """The encoder learns from the others, and the frozen one stays as it is."""
    before, frozen = embeddings(nlp).clone(), nlp.get_pipe("tagger").to_bytes()
    step(nlp, examples(nlp), Adam(0.01), exclude=["tagger"])
    assert not embeddings(nlp).equal(before)
    assert nlp.get_pipe("tagger").to_bytes() == frozen


def test_gradients_of_components_add_up(bert):
    """What reads layer 1 and what reads layer 2, each alone and both together."""
    nlp = train(ours(bert, fusion={"@layers": "spacy_dlfa.LayerMean.v1"}), steps=3)
    found = []
    embeddings(nlp).register_hook(lambda gradient: found.append(gradient.clone()))
    for exclude in (["ner"], ["tagger"], []):
        step(nlp, examples(nlp), Adam(0.0), exclude=exclude)
    torch.testing.assert_close(found[0] + found[1], found[2])


@pytest.mark.parametrize("names", [["ner"], ["tagger"], ["ner", "tagger"]])
def test_stock_listeners_beside_ours(bert, names):
    """Stock listeners send the gradient of the last layer only."""
    nlp = train(ours(bert, listeners=stock_listeners(names)), steps=1)
    before = embeddings(nlp).clone()
    step(nlp, examples(nlp), Adam(0.01))
    assert not embeddings(nlp).equal(before)
    assert finite(nlp)


def test_an_error_in_a_component_spoils_no_later_step(nlp, monkeypatch):
    """A batch that a component can't take; the next one trains."""
    tagger = nlp.get_pipe("tagger")
    with monkeypatch.context() as patch:
        patch.setattr(tagger.model, "_func", lambda *args, **kwargs: pytest.fail("broken"))
        with pytest.raises(pytest.fail.Exception, match="broken"):
            step(nlp, examples(nlp), Adam(0.01))
    step(nlp, examples(nlp), Adam(0.01))
    assert finite(nlp)


CORPORA = {
    "no entity": {"entities": ["O", "O"], "tags": ["NOUN", "VERB"]},
    "one label": {"entities": ["U-PER", "O"], "tags": ["NOUN", "NOUN"]},
    "no annotation": {"tags": ["NOUN", "VERB"]},
}


@pytest.mark.parametrize("name", CORPORA)
def test_corpora_that_hurt(bert, name):
    """Fault 46: a corpus without entities, with one label, without one kind of annotation."""
    nlp = ours(bert)
    batch = [example(nlp, ["Anna", "lives"], **CORPORA[name])]
    fix_random_seed(0)
    nlp.initialize(lambda: batch)
    for _ in range(3):
        step(nlp, batch, Adam(0.01))
    assert finite(nlp)
    tags = {token.tag_ for token in nlp("Anna lives")}
    assert tags <= set(CORPORA[name]["tags"])


def test_labels_that_the_model_does_not_know(nlp):
    """Fault 46: entities of a new kind are taken up; a new tag is an error that names it."""
    step(nlp, [example(nlp, ["Anna", "lives"], entities=["U-NEW", "O"])], Adam(0.01))
    assert nlp.get_pipe("ner").labels == ("LOC", "NEW", "ORG", "PER")
    before = parameters(nlp)
    with pytest.raises(KeyError, match="NEW"):
        step(nlp, [example(nlp, ["Anna", "lives"], tags=["NEW", "VERB"])], Adam(0.01))
    assert parameters(nlp) == before
    assert finite(nlp)


def test_accumulated_gradients(bert):
    """Fault 44: two halves of a batch without dropout give the gradient of the whole."""
    gradients = []
    for parts in (1, 2):
        nlp = train(ours(bert, fusion={"@layers": "spacy_dlfa.LayerMean.v1"}), steps=3)
        batch = examples(nlp)[:2]
        size = len(batch) // parts
        for start in range(0, len(batch), size):
            nlp.update(batch[start : start + size], sgd=False)
        gradients.append(embeddings(nlp).grad.clone())
    torch.testing.assert_close(*gradients, rtol=1e-3, atol=1e-4)


def test_the_same_seed_gives_the_same_weights(bert):
    """Fault 43: bit by bit, on a CPU."""
    left, right = (weights(train(ours(bert), steps=3)) for _ in range(2))
    assert left == right


def test_rehearsal_is_no_forgetting(nlp):
    """Fault 39: spaCy's `rehearse` of a component passes the encoder by."""
    before = embeddings(nlp).clone()
    nlp.rehearse(examples(nlp), sgd=Adam(0.01))
    assert embeddings(nlp).equal(before)


def test_dev_without_entities_has_no_score(trained):
    """Fault 46: None, where nothing could be found, and not 0."""
    trained_on = [example(trained, ["x", "y"], tags=["NOUN", "VERB"])]
    assert trained.evaluate(trained_on)["ents_f"] is None


def test_initialised_twice(nlp):
    """Fault 41: labels are kept, components begin anew, and the encoder is said not to."""
    before, kept = nlp.get_pipe("tagger").labels, embeddings(nlp).clone()
    learnt = nlp.get_pipe("tagger").model.to_bytes()
    with pytest.warns(UserWarning, match=r"\[DL913\].*make a new pipeline"):
        nlp.initialize(lambda: examples(nlp))
    assert nlp.get_pipe("tagger").labels == before
    assert nlp.get_pipe("tagger").model.to_bytes() != learnt
    assert embeddings(nlp).equal(kept)
    step(nlp, examples(nlp), Adam(0.01))
    assert labels(nlp(TEXT))


def test_a_copy_of_an_encoder_that_has_learnt(nlp):
    nlp.replace_listeners("transformer", "tagger", ["model.tok2vec"])
    nlp.remove_pipe("transformer")
    with pytest.warns(UserWarning, match=r"\[DL913\]"):
        nlp.initialize(lambda: examples(nlp))


@pytest.mark.parametrize("learn_rate_factor", [0.0, 1.0])
def test_initialised_again_before_the_encoder_has_learnt(bert, tmp_path, learn_rate_factor):
    """No warning: it is as it was loaded, frozen or of a pipeline that was trained before."""
    nlp = train(ours(bert, learn_rate_factor=learn_rate_factor), steps=2)
    nlp.to_disk(tmp_path)
    again = nlp if learn_rate_factor == 0 else spacy.load(tmp_path)
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message=r"\[DL913\]")
        again.initialize(lambda: examples(again))
