"""Whatever torch's defaults and modes are: the same weights and vectors, or a clear error."""

import copy
from contextlib import contextmanager

import numpy
import pytest
import spacy
import torch
from thinc.api import Adam

from tests.fusions.test_fusions import FUSIONS, name_of
from tests.reliability.pipelines import (
    examples,
    ours,
    parameters,
    step,
    train,
    vectors,
    weights,
)

TEXT = "Anna lives in Oslo ."


@contextmanager
def restored(setter, value, before):
    setter(value)
    try:
        yield
    finally:
        setter(before)


def default_dtype(dtype):
    return lambda: restored(torch.set_default_dtype, dtype, torch.float32)


def default_device(device):
    return lambda: restored(torch.set_default_device, device, None)


MODES = {
    "float64": default_dtype(torch.float64),
    "float16": default_dtype(torch.float16),
    "bfloat16": default_dtype(torch.bfloat16),
    "cpu": default_device("cpu"),
    "meta": default_device("meta"),
    "deterministic": lambda: restored(torch.use_deterministic_algorithms, True, False),
    "anomaly": torch.autograd.detect_anomaly,
}
WITHOUT_GRADIENTS = {
    "no_grad": torch.no_grad,
    "inference_mode": torch.inference_mode,
    "set_grad_enabled": lambda: restored(torch.set_grad_enabled, False, True),
}
LOADING = {**MODES, **WITHOUT_GRADIENTS}


@pytest.fixture(scope="module", params=[FUSIONS[2], FUSIONS[-2]], ids=name_of)
def saved(request, bert, tmp_path_factory):
    folder = tmp_path_factory.mktemp("saved")
    nlp = train(ours(bert, fusion=request.param), steps=2)
    nlp.to_disk(folder)
    return nlp, folder


@pytest.mark.filterwarnings("ignore:Anomaly Detection")
@pytest.mark.parametrize("mode", LOADING)
def test_loading_and_predicting(saved, mode):
    """And what was loaded learns, once gradients are on."""
    nlp, folder = saved
    expected = vectors(nlp, nlp(TEXT))
    with LOADING[mode]():
        loaded = spacy.load(folder)
        found = vectors(loaded, loaded(TEXT))
    assert weights(loaded) == weights(nlp)
    assert found.dtype == numpy.float32
    numpy.testing.assert_array_equal(found, expected)
    other = spacy.load(folder)
    for each in (loaded, other):
        step(each, examples(each), Adam(0.001))
    assert weights(loaded) == weights(other)


@pytest.mark.filterwarnings("ignore:Anomaly Detection")
@pytest.mark.parametrize("mode", MODES)
def test_training(bert, mode):
    with MODES[mode]():
        nlp = train(ours(bert), steps=2)
    assert weights(nlp) == weights(train(ours(bert), steps=2))


@pytest.mark.parametrize("mode", WITHOUT_GRADIENTS)
@pytest.mark.parametrize("replaced", [False, True])
def test_copies_learn(saved, mode, replaced):
    """Also those that were made where nothing learns."""
    nlp = spacy.load(saved[1])
    with WITHOUT_GRADIENTS[mode]():
        if replaced:
            for name in ("ner", "tagger"):
                nlp.replace_listeners("transformer", name, ["model.tok2vec"])
            nlp.remove_pipe("transformer")
        copied = copy.deepcopy(nlp)
    before = copied.get_pipe("ner").to_bytes()
    for each in (nlp, copied):
        for _ in range(2):
            step(each, examples(each), Adam(0.001))
    assert copied.get_pipe("ner").to_bytes() != before


@pytest.mark.parametrize("mode", WITHOUT_GRADIENTS)
def test_training_without_gradients_is_an_error(saved, mode):
    nlp = spacy.load(saved[1])
    before = parameters(nlp)
    with WITHOUT_GRADIENTS[mode](), pytest.raises(RuntimeError, match="gradients are off; update"):
        step(nlp, examples(nlp), Adam(0.001))
    assert parameters(nlp) == before
    step(nlp, examples(nlp), Adam(0.001))
    assert parameters(nlp) != before


def test_automatic_precision_around_a_pipeline(saved):
    """torch.autocast is for the encoder; what a user sees stays float32."""
    nlp, folder = saved
    with torch.autocast("cpu", torch.bfloat16):
        found = vectors(nlp, nlp(TEXT))
        loaded = spacy.load(folder)
        step(loaded, examples(loaded), Adam(0.001))
    assert found.dtype == numpy.float32
    numpy.testing.assert_allclose(found, vectors(nlp, nlp(TEXT)), atol=0.1)
