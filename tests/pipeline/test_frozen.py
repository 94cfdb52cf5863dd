"""An encoder that stays as it is in training, learn_rate_factor = 0, and encodes each text once."""

import pickle

import numpy as np
import pytest
import spacy
from spacy.tokens import Doc
from spacy.training import Example
from spacy.util import fix_random_seed
from thinc.api import Adam, warmup_linear

from spacy_dlfa.encoder.encoder import Encoder
from spacy_dlfa.encoder.rows import rows_of
from tests.pipelines import SENTENCES, tag_examples, tagger_config, tagger_pipeline

STEPS = 5


@pytest.fixture
def encoded(monkeypatch):
    """The number of wordpieces in each pass of an encoder."""
    counts = []
    forward = Encoder.forward

    def count(self, ids, *args, **kwargs):
        counts.append(len(ids))
        return forward(self, ids, *args, **kwargs)

    monkeypatch.setattr(Encoder, "forward", count)
    return counts


def frozen_pipeline(bert, **settings):
    fix_random_seed(0)
    return tagger_pipeline(bert, learn_rate_factor=0.0, **settings)


def state_of(nlp):
    return {
        name: weight.clone()
        for name, weight in nlp.get_pipe("transformer").model.transformer.state_dict().items()
    }


def train(nlp, **settings):
    optimizer = Adam(0.01)
    return [
        nlp.update(tag_examples(nlp), sgd=optimizer, **settings)["tagger"] for _ in range(STEPS)
    ]


def tagger_of(nlp):
    return nlp.get_pipe("tagger").model.to_bytes()


def vectors(nlp):
    doc = nlp.get_pipe("transformer")(nlp.make_doc(SENTENCES[0][0]))
    return nlp.get_pipe("tagger").model.get_ref("tok2vec").predict([doc])[0]


def vectors_of(nlp, text):
    (doc,) = nlp.get_pipe("transformer").pipe([nlp.make_doc(text)])
    layers = rows_of(doc._.trf_data).layers
    return np.stack([layers[key] for key in sorted(layers)]) if layers else np.zeros(0)


def test_it_trains_as_with_frozen_components(bert, encoded):
    ours, theirs = frozen_pipeline(bert), frozen_pipeline(bert)
    before = state_of(ours)
    encoded.clear()
    losses = train(ours)
    assert len(encoded) == 1
    assert losses[-1] < losses[0]
    assert all((weight == before[name]).all() for name, weight in state_of(ours).items())
    train(theirs, exclude=["transformer"], annotates=["transformer"])
    assert len(encoded) == 1 + STEPS
    assert tagger_of(ours) == tagger_of(theirs)


def test_what_finds_no_room_is_encoded_each_time(bert, encoded):
    kept, encoded_anew = frozen_pipeline(bert), frozen_pipeline(bert)
    train(kept)
    encoded_anew.get_pipe("transformer").kept_states.max_bytes = 0
    encoded.clear()
    train(encoded_anew)
    assert len(encoded) == STEPS
    assert tagger_of(kept) == tagger_of(encoded_anew)


def test_a_text_is_encoded_once_whatever_stands_beside_it(bert, encoded):
    nlp = frozen_pipeline(bert)
    examples = tag_examples(nlp)
    encoded.clear()
    for batch in (examples[:2], [examples[1], examples[1], examples[2]], examples):
        nlp.update([Example(eg.predicted.copy(), eg.reference) for eg in batch], sgd=Adam(0.01))
    whole = frozen_pipeline(bert)
    sizes = list(encoded)
    encoded.clear()
    whole.update(examples, sgd=Adam(0.01))
    assert len(sizes) == 2
    assert sum(sizes) == encoded[0]


def test_nothing_is_kept_of_another_encoder_or_other_layers(bert, encoded):
    nlp, other = frozen_pipeline(bert, layer=1), tagger_pipeline(bert, layer=1)
    train(other)
    train(nlp)
    nlp.get_pipe("transformer").from_bytes(other.get_pipe("transformer").to_bytes())
    encoded.clear()
    train(nlp)
    assert len(encoded) == 1
    nlp.add_pipe("tagger", name="second", config=tagger_config(3))
    nlp.get_pipe("second").initialize(lambda: tag_examples(nlp), nlp=nlp)
    encoded.clear()
    train(nlp)
    assert len(encoded) == 1


def test_words_in_other_sentences_are_encoded_anew(bert, encoded):
    nlp = frozen_pipeline(bert, get_spans={"@span_getters": "spacy-transformers.sent_spans.v1"})
    encoded.clear()
    for starts in ([0, 2], [0, 3], [0, 2]):
        (example, *_) = tag_examples(nlp)
        for token in example.predicted:
            token.is_sent_start = token.i in starts
        nlp.update([example], sgd=Adam(0.01))
    assert len(encoded) == 2


def test_words_with_other_spaces_are_encoded_anew(bert, encoded):
    nlp = frozen_pipeline(bert)
    encoded.clear()
    for space in (True, False, True):
        doc = Doc(nlp.vocab, words=["li", "ves"], spaces=[space, False])
        nlp.update([Example.from_dict(doc, {"tags": ["VERB", "VERB"]})], sgd=Adam(0.01))
    assert len(encoded) == 2


def test_a_component_that_is_added_later_leaves_the_others_as_they_are(bert, tmp_path):
    nlp = frozen_pipeline(bert)
    train(nlp)
    nlp.to_disk(tmp_path)
    before = vectors(nlp), tagger_of(nlp)
    loaded = spacy.load(tmp_path)
    loaded.add_pipe("tagger", name="second", config=tagger_config(3))
    loaded.get_pipe("second").initialize(lambda: tag_examples(loaded), nlp=loaded)
    optimizer = Adam(0.01)
    with loaded.select_pipes(disable=["tagger"]):
        for _ in range(STEPS):
            loaded.update(tag_examples(loaded), sgd=optimizer)
    assert tagger_of(loaded) == before[1]
    np.testing.assert_allclose(vectors(loaded), before[0], atol=1e-6)


def test_what_is_not_finite_is_an_error_and_not_kept(bert):
    nlp = frozen_pipeline(bert)
    weight = nlp.get_pipe("transformer").model.transformer.get_input_embeddings().weight
    before, tagger = weight.detach().clone(), tagger_of(nlp)
    weight.data.fill_(float("nan"))
    with pytest.raises(FloatingPointError, match="is not finite"):
        train(nlp)
    assert tagger_of(nlp) == tagger
    weight.data.copy_(before)
    train(nlp)
    assert tagger_of(nlp) != tagger


def test_development_data_are_encoded_once_in_training(bert, encoded):
    nlp = frozen_pipeline(bert)
    nlp.add_pipe("dlfa_doc_cleaner")
    texts = ["A text of none of the examples.", "Another one.", ""]
    before = [vectors_of(nlp, text) for text in texts]

    def evaluate():
        nlp.evaluate([Example.from_dict(nlp.make_doc(text), {}) for text in texts])

    train(nlp)
    encoded.clear()
    for _ in range(3):
        evaluate()
        nlp.update(tag_examples(nlp), sgd=Adam(0.01))
    assert len(encoded) == 1
    after = [vectors_of(nlp, text) for text in texts]
    assert len(encoded) == 1
    for found, expected in zip(after, before, strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-5)
    assert [doc.text for doc in nlp.pipe(texts)] == texts
    assert len(encoded) == 1


@pytest.mark.parametrize("precision", ["fp32", "auto"])
@pytest.mark.parametrize("evaluated", [False, True])
def test_a_process_that_trains_and_then_serves_does_not_grow(bert, evaluated, precision):
    nlp = frozen_pipeline(bert, precision=precision)
    train(nlp)
    if evaluated:
        nlp.evaluate(tag_examples(nlp))
    kept = nlp.get_pipe("transformer").kept_states
    before = kept.num_bytes
    for number in range(30):
        (doc,) = nlp.pipe([f"Text {number}"])
        del doc
    assert kept.num_bytes == before
    # Nor does it keep test sets, once it has been evaluated
    docs = list(nlp.pipe([f"Text {number}" for number in range(20)]))
    assert (kept.num_bytes == before) is evaluated
    del docs
    assert kept.num_bytes == before
    nlp.evaluate([Example.from_dict(nlp.make_doc(f"A test {n}"), {}) for n in range(20)])
    assert (kept.num_bytes == before) is evaluated


def test_development_data_that_find_no_room(bert, encoded):
    nlp = frozen_pipeline(bert)
    train(nlp)
    kept = nlp.get_pipe("transformer").kept_states
    kept.max_bytes = kept.num_bytes + 1
    examples = [Example.from_dict(nlp.make_doc(f"Text {n}"), {}) for n in range(20)]
    encoded.clear()
    for _ in range(2):
        nlp.evaluate(examples)
        nlp.update(tag_examples(nlp), sgd=Adam(0.01))
    assert len(encoded) == 2
    assert kept.num_bytes < kept.max_bytes


def test_half_of_the_precision_is_kept_where_it_may_be_less_than_single(bert):
    exact, halved = frozen_pipeline(bert), frozen_pipeline(bert, precision="auto")
    for nlp in (exact, halved):
        first, second = train(nlp)[-1], vectors(nlp)
        assert np.isfinite(first)
        assert second.dtype == "float32"
    kept = [nlp.get_pipe("transformer").kept_states for nlp in (exact, halved)]
    assert kept[1].num_bytes * 2 == kept[0].num_bytes
    np.testing.assert_allclose(vectors(halved), vectors(frozen_pipeline(bert)), atol=0.1)


@pytest.mark.parametrize("precision", ["fp32", "auto"])
def test_numbers_that_half_precision_does_not_hold(bert, precision):
    nlp = frozen_pipeline(bert, precision=precision)
    norm = nlp.get_pipe("transformer").model.transformer.encoder.layer[-1].output.LayerNorm
    norm.bias.data[0] = 70_000.0
    assert np.isfinite(train(nlp)).all()
    found = [vectors_of(nlp, SENTENCES[0][0]).max() for _ in range(2)]
    assert found == pytest.approx([70_000.0] * 2, rel=0.01)


def test_weights_that_change_in_place(bert):
    nlp = frozen_pipeline(bert)
    train(nlp)
    before = vectors_of(nlp, SENTENCES[0][0])
    encoder = nlp.get_pipe("transformer").model.transformer
    encoder.load_state_dict({name: weight * 0.9 for name, weight in encoder.state_dict().items()})
    assert not np.allclose(vectors_of(nlp, SENTENCES[0][0]), before, atol=0.01)


def test_weights_that_are_written_through_data(bert):
    """Which torch doesn't show: `weights_changed` says so."""
    nlp = frozen_pipeline(bert)
    train(nlp)
    before = vectors_of(nlp, SENTENCES[0][0])
    for parameter in nlp.get_pipe("transformer").model.transformer.parameters():
        parameter.data.mul_(0.9)
    nlp.get_pipe("transformer").model.shim.weights_changed()
    assert not np.allclose(vectors_of(nlp, SENTENCES[0][0]), before, atol=0.01)


def test_averages_of_other_components_leave_what_is_kept(bert, encoded):
    nlp = frozen_pipeline(bert)
    optimizer = Adam(0.01, use_averages=True)
    nlp.update(tag_examples(nlp), sgd=optimizer)
    encoded.clear()
    with nlp.use_params(optimizer.averages):
        nlp.update(tag_examples(nlp), sgd=optimizer)
    assert not encoded


def test_extra_annotations_are_those_of_prediction(bert):
    seen = []
    nlp = frozen_pipeline(bert, get_spans={"@span_getters": "spacy-transformers.doc_spans.v1"})
    nlp.get_pipe("transformer").set_extra_annotations = lambda docs, batch: seen.append(
        ([span.text for each in batch.spans for span in each], len(batch.wordpieces))
    )
    texts = ["", "Oslo", "Berlin"]
    list(nlp.pipe(texts))
    train(nlp)
    list(nlp.pipe(texts))
    assert seen[0] == seen[-1] == (["Oslo", "Berlin"], 2)


@pytest.mark.parametrize("fusion", ["LastLayer", "LowerLayer", "ScalarMix", "DLFA"])
def test_a_warm_up_that_nobody_steps(bert, fusion):
    """It starts at 0."""
    fix_random_seed(0)
    layers = {"@layers": f"spacy_dlfa.{fusion}.v1"}
    nlp = tagger_pipeline(bert, fusion=layers, learn_rate_factor=0.0)
    optimizer = Adam(warmup_linear(0.05, 5, 1000))
    losses = [nlp.update(tag_examples(nlp), sgd=optimizer)["tagger"] for _ in range(8)]
    assert losses[-1] < losses[0]


def test_copies_keep_nothing(bert):
    nlp = frozen_pipeline(bert)
    train(nlp)
    kept = nlp.get_pipe("transformer").kept_states
    assert kept.num_bytes > 0
    copied = pickle.loads(pickle.dumps(kept))
    assert (copied.num_bytes, copied.max_bytes) == (0, kept.max_bytes)
