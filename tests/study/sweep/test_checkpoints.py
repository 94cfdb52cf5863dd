import numpy as np
import pytest
import spacy

from spacy_dlfa.study.sweep.checkpoints import Average, Place, restore, snapshot
from tests.fusions.test_fusions import FUSIONS, name_of
from tests.pipelines import SENTENCES, tag_examples, tagger_pipeline


def train(nlp, steps=3):
    optimizer = nlp.resume_training()
    for _ in range(steps):
        nlp.update(tag_examples(nlp), sgd=optimizer)


def probabilities(nlp):
    docs = list(nlp.pipe(text for text, _ in SENTENCES))
    return np.concatenate(nlp.get_pipe("tagger").model.predict(docs))


@pytest.fixture(params=FUSIONS, ids=name_of)
def nlp(request, bert):
    nlp = tagger_pipeline(bert, fusion=request.param)
    train(nlp)
    return nlp


def test_a_snapshot_brings_the_predictions_back(nlp):
    expected = probabilities(nlp)
    weights = snapshot(nlp)
    train(nlp)
    assert not np.allclose(probabilities(nlp), expected)
    restore(nlp, weights)
    np.testing.assert_array_equal(probabilities(nlp), expected)
    # And stays what it was when training goes on.
    train(nlp)
    restore(nlp, weights)
    np.testing.assert_array_equal(probabilities(nlp), expected)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_the_average_of_equal_checkpoints_is_the_checkpoint(nlp, count):
    weights = snapshot(nlp)
    average = Average()
    for _ in range(count):
        average.add(snapshot(nlp))
    assert average.weights().keys() == weights.keys()
    for place, array in average.weights().items():
        assert array.dtype == weights[place].dtype
        np.testing.assert_array_equal(array, weights[place])


def test_the_average_is_the_mean_of_each_weight(bert):
    nlp = tagger_pipeline(bert)
    average, snapshots = Average(), []
    for _ in range(3):
        train(nlp)
        snapshots.append(snapshot(nlp))
        average.add(snapshots[-1])
    averaged = average.weights()
    for place, array in averaged.items():
        mean = np.mean([weights[place] for weights in snapshots], axis=0, dtype="float64")
        np.testing.assert_allclose(array, mean, rtol=1e-6)
    changed = [
        place
        for place, array in averaged.items()
        if not np.array_equal(array, snapshots[-1][place])
    ]
    # Encoder, fusion with its running statistics, and output layer.
    names = {(place.pipe, place.name.rsplit(".", 1)[-1]) for place in changed}
    assert ("transformer", "weight") in names
    assert ("tagger", "running_mean") in names
    assert ("tagger", "W") in names
    restore(nlp, averaged)
    assert np.isfinite(probabilities(nlp)).all()


def test_of_integers_the_latest_counts():
    place = Place("tagger", 0, 0, "num_batches")
    average = Average()
    for value in (3, 8):
        average.add({place: np.array(value)})
    assert average.weights()[place] == 8
    assert average.weights()[place].dtype == np.array(8).dtype


def test_half_precision_is_averaged_without_overflow():
    place = Place("tagger", 0, None, "W")
    average = Average()
    for _ in range(3):
        average.add({place: np.array([60000], dtype="float16")})
    assert average.weights()[place] == np.array([60000], dtype="float16")


def test_excluded_components_are_left_alone(bert):
    nlp = tagger_pipeline(bert)
    weights = snapshot(nlp, exclude=["transformer"])
    assert {place.pipe for place in weights} == {"tagger"}
    train(nlp)
    before = snapshot(nlp)
    restore(nlp, weights)
    after = snapshot(nlp)
    for place, array in after.items():
        np.testing.assert_array_equal(array, {**before, **weights}[place])


def test_components_without_weights():
    nlp = spacy.blank("xx")
    nlp.add_pipe("sentencizer")
    assert snapshot(nlp) == {}
    restore(nlp, {})
