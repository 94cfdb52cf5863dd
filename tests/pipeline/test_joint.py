"""Three components on one encoder, each sentence annotated for one of them: `configs/joint.cfg`."""

import numpy
import pytest
from thinc.api import Adam

from tests.configs import SCORES, example, pipeline

GOLD = ("ner", "tagger", "textcat")


def partial_pipeline(encoder):
    """The joint pipeline, trained a little on one sentence for each component."""
    nlp = pipeline("joint", encoder)
    examples = [example(nlp, name) for name in GOLD]
    nlp.initialize(lambda: examples)
    sgd = Adam(0.01)
    for _ in range(10):
        nlp.update([example(nlp, name) for name in GOLD], sgd=sgd)
    return nlp


def encoder_weights(nlp):
    model = nlp.get_pipe("transformer").model
    return {key: value.clone() for key, value in model.transformer.state_dict().items()}


def test_joint_training_finds_the_labels_of_each_component(bert):
    nlp = partial_pipeline(bert)
    assert set(nlp.get_pipe("ner").labels) == {"PER", "LOC"}
    assert set(nlp.get_pipe("tagger").labels) == {"PROPN", "VERB", "ADP"}
    assert set(nlp.get_pipe("textcat").labels) == {"travel", "sports", "health"}


@pytest.mark.parametrize("name", GOLD)
def test_joint_components_do_not_learn_from_what_is_not_annotated(name, bert):
    nlp = partial_pipeline(bert)
    before = encoder_weights(nlp)
    losses = nlp.update([example(nlp, name)], sgd=Adam(0.01))
    others = [other for other in GOLD if other != name]
    assert [losses[other] for other in others] == [0.0] * len(others)
    # However few of the components have a loss, the encoder learns from it.
    assert losses[name] > 0
    after = encoder_weights(nlp)
    assert any(not after[key].equal(value) for key, value in before.items())


def test_joint_gradients_are_those_of_the_annotated_sentences(bert):
    """A sentence without topics leaves the gradient of a topic as it is."""
    nlp = partial_pipeline(bert)
    textcat = nlp.get_pipe("textcat")
    scores = numpy.asarray([[0.5, 0.25, 0.25]] * 3, dtype="f")
    _, gradient = textcat.get_loss([example(nlp, name) for name in GOLD], scores)
    assert not gradient[:2].any()
    assert gradient[2].any()


def test_joint_scores_leave_out_what_is_not_annotated(bert):
    nlp = partial_pipeline(bert)
    together = nlp.evaluate([example(nlp, name) for name in GOLD])
    for name, key in SCORES.items():
        assert together[key] == nlp.evaluate([example(nlp, name)])[key]


def test_joint_topics_exclude_each_other(bert):
    cats = partial_pipeline(bert)("Anna lives").cats
    assert sum(cats.values()) == pytest.approx(1.0, abs=1e-5)
