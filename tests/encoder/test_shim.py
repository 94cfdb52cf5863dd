"""Training settings of the encoder, and its packed weights, which follow what is trained."""

import warnings

import numpy as np
import pytest
import torch
from spacy.util import fix_random_seed
from spacy_transformers.data_classes import HFObjects
from thinc.api import Adam, PyTorchGradScaler, RAdam

from spacy_dlfa.encoder.encoder import use_bf16
from spacy_dlfa.encoder.parts import find_max_length, freeze
from tests.checkpoints import ARCHITECTURES, LAYERS, MAX_LENGTH, make_tokenizer
from tests.pipelines import tag_examples, tagger_pipeline

TEXT = "Anna lives in Oslo . She works for Acme"


def encoder_of(nlp):
    return nlp.get_pipe("transformer").model.transformer


def weights_of(nlp):
    return {name: p.detach().clone() for name, p in encoder_of(nlp).named_parameters()}


def changed(nlp, steps=2, **settings):
    """The names of encoder weights that training changes."""
    before = weights_of(nlp)
    optimizer = Adam(0.01, **settings)
    # The tagger's output layer starts at zero, and sends no gradient in its first step.
    for _ in range(steps + 1):
        nlp.update(tag_examples(nlp), sgd=optimizer)
    after = weights_of(nlp)
    return {name for name in before if not torch.equal(before[name], after[name])}


@pytest.mark.parametrize("below", [0, 1, 3, LAYERS])
def test_freeze_below(bert, below):
    nlp = tagger_pipeline(bert, layer=1, freeze_below=below)
    trained = changed(nlp)
    for name, _ in encoder_of(nlp).named_parameters():
        parts = name.split(".")
        layer = int(parts[2]) + 1 if parts[0] == "encoder" else 0
        assert (name in trained) == (layer >= below), name


def test_frozen_layers_need_no_backward_pass(bert):
    nlp = tagger_pipeline(bert, layer=1, freeze_below=3)
    transformer = nlp.get_pipe("transformer").model
    output, _ = transformer.begin_update([nlp.make_doc(TEXT)])
    assert not output.layers["layer_1"].requires_grad
    assert output.layers["last_hidden_state"].requires_grad


@pytest.mark.parametrize(
    ("settings", "warned"),
    [
        ({"layer": 2, "freeze_below": 3}, True),
        ({"layer": 3, "freeze_below": 3}, False),
        ({"layer": 2, "freeze_below": 3, "learn_rate_factor": 0.0}, False),
        ({"layer": 2, "freeze_below": 3, "fusion": {"@layers": "spacy_dlfa.DLFA.v1"}}, False),
    ],
)
def test_an_encoder_without_a_layer_that_learns(bert, settings, warned):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        tagger_pipeline(bert, **{"fusion": {"@layers": "spacy_dlfa.LowerLayer.v1"}, **settings})
    found = [str(each.message) for each in caught if "learns nothing" in str(each.message)]
    assert len(found) == warned
    assert all("set freeze_below to 2 or less" in message for message in found)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_any_encoder_is_frozen_below_a_layer(architecture):
    transformer = ARCHITECTURES[architecture]()
    freeze(transformer, 3)
    output = transformer(torch.tensor([[5, 6, 7]]), output_hidden_states=True)
    learning = [state.requires_grad for state in output.hidden_states]
    assert learning == [False, False, False, True, True]


def test_prediction_follows_a_step_between_which_it_was_asked(bert):
    """As in training with a transformer that annotates: forward, prediction, step."""
    nlp = tagger_pipeline(bert)
    transformer = nlp.get_pipe("transformer")
    nlp.update(tag_examples(nlp), sgd=Adam(0.01))
    nlp.update(tag_examples(nlp), sgd=False)
    doc = nlp.make_doc(TEXT)
    before = transformer.predict([doc]).model_output.last_hidden_state
    for _, component in nlp.pipeline:
        component.finish_update(Adam(0.01))
    after = transformer.predict([doc]).model_output.last_hidden_state
    assert not torch.allclose(after, before, atol=1e-3)
    transformer.model.shim._copy = None
    assert torch.equal(transformer.predict([doc]).model_output.last_hidden_state, after)


@pytest.mark.parametrize("below", [-1, LAYERS + 1])
def test_freeze_below_a_layer_that_does_not_exist(bert, below):
    with pytest.raises(ValueError, match=f"freeze_below = {below}, but the encoder has 4 layers"):
        tagger_pipeline(bert, freeze_below=below)


def test_frozen_layers_stay_frozen_when_loaded(bert, tmp_path):
    nlp = tagger_pipeline(bert, freeze_below=2)
    nlp.to_disk(tmp_path)
    loaded = type(nlp).from_config(nlp.config).from_disk(tmp_path)
    learning = [name for name, p in encoder_of(loaded).named_parameters() if p.requires_grad]
    assert learning == [name for name, p in encoder_of(nlp).named_parameters() if p.requires_grad]
    assert all(name.startswith("encoder.") for name in learning)


def test_dropout_is_for_training_steps_alone(bert):
    """Also behind one, with torch's own layers and packed ones."""
    settings = {"transformer_config": {"hidden_dropout_prob": 0.5}}
    nlp = tagger_pipeline(bert, packed=False, **settings)
    transformer, docs = nlp.get_pipe("transformer"), [nlp.make_doc(TEXT)]
    steps = [transformer.model.begin_update(docs)[0].layers["last_hidden_state"] for _ in range(2)]
    assert not torch.allclose(*steps, atol=0.1)
    nlp.update(tag_examples(nlp), sgd=Adam(0.01))
    packed = tagger_pipeline(bert, **settings).get_pipe("transformer")
    packed.from_bytes(transformer.to_bytes())
    first, second, expected = (
        each.predict(docs).model_output.last_hidden_state
        for each in (transformer, transformer, packed)
    )
    assert torch.equal(first, second)
    torch.testing.assert_close(first, expected, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize(("optimizer", "rate"), [(Adam, 0.01), (RAdam, 0.5)])
def test_learn_rate_factor(bert, optimizer, rate):
    """Half of the rate is half of the step, for the encoder only."""
    steps = []
    for factor in (1.0, 0.5):
        fix_random_seed(0)
        nlp = tagger_pipeline(bert, learn_rate_factor=factor)
        nlp.update(tag_examples(nlp), sgd=optimizer(rate))
        before = weights_of(nlp)
        nlp.update(tag_examples(nlp), sgd=optimizer(rate))
        after = weights_of(nlp)
        steps.append({name: after[name] - before[name] for name in before})
    for name, whole in steps[0].items():
        np.testing.assert_allclose(steps[1][name], whole / 2, atol=1e-6, err_msg=name)


@pytest.mark.parametrize("precision", ["fp32", "bf16", "int8"])
def test_packed_weights_follow_the_trained_ones(bert, precision):
    nlp = tagger_pipeline(bert, precision=precision)
    transformer = nlp.get_pipe("transformer")

    def predict():
        return transformer.predict([nlp.make_doc(TEXT)]).model_output.last_hidden_state

    before = predict()
    assert torch.equal(predict(), before)
    changed(nlp)
    trained = predict()
    assert not torch.allclose(trained, before, atol=1e-2)
    with torch.no_grad():
        encoder_of(nlp).encoder.layer[0].attention.self.query.weight.mul_(2)
    assert not torch.allclose(predict(), trained, atol=1e-3)


@pytest.mark.parametrize("precision", ["auto", "bf16"])
def test_mixed_precision_is_float16_on_a_gpu_alone(precision):
    """Whose gradients are scaled; a CPU computes as the precision says."""
    assert not use_bf16(precision, "cuda", mixed_precision=True)
    assert use_bf16(precision, "cpu", mixed_precision=True) == use_bf16(precision, "cpu")
    assert use_bf16("bf16", "cuda")


@pytest.mark.parametrize("window", [0, 2])
def test_a_window_without_room_for_text(bert, window):
    with pytest.raises(ValueError, match=f"window = {window} leaves no room for text"):
        tagger_pipeline(bert, window=window)


def test_a_window_is_at_most_what_the_encoder_takes(bert):
    spans = {"@span_getters": "spacy-transformers.doc_spans.v1"}
    nlp = tagger_pipeline(bert, window=10_000, get_spans=spans)
    doc = nlp(TEXT * 20)
    assert max(doc._.trf_data.wordpieces.lengths) <= MAX_LENGTH
    assert len(doc._.trf_data.wordpieces.lengths) > 1


@pytest.mark.parametrize(
    ("architecture", "window", "limit", "expected"),
    [
        ("bert", 24, 40, 24),
        ("bert", 128, 40, 40),
        ("bert", 128, 1000, MAX_LENGTH + 2),
        # The first of its positions is behind that of padding, which is 1
        ("xlm-roberta", 128, 1000, MAX_LENGTH),
        # Without positions of its own
        ("mt5", 128, 1000, 128),
    ],
)
def test_the_smallest_limit_is_that_of_a_window(architecture, window, limit, expected):
    """That of the setting, of the tokenizer, or of the encoder, special tokens included."""
    transformer, tokenizer = ARCHITECTURES[architecture](), make_tokenizer(architecture)
    transformer.config.pad_token_id = 1
    tokenizer.model_max_length = limit
    hf_model = HFObjects(tokenizer, type(transformer)(transformer.config), None)
    assert find_max_length(hf_model, window, num_special=2) == expected


@pytest.fixture
def scaled_anywhere(monkeypatch):
    """Scaled gradients, which thinc has for a GPU alone, on a CPU, too."""

    def unscale(scaler, tensors):
        for tensor in tensors if scaler._enabled else ():
            tensor.div_(scaler._scale)
        return False

    def scale(scaler, tensor, *_):
        return tensor.mul_(scaler._scale)

    monkeypatch.setattr(PyTorchGradScaler, "_scale_tensor", scale)
    monkeypatch.setattr(PyTorchGradScaler, "unscale", unscale)


def accumulating(bert, *, scaled):
    """A pipeline whose tagger sends gradients; each update of one example adds to them."""
    fix_random_seed(0)
    scaler = {"enabled": scaled, "init_scale": 1024.0}
    nlp = tagger_pipeline(bert, grad_scaler_config=scaler)
    nlp.update(tag_examples(nlp), sgd=Adam(0.01))
    for example in tag_examples(nlp):
        nlp.update([example], sgd=False)
    return nlp


def gradients_of(nlp):
    return {name: p.grad.clone() for name, p in encoder_of(nlp).named_parameters()}


@pytest.mark.usefixtures("scaled_anywhere")
def test_gradients_of_all_parts_of_a_batch_in_mixed_precision(bert):
    expected, found = (gradients_of(accumulating(bert, scaled=s)) for s in (False, True))
    assert all(torch.equal(found[name], expected[name]) for name in expected)


@pytest.mark.usefixtures("scaled_anywhere")
def test_a_part_that_fails_leaves_the_gradients_of_the_others(bert, monkeypatch):
    nlp = accumulating(bert, scaled=True)
    before, backward = gradients_of(nlp), torch.autograd.backward

    def fail(*args, **kwargs):
        backward(*args, **kwargs)
        raise RuntimeError("out of memory")

    monkeypatch.setattr(torch.autograd, "backward", fail)
    with pytest.raises(RuntimeError, match="out of memory"):
        nlp.update(tag_examples(nlp), sgd=False)
    found = gradients_of(nlp)
    assert all(torch.equal(found[name], before[name]) for name in before)
