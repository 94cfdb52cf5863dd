"""On a GPU: training and prediction as on the CPU, and pipelines that move between the two.

Numbers may differ by 1e-3 of the largest: single precision differs by 1e-5 after some layers, as
sums are in another order, and a wrong one by far more. TF32, which torch and CuPy leave off, rounds
products to 5e-4, which adds up over layers; it is off here.
"""

import math
import subprocess
import sys

import numpy as np
import pytest
import spacy
import srsly
import torch
from thinc.api import Adam, get_current_ops, require_cpu, require_gpu, to_numpy

from spacy_dlfa.evaluation.confidence import confidence
from spacy_dlfa.types import HiddenStates
from tests.annotated import write_corpus
from tests.cli.test_init_config import init_config
from tests.fusions.test_fusions import FUSIONS, initialized, make, name_of
from tests.pipelines import CLASSIFIER, DLFA, listener_config
from tests.reliability.pipelines import SENTENCES, labels, ours, stock_listeners
from tests.reliability.pipelines import examples as tagged_examples

pytest.importorskip("cupy", exc_type=ImportError)
pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="torch finds no GPU")

GPU, DEVICE = 0, "cuda"
USE = {"gpu": lambda: require_gpu(GPU), "cpu": require_cpu}
COMPONENTS = ["ner", "tagger", "textcat"]
TEXTS = [*SENTENCES, "", " \n ", "Anna lives in Berlin , works for Acme and is big in Oslo"]
# With the default of 2 ** 16, some steps are passed over.
MIXED = {"mixed_precision": True, "grad_scaler_config": {"init_scale": 256.0}}
LOWER = {"@layers": "spacy_dlfa.LowerLayer.v1"}


@pytest.fixture(autouse=True)
def on_the_gpu():
    """The GPU for thinc and torch; what follows has the CPU again."""
    torch.set_float32_matmul_precision("highest")
    USE["gpu"]()
    yield
    USE["cpu"]()
    torch.set_default_device(None)
    torch.set_default_dtype(torch.float32)


def examples(nlp):
    found = tagged_examples(nlp)
    for i, example in enumerate(found):
        example.reference.cats = {"short": float(i > 0), "long": float(i == 0)}
    return found


def pipeline(encoder, fusion=DLFA, listeners=None, **settings):
    """Three components on one encoder, initialised."""
    nlp = ours(encoder, fusion=fusion, listeners=listeners, **settings)
    tok2vec = listener_config(3, fusion)
    nlp.add_pipe("textcat", config={"model": {**CLASSIFIER, "tok2vec": tok2vec}})
    nlp.initialize(lambda: examples(nlp))
    return nlp


def train(nlp):
    """Some steps, each with losses that are finite."""
    optimizer = Adam(0.01)
    for _ in range(4):
        losses = nlp.update(examples(nlp), sgd=optimizer, drop=0.1)
        assert all(math.isfinite(loss) for loss in losses.values()), losses
    return nlp


def layer_of(nlp, component):
    """The fusion of a component, or the encoder, which is the transformer's first layer."""
    nodes = nlp.get_pipe(component).model.walk()
    return next(node.layers[0] for node in nodes if node.name in ("fuse_and_pool", "transformer"))


def array(value):
    """A copy in the CPU's memory."""
    return np.array(value.detach().cpu().numpy() if torch.is_tensor(value) else to_numpy(value))


def weights_of(layer):
    """All parameters of an encoder or a fusion, by name."""
    found = {name: layer.get_param(name) for name in layer.param_names}
    for shim in layer.shims:
        found |= dict(shim._model.named_parameters())
    return {name: array(value) for name, value in found.items()}


def changed(before, after):
    return {name for name, value in before.items() if not np.array_equal(value, after[name])}


def predicted(nlp):
    """All that a pipeline makes of texts: labels, and finite arrays by name."""
    docs = list(nlp.pipe(TEXTS))
    layers = [doc._.trf_data.rows.layers for doc in docs]
    tagger = nlp.get_pipe("tagger").model
    found = {key: [own[key] for own in layers if own] for key in layers[0]}
    found |= {"vectors": tagger.get_ref("tok2vec").predict(docs), "tags": tagger.predict(docs)}
    found = {key: np.concatenate([*map(array, arrays)]) for key, arrays in found.items()}
    found["cats"] = np.array([list(doc.cats.values()) for doc in docs])
    found["sure"] = np.array([confidence(nlp, docs, name) for name in ("tagger", "textcat")])
    assert all(np.isfinite(each).all() for each in found.values())
    return [labels(doc) for doc in docs], found


def assert_close(found, expected, tolerance=1e-3):
    assert found.keys() == expected.keys()
    for key, value in expected.items():
        np.testing.assert_allclose(found[key], value, 0, tolerance * abs(value).max(), err_msg=key)


@pytest.mark.parametrize(
    ("fusion", "settings"), [*((each, {}) for each in (DLFA, *FUSIONS)), (DLFA, MIXED)], ids=name_of
)
def test_encoder_and_fusions_learn(fusion, settings, bert):
    nlp = pipeline(bert, fusion, **settings)
    layers = [layer_of(nlp, name) for name in ("transformer", *COMPONENTS)]
    before = [weights_of(layer) for layer in layers]
    train(nlp)
    assert {each.device.type for each in layers[0].shims[0]._model.parameters()} == {DEVICE}
    for layer, weights in zip(layers, before, strict=True):
        # Some fusions have no parameters.
        assert changed(weights, weights_of(layer)) or not weights
    predicted(nlp)


def test_a_stock_listener_and_encoders_of_their_own_learn(bert):
    nlp = train(pipeline(bert, listeners=stock_listeners(["ner"])))
    for name in ("tagger", "textcat"):
        nlp.replace_listeners("transformer", name, ["model.tok2vec"])
    predicted(train(nlp))


@pytest.mark.parametrize("fusion", [DLFA, LOWER, FUSIONS[0]], ids=name_of)
@pytest.mark.parametrize(("first", "second"), [("gpu", "cpu"), ("cpu", "gpu")])
def test_a_saved_pipeline_predicts_the_same_elsewhere(first, second, fusion, bert, tmp_path):
    USE[first]()
    nlp = train(pipeline(bert, fusion))
    nlp.to_disk(tmp_path)
    data, (expected_labels, expected) = nlp.to_bytes(), predicted(nlp)
    USE[second]()
    from_bytes = spacy.util.load_model_from_config(nlp.config).from_bytes(data)
    for loaded in (spacy.load(tmp_path), from_bytes):
        found_labels, found = predicted(loaded)
        assert found_labels == expected_labels
        assert_close(found, expected)


def gradients(fusion, X, dY):
    """Prediction, weights of the lower layer, output, gradients, and running statistics."""
    ops = get_current_ops()
    X = HiddenStates([ops.asarray2f(layer) for layer in X.layers], ops.asarray1i(X.lengths))
    found = {"prediction": fusion.predict(X)}
    found["lower"] = fusion.attrs.get("lower_weight", lambda *_: 0.0)(fusion, X)
    found["output"], backprop = fusion(X, is_train=True)
    found |= {f"layer {i}": each for i, each in enumerate(backprop(ops.asarray2f(dY)))}
    found |= {name: fusion.get_grad(name) for name in fusion.param_names}
    for shim in fusion.shims:
        found |= {name: value.grad for name, value in shim._model.named_parameters()}
        found |= dict(shim._model.named_buffers())
    return {name: array(value) for name, value in found.items()}


@pytest.mark.parametrize("config", FUSIONS, ids=name_of)
def test_gradients_of_fusions_are_those_of_the_cpu(config):
    USE["cpu"]()
    fusion, X = initialized(config, [3, 1, 6, 2, 8])
    data, dY = fusion.to_bytes(), np.random.default_rng(3).normal(size=X.layers[0].shape)
    expected = gradients(fusion, X, dY)
    USE["gpu"]()
    found = gradients(make(config).from_bytes(data), X, dY)
    # Of a bias under a batch norm the gradient is zero but for rounding.
    rounding = 1e-5 * max(np.linalg.norm(value) for value in expected.values())
    for name, value in expected.items():
        assert np.linalg.norm(found[name] - value) <= 1e-3 * np.linalg.norm(value) + rounding, name


def test_auto_is_bfloat16_where_the_gpu_has_it(bert, tmp_path):
    train(pipeline(bert)).to_disk(tmp_path)
    expected = predicted(spacy.load(tmp_path))[1]
    auto = spacy.load(tmp_path, config={"components.transformer.model.precision": "auto"})
    native = torch.cuda.is_bf16_supported(including_emulation=False)
    assert layer_of(auto, "transformer").shims[0]._model.bf16 == native
    found = predicted(auto)[1]
    assert np.array_equal(found["vectors"], expected["vectors"]) != native
    assert_close(found, expected, tolerance=0.1)
    train(auto)


@pytest.mark.parametrize("settings", [{}, {"precision": "auto"}, {"freeze_below": 3}], ids=str)
def test_what_is_frozen_stays(settings, bert):
    """All of the encoder, or what lies under a layer; the fusions learn."""
    whole = "freeze_below" not in settings
    nlp = pipeline(bert, **settings, **({"learn_rate_factor": 0} if whole else {}))
    encoder, fusion = layer_of(nlp, "transformer"), layer_of(nlp, "tagger")
    named = encoder.shims[0]._model.named_parameters()
    learning = {name for name, value in named if value.requires_grad and not whole}
    before = [weights_of(encoder), weights_of(fusion)]
    train(nlp).evaluate(examples(nlp))
    train(nlp)
    learnt = changed(before[0], weights_of(encoder))
    assert learnt <= learning < before[0].keys()
    assert bool(learnt) != whole
    assert changed(before[1], weights_of(fusion))
    np.testing.assert_array_equal(*(predicted(nlp)[1]["last_hidden_state"] for _ in range(2)))


def test_averages_take_the_place_of_the_weights_and_give_it_back(bert):
    nlp, optimizer = pipeline(bert), Adam(0.01, use_averages=True)
    encoder = layer_of(nlp, "transformer")
    expected = {name: np.zeros_like(value) for name, value in weights_of(encoder).items()}
    for step in range(1, 5):
        nlp.update(examples(nlp), sgd=optimizer)
        weights = weights_of(encoder)
        for name, average in expected.items():
            average += (weights[name] - average) * (1 - (1 + step) / (10 + step))
    before = predicted(nlp)[1]
    learnt = {name for key, name in optimizer.averages if key == encoder.shims[0].id}
    with nlp.use_params(optimizer.averages):
        within, averaged = weights_of(encoder), predicted(nlp)[1]
    assert learnt
    assert_close(within, {**weights, **{name: expected[name] for name in learnt}})
    assert np.abs(averaged["vectors"] - before["vectors"]).max() > 1e-3
    assert not changed(weights, weights_of(encoder))
    assert_close(predicted(nlp)[1], before)


@pytest.mark.slow
def test_commands(bert, tmp_path):
    corpus, scores = write_corpus(tmp_path / "en_test.spacy").name, tmp_path / "scores.json"
    init_config("ner,tagger", tmp_path / "my.cfg", "--backbone", bert, "--layer", 2)
    for command in (
        f"train my.cfg --output training --paths.train {corpus} --paths.dev {corpus} "
        "--training.max_steps 4 --training.eval_frequency 2 --system.gpu_allocator pytorch "
        "--components.transformer.model.freeze_below 1",
        f"dlfa evaluate training/model-best {corpus} --task tagger --output scores.json",
    ):
        arguments = [sys.executable, "-m", "spacy", *command.split(), "--gpu-id", str(GPU)]
        done = subprocess.run(arguments, capture_output=True, text=True, cwd=tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr
    assert srsly.read_json(scores)["scores"]["en_test"]["support"] == 240
