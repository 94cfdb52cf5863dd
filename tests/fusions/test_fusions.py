"""Every fusion as a layer: its equation, its gradients, its round trip."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from thinc.api import Adam, fix_random_seed, registry

from spacy_dlfa.fusions import modules
from spacy_dlfa.fusions.dlfa import DLFA
from spacy_dlfa.types import HiddenStates
from tests.fusions import oracle

WIDTH = 12
STEP = 1e-6
DLFA_VARIANTS = [
    {"@layers": "spacy_dlfa.DLFA.v1", "reduction": 4, "gate": gate, "norm": norm}
    for gate in ("feature", "sigmoid")
    for norm in ("batch", "layer")
]
FUSIONS = [
    *DLFA_VARIANTS,
    {"@layers": "spacy_dlfa.AIF.v1"},
    {"@layers": "spacy_dlfa.AIF.v1", "norm": "layer"},
    {"@layers": "spacy_dlfa.LastLayer.v1"},
    {"@layers": "spacy_dlfa.LowerLayer.v1"},
    {"@layers": "spacy_dlfa.LayerMean.v1"},
    {"@layers": "spacy_dlfa.ScalarMix.v1"},
    {"@layers": "spacy_dlfa.ScalarMix.v1", "layers": "all"},
]
LAYERS_READ = {"last": 1, "lower": 1, "pair": 2, "all": 4}


def name_of(config):
    return "-".join(str(value).removeprefix("spacy_dlfa.") for value in config.values())


def make(config):
    return registry.resolve({"fusion": config})["fusion"]


def states(fusion, lengths, *, width=WIDTH, seed=0):
    rng = np.random.default_rng(seed)
    layers = [
        rng.normal(size=(sum(lengths), width)).astype("f")
        for _ in range(LAYERS_READ[fusion.attrs["reads"]])
    ]
    return HiddenStates(layers, np.array(lengths, dtype="i"))


def randomize(fusion, seed=1):
    """Replace every parameter, so that none is tested at a value that hides its role."""
    rng = np.random.default_rng(seed)
    for shim in fusion.shims:
        for name, value in shim._model.state_dict().items():
            noise = rng.normal(size=value.shape).astype("f")
            value.copy_(value + value.new_tensor(abs(noise) if "var" in name else noise) * 0.5)
    for name in fusion.param_names:
        value = fusion.get_param(name)
        fusion.set_param(name, value + rng.normal(size=value.shape).astype("f") * 0.5)


def make_double(fusion):
    """Use double precision, so that steps can be small against the kinks of ReLU."""
    for shim in fusion.shims:
        shim._model.double()
    for name in fusion.param_names:
        fusion.set_param(name, fusion.get_param(name).astype("d"))


def initialized(config, lengths):
    fusion = make(config)
    X = states(fusion, lengths)
    fusion.initialize(X=X)
    randomize(fusion)
    return fusion, X


def parameters(fusion):
    """Name, array to change in place, and a function that reads the gradient."""
    for shim in fusion.shims:
        for name, value in shim._model.named_parameters():
            yield name, value.data.numpy(), lambda value=value: value.grad.numpy()
    for name in fusion.param_names:
        yield name, fusion.get_param(name), lambda name=name: fusion.get_grad(name)


@pytest.mark.parametrize("is_train", [False, True])
@pytest.mark.parametrize("config", DLFA_VARIANTS, ids=name_of)
@given(lengths=st.lists(st.integers(1, 7), min_size=1, max_size=6), seed=st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_dlfa_follows_the_equations(config, is_train, lengths, seed):
    """In double precision, as batches with next to no variance magnify rounding."""
    assert_follows_the_equations(config, is_train, lengths, seed, dtype="d", atol=1e-8)


@pytest.mark.parametrize("is_train", [False, True])
@pytest.mark.parametrize("config", DLFA_VARIANTS, ids=name_of)
def test_dlfa_follows_the_equations_in_single_precision(config, is_train):
    assert_follows_the_equations(config, is_train, [7, 1, 4, 12], 0, dtype="f", atol=1e-5)


def assert_follows_the_equations(config, is_train, lengths, seed, *, dtype, atol):
    # Each of hypothesis's examples is the same when it comes again.
    fix_random_seed(seed)
    fusion = make(config)
    X = states(fusion, lengths, seed=seed)
    fusion.initialize(X=X)
    randomize(fusion, seed)
    if dtype == "d":
        make_double(fusion)
    X = HiddenStates([layer.astype(dtype) for layer in X.layers], X.lengths)
    params = {k: v.numpy().copy() for k, v in fusion.shims[0]._model.state_dict().items()}
    # Few, so that prediction is in parts
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(modules, "PREDICTED_ROWS", 4)
        Y, _ = fusion(X, is_train=is_train)
    expected = oracle.dlfa(
        *X.layers,
        lengths,
        params,
        gate=config["gate"],
        norm=config["norm"],
        is_train=is_train,
    )
    np.testing.assert_allclose(Y, expected, rtol=atol, atol=atol)


@pytest.mark.parametrize("norm", ["batch", "layer"])
def test_dlfa_starts_at_the_mean_and_leaves_it(norm):
    fusion = make({"@layers": "spacy_dlfa.DLFA.v1", "norm": norm})
    X = states(fusion, [7, 1, 4])
    fusion.initialize(X=X)
    mean = sum(X.layers) / 2
    for is_train in (False, True):
        np.testing.assert_allclose(fusion(X, is_train=is_train)[0], mean, atol=1e-6)
    # Its attention does learn from there.
    optimizer = Adam(0.05)
    for _ in range(50):
        Y, backprop = fusion(X, is_train=True)
        backprop(Y - X.layers[0])
        fusion.finish_update(optimizer)
    closer = np.abs(fusion(X, is_train=True)[0] - X.layers[0]).mean()
    assert closer < 0.8 * np.abs(mean - X.layers[0]).mean()


@pytest.mark.parametrize("config", FUSIONS, ids=name_of)
@pytest.mark.parametrize("lengths", [[1], [5], [3, 1, 6]], ids=str)
def test_gradients_by_finite_differences(config, lengths):
    fusion, X = initialized(config, lengths)
    make_double(fusion)
    X = HiddenStates([layer.astype("d") for layer in X.layers], X.lengths)
    rng = np.random.default_rng(2)
    dY = rng.normal(size=(sum(lengths), WIDTH))

    def loss():
        return float((fusion(X, is_train=True)[0] * dY).sum())

    d_layers = fusion(X, is_train=True)[1](dY)
    checks = [(f"layer {i}", X.layers[i], d_layer) for i, d_layer in enumerate(d_layers)]
    checks += [(name, array, gradient()) for name, array, gradient in parameters(fusion)]
    for name, array, gradient in checks:
        direction = rng.normal(size=array.shape)
        analytic = float((gradient * direction).sum())
        original = array.copy()
        array[...] = original + STEP * direction
        up = loss()
        array[...] = original - STEP * direction
        down = loss()
        array[...] = original
        numeric = (up - down) / (2 * STEP)
        assert analytic == pytest.approx(numeric, rel=1e-2, abs=1e-5), name


@pytest.mark.parametrize("config", FUSIONS, ids=name_of)
def test_bytes_round_trip(config):
    fusion, X = initialized(config, [3, 4])
    restored = make(config).from_bytes(fusion.to_bytes())
    np.testing.assert_array_equal(restored.predict(X), fusion.predict(X))


@pytest.mark.parametrize("config", FUSIONS, ids=name_of)
def test_round_trip_before_initialization(config):
    restored = make(config).from_bytes(make(config).to_bytes())
    X = states(restored, [2, 3])
    assert restored.initialize(X=X).predict(X).shape == (5, WIDTH)


@pytest.mark.parametrize("config", FUSIONS, ids=name_of)
def test_prediction_of_a_span_does_not_depend_on_the_batch(config, monkeypatch):
    monkeypatch.setattr(modules, "PREDICTED_ROWS", 4)
    fusion, X = initialized(config, [3, 1, 6])
    together = fusion.predict(X)
    ends = np.cumsum(X.lengths)
    for end, n in zip(ends, X.lengths):
        alone = HiddenStates([x[end - n : end] for x in X.layers], np.array([n], dtype="i"))
        np.testing.assert_allclose(fusion.predict(alone), together[end - n : end], atol=1e-5)


@pytest.mark.parametrize("config", FUSIONS, ids=name_of)
def test_prediction_changes_nothing(config):
    fusion, X = initialized(config, [3, 4])
    before = fusion.to_bytes()
    fusion.predict(X)
    assert fusion.to_bytes() == before


@pytest.mark.parametrize("config", FUSIONS, ids=name_of)
def test_a_batch_of_one_wordpiece_trains(config):
    fusion, X = initialized(config, [1])
    Y, backprop = fusion(X, is_train=True)
    d_layers = backprop(np.ones_like(Y))
    fusion.finish_update(Adam(0.01))
    assert all(np.isfinite(d).all() for d in d_layers)
    assert np.isfinite(fusion.predict(X)).all()


@pytest.mark.parametrize("config", DLFA_VARIANTS, ids=name_of)
def test_equal_layers_pass_unchanged(config):
    """Equation (2) is the identity where L1 = L2."""
    fusion, X = initialized(config, [3, 4])
    same = HiddenStates([X.layers[1], X.layers[1]], X.lengths)
    np.testing.assert_allclose(fusion.predict(same), X.layers[1], atol=1e-5)


def test_batch_statistics_are_learnt_in_training_and_used_in_prediction():
    fusion, X = initialized(DLFA_VARIANTS[0], [8, 8])
    local = fusion.shims[0]._model.aif.local
    before = {name: value.clone() for name, value in local.squeeze_norm.named_buffers()}
    predicted = fusion.predict(X)
    rows = local.squeeze(torch.tensor(sum(X.layers) / 2)).detach()
    fusion(X, is_train=True)
    # As torch has it: a tenth of each batch, with the variance that expects others
    batch = {"running_mean": rows.mean(dim=0), "running_var": rows.var(dim=0, unbiased=True)}
    for name, found in local.squeeze_norm.named_buffers():
        torch.testing.assert_close(found, 0.9 * before[name] + 0.1 * batch[name])
    assert not np.allclose(fusion.predict(X), predicted, atol=1e-3)


def test_scalar_mix_starts_as_the_mean():
    mix = make({"@layers": "spacy_dlfa.ScalarMix.v1"})
    mean = make({"@layers": "spacy_dlfa.LayerMean.v1"})
    X = states(mix, [3, 2])
    mix.initialize(X=X)
    np.testing.assert_allclose(mix.predict(X), mean.predict(X), atol=1e-6)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"reduction": 0}, "reduction = 0"),
        ({"gate": "hard"}, "'feature' or 'sigmoid'"),
        ({"norm": "group"}, "'batch' or 'layer'"),
    ],
)
def test_wrong_settings_are_named(settings, message):
    with pytest.raises(ValueError, match=message):
        DLFA(**settings)


def test_reduction_must_leave_a_bottleneck():
    with pytest.raises(ValueError, match="width 12; set it to 12 or less"):
        initialized({"@layers": "spacy_dlfa.DLFA.v1", "reduction": 13}, [2])


@pytest.mark.parametrize("norm", ["batch", "layer"])
def test_attention_to_the_last_layer_has_dlfas_parameters_and_follows_equation_1(norm):
    fusion, X = initialized({"@layers": "spacy_dlfa.AIF.v1", "norm": norm}, [3, 4])
    dlfa, _ = initialized({"@layers": "spacy_dlfa.DLFA.v1", "norm": norm}, [3, 4])
    params = {k: v.numpy().copy() for k, v in fusion.shims[0]._model.state_dict().items()}
    assert {k: v.shape for k, v in params.items()} == {
        k: tuple(v.shape) for k, v in dlfa.shims[0]._model.state_dict().items()
    }
    (last,) = X.layers
    # With L1 = 0, W is half of L2, and equation (2) is L2 * (1 - AIF(W)).
    doubled = 2 * last
    expected = oracle.dlfa(
        np.zeros_like(last), doubled, X.lengths, params, gate="feature", norm=norm, is_train=False
    )
    np.testing.assert_allclose(doubled * (1 - fusion.predict(X)), expected, atol=1e-4)
