"""A step of training in which the last component has nothing to say: nothing of it is lost."""

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import spacy
import torch
from spacy.tokens import Doc
from spacy.training import Example
from thinc.api import Adam

from tests.pipelines import listener_config, tag_examples, tagger_pipeline
from tests.reliability.pipelines import NER


def without_entities(nlp):
    doc = Doc(nlp.vocab, words=["Anna", "lives"])
    return [Example.from_dict(doc, {"tags": ["PROPN", "VERB"]})]


def pipeline(bert, **settings):
    """A tagger, and `ner` behind it, which passes by what has no entities."""
    nlp = tagger_pipeline(bert, **settings)
    nlp.add_pipe("ner", config={"model": {**NER, "tok2vec": listener_config(2)}})
    nlp.get_pipe("ner").add_label("PER")
    nlp.get_pipe("ner").initialize(lambda: tag_examples(nlp), nlp=nlp)
    return nlp


def train(nlp):
    """The tagger's softmax starts at zero, and sends no gradient in its first step."""
    for _ in range(2):
        nlp.update(tag_examples(nlp), sgd=Adam(0.01))
        nlp.get_pipe("transformer").finish_update(Adam(0.01))
    return nlp


def test_examples_come_once(bert):
    nlp = tagger_pipeline(bert)
    examples, losses = tag_examples(nlp), {}
    nlp.get_pipe("transformer").update((each for each in examples), losses=losses)
    nlp.get_pipe("tagger").update(examples, losses=losses)
    assert losses.keys() == {"transformer", "tagger"}


def weight_of(nlp):
    return next(nlp.get_pipe("transformer").model.transformer.parameters())


WAYS = {
    "to_disk": lambda nlp, folder: nlp.to_disk(folder),
    "to_bytes": lambda nlp, folder: nlp.to_bytes(),
    "pickle": lambda nlp, folder: pickle.dumps(nlp.get_pipe("transformer")),
}


@pytest.mark.parametrize("way", WAYS)
def test_the_encoder_has_learnt_before_it_is_saved(bert, tmp_path, way):
    nlp = train(pipeline(bert))
    before = weight_of(nlp).detach().clone()
    nlp.update(without_entities(nlp), sgd=Adam(0.01))
    WAYS[way](nlp, tmp_path)
    learnt = weight_of(nlp).detach().clone()
    assert not learnt.equal(before)
    nlp.get_pipe("transformer").finish_update(Adam(0.01))
    assert weight_of(nlp).equal(learnt)


def test_it_has_learnt_before_averages_take_its_place(bert):
    """So that what is put back are the weights after the step."""
    nlp = train(pipeline(bert))
    optimizer = Adam(0.01, use_averages=True)
    nlp.update(tag_examples(nlp), sgd=optimizer)
    nlp.get_pipe("transformer").finish_update(optimizer)
    before = weight_of(nlp).detach().clone()
    nlp.update(without_entities(nlp), sgd=optimizer)
    with nlp.use_params(optimizer.averages):
        nlp("Anna")
    learnt = weight_of(nlp).detach().clone()
    assert not learnt.equal(before)
    nlp("Anna")
    assert weight_of(nlp).equal(learnt)


def predicted(nlp):
    """The encoder's output for a text."""
    return nlp("Anna lives")._.trf_data.model_output.last_hidden_state


def in_inference_mode(nlp):
    with torch.inference_mode():
        return predicted(nlp)


def by_the_component(nlp):
    batch = nlp.get_pipe("transformer").predict([nlp.make_doc("Anna lives")])
    return batch.model_output.last_hidden_state.numpy()


@pytest.mark.parametrize("predict", [predicted, in_inference_mode, by_the_component])
def test_the_encoder_has_learnt_before_it_predicts(bert, predict):
    """So that saving doesn't change what it predicts."""
    nlp = train(pipeline(bert))
    before = predicted(nlp)
    nlp.update(without_entities(nlp), sgd=Adam(0.01))
    found = predict(nlp)
    assert np.abs(found - before).max() > 1e-3
    nlp.to_bytes()
    np.testing.assert_array_equal(predicted(nlp), found)


@pytest.mark.parametrize("way", ["predict", *WAYS])
def test_another_thread_leaves_a_step_to_the_one_that_trains(bert, tmp_path, way):
    """Which may have more to come, until it has ended."""
    act = WAYS.get(way, lambda nlp, folder: predicted(nlp))
    nlp = train(pipeline(bert))
    before = weight_of(nlp).detach().clone()
    with ThreadPoolExecutor(1) as trains:
        trains.submit(nlp.update, without_entities(nlp), sgd=Adam(0.01)).result()
        act(nlp, tmp_path / "one")
        assert weight_of(nlp).equal(before)
    with ThreadPoolExecutor(2) as serve:
        list(serve.map(lambda number: act(nlp, tmp_path / str(number)), range(2)))
    assert not weight_of(nlp).equal(before)
    learnt = weight_of(nlp).detach().clone()
    predicted(nlp)
    assert weight_of(nlp).equal(learnt)


def test_an_error_of_the_step_is_none_of_the_documents(bert, monkeypatch):
    nlp = train(pipeline(bert))
    nlp.update(without_entities(nlp), sgd=Adam(0.01))

    def fail(gradients):
        raise MemoryError("no memory")

    monkeypatch.setattr(nlp.get_pipe("transformer").step, "backprop", fail)
    with pytest.raises(MemoryError, match="no memory"):
        list(nlp.pipe(["Anna", "Oslo"]))
    assert len(list(nlp.pipe(["Anna", "Oslo"]))) == 2


@pytest.mark.parametrize("learn_rate_factor", [0.0, 1.0])
def test_copies_hold_no_batch(bert, learn_rate_factor):
    nlp = pipeline(bert, learn_rate_factor=learn_rate_factor)
    sizes = [len(pickle.dumps(nlp.get_pipe("ner")))]
    nlp.update(without_entities(nlp), sgd=Adam(0.01))
    sizes.append(len(pickle.dumps(nlp.get_pipe("ner"))))
    assert sizes[1] < 1.5 * sizes[0]
    copied = copy.deepcopy(nlp.get_pipe("ner").model)
    doc = nlp.get_pipe("transformer")(nlp.make_doc("Anna lives"))
    expected = nlp.get_pipe("ner").model.get_ref("tok2vec").predict([doc])[0]
    assert (copied.get_ref("tok2vec").predict([doc])[0] == expected).all()


@pytest.mark.parametrize("learn_rate_factor", [0.0, 1.0])
def test_a_batch_is_of_one_update_alone(bert, learn_rate_factor):
    """A transformer that is left out does not learn from what it sent in the update before."""
    nlp = tagger_pipeline(bert, learn_rate_factor=learn_rate_factor)
    optimizer = Adam(0.01)
    for _ in range(2):
        nlp.update(tag_examples(nlp), sgd=optimizer)
    nlp.update(tag_examples(nlp), sgd=optimizer, exclude=["tagger"])
    before = weight_of(nlp).detach().clone()
    with pytest.raises(ValueError, match="the transformer did not run"):
        nlp.update(tag_examples(nlp), sgd=optimizer, exclude=["transformer"])
    nlp.update(tag_examples(nlp), sgd=optimizer, exclude=["tagger"])
    left_out = {"exclude": ["transformer"], "annotates": ["transformer"]}
    assert nlp.update(tag_examples(nlp), sgd=optimizer, **left_out)["tagger"] > 0
    assert weight_of(nlp).equal(before)
    nlp.update(tag_examples(nlp), sgd=optimizer)
    assert weight_of(nlp).equal(before) == (learn_rate_factor == 0)


@pytest.fixture
def step(bert):
    """The tagger of a pipeline, its transformer, and a batch that this has sent."""
    nlp = train(tagger_pipeline(bert, fusion={"@layers": "spacy_dlfa.LastLayer.v1"}))
    examples = tag_examples(nlp)
    nlp.get_pipe("transformer").update(examples)
    return nlp.get_pipe("tagger").model, nlp, [example.predicted for example in examples]


def test_a_second_gradient_is_refused(step):
    """It would be lost; `forward` before that doesn't help."""
    tagger, _, docs = step
    (scores, backprop), (_, other) = (tagger.begin_update(docs) for _ in range(2))
    backprop(scores)
    for late in (backprop, other):
        with pytest.raises(ValueError, match=r"\[DL084\].*one backward call.*add its losses"):
            late(scores)


def test_a_batch_is_not_trained_on_twice(step):
    tagger, _, docs = step
    scores, backprop = tagger.begin_update(docs)
    backprop(scores)
    with pytest.raises(ValueError, match=r"\[DL085\].*'Anna lives.* asked for again"):
        tagger.begin_update(docs)


def test_a_component_under_two_names_trains_once(bert):
    source = tagger_pipeline(bert)
    nlp = spacy.blank("xx")
    for name in ("transformer", "tagger"):
        nlp.add_pipe(name, source=source)
    nlp.add_pipe("tagger", name="again", source=source)
    with pytest.raises(ValueError, match=r"\[DL085\].*under one name"):
        nlp.update(tag_examples(nlp), sgd=Adam(0.01))


def test_a_part_of_a_batch(step):
    tagger, _, docs = step
    with pytest.raises(ValueError, match=r"\[DL087\].*trains on 2 documents.* the 3 that"):
        tagger.begin_update(docs[:2])


def test_a_batch_with_a_copy(step):
    """As a component between the two may return a new document."""
    tagger, _, docs = step
    vectors, _ = tagger.begin_update([docs[0].copy(), *docs[1:]])
    assert [len(each) for each in vectors] == [len(doc) for doc in docs]


@pytest.mark.parametrize("sentences", [("Anna lives", "Oslo is"), ("Anna lives", "")])
def test_a_batch_in_another_order_or_without_its_empty_documents(bert, sentences):
    """Whose words add up to the same."""
    nlp = tagger_pipeline(bert)
    docs = [Doc(nlp.vocab, words=text.split()) for text in sentences]
    nlp.get_pipe("transformer").update([Example(doc, doc.copy()) for doc in docs])
    with pytest.raises(ValueError, match=r"\[DL087\].*in this order"):
        nlp.get_pipe("tagger").model.begin_update([doc for doc in reversed(docs) if len(doc)])


def test_prediction_within_an_update(step):
    tagger, nlp, docs = step
    with pytest.raises(ValueError, match=r"\[DL086\].*predicts within its update"):
        tagger.predict(docs)
    docs = list(nlp.get_pipe("transformer").pipe(docs))
    assert len(tagger.predict(docs)) == len(docs)


@pytest.mark.parametrize("learn_rate_factor", [0.0, 1.0])
@pytest.mark.parametrize("exclude", [[], ["tagger"]])
def test_a_component_annotates_where_the_transformer_does(bert, learn_rate_factor, exclude):
    """Whether it learns or is frozen."""
    nlp = pipeline(bert, learn_rate_factor=learn_rate_factor)
    settings = {"sgd": Adam(0.01), "exclude": exclude}
    with pytest.raises(ValueError, match=r"\[DL086\].*annotating_components.* the transformer"):
        nlp.update(tag_examples(nlp), annotates=["tagger"], **settings)
    nlp.update(tag_examples(nlp), annotates=["transformer", "tagger"], **settings)
