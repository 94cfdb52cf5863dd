"""Averaged weights, `use_averages` of the optimizer, in the encoder and the fusions."""

import numpy as np
import pytest
import spacy
import torch
from thinc.api import Adam

from spacy_dlfa.encoder.in_place_shim import averaged
from tests.pipelines import tag_examples, tagger_pipeline

TEXT = "Anna lives in Oslo . She works for Acme"
STEPS = 4


def torch_shims(nlp):
    """The shims of encoder and fusion."""
    return [
        shim
        for _, pipe in nlp.pipeline
        for node in pipe.model.walk()
        for shim in node.shims
        if shim._model
    ]


def weights_of(nlp):
    """The weights, and the running statistics of batch normalisation."""
    return {
        (shim.id, name): tensor.detach().numpy().copy()
        for shim in torch_shims(nlp)
        for name, tensor in shim._model.state_dict(keep_vars=True).items()
        if isinstance(tensor, torch.nn.Parameter) or "running_" in name
    }


def statistics(weights):
    return {key for key in weights if "running_" in key[1]}


def vectors(nlp):
    """What the tagger's listener and fusion make of a text."""
    doc = nlp.get_pipe("transformer")(nlp.make_doc(TEXT))
    return nlp.get_pipe("tagger").model.get_ref("tok2vec").predict([doc])[0]


def equal(first, second):
    return first.keys() == second.keys() and all((first[k] == second[k]).all() for k in first)


@pytest.fixture
def trained(bert):
    """A pipeline after some updates, its optimizer, and the weights after each."""
    nlp = tagger_pipeline(bert, layer=1, freeze_below=2)
    optimizer, seen = Adam(0.01, use_averages=True), []
    for _ in range(STEPS):
        nlp.update(tag_examples(nlp), sgd=optimizer)
        seen.append(weights_of(nlp))
    return nlp, optimizer, seen


def test_encoder_and_fusion_are_averaged_as_thinc_averages(trained):
    nlp, optimizer, seen = trained
    found = {key for key in optimizer.averages if key in seen[0]}
    # Each shim learns, the layers that are frozen don't
    assert {key[0] for key in found} == {shim.id for shim in torch_shims(nlp)}
    assert all("layer.0." not in name and "embeddings" not in name for _, name in found)
    assert statistics(seen[0])
    assert statistics(found) == statistics(seen[0])
    for key in found:
        updates = seen[STEPS - optimizer.nr_update[key] :]
        average = np.zeros_like(updates[0][key])
        for step, weights in enumerate(updates, start=1):
            average += (weights[key] - average) * (1 - (1 + step) / (10 + step))
        np.testing.assert_allclose(optimizer.averages[key], average, rtol=1e-5, atol=1e-7)


def test_averages_are_used_within_the_block_alone(trained):
    nlp, optimizer, seen = trained
    before = vectors(nlp)
    with nlp.use_params(optimizer.averages):
        within = weights_of(nlp)
        averaged = vectors(nlp)
    assert all((within[key] == optimizer.averages.get(key, seen[-1][key])).all() for key in within)
    assert np.abs(averaged - before).max() > 1e-3
    assert all((within[key] != seen[-1][key]).any() for key in statistics(within))
    assert equal(weights_of(nlp), seen[-1])
    np.testing.assert_array_equal(vectors(nlp), before)


def test_weights_come_back_after_an_error(trained):
    nlp, optimizer, seen = trained
    shim = torch_shims(nlp)[0]
    with pytest.raises(KeyError), shim.use_params(optimizer.averages):
        raise KeyError
    assert equal(weights_of(nlp), seen[-1])


def test_what_is_saved_within_the_block_has_the_averages(trained, tmp_path):
    nlp, optimizer, _ = trained
    with nlp.use_params(optimizer.averages):
        nlp.to_disk(tmp_path)
        averaged = vectors(nlp)
    loaded = spacy.load(tmp_path)
    np.testing.assert_array_equal(vectors(loaded), averaged)
    for shim, other in zip(torch_shims(nlp), torch_shims(loaded), strict=True):
        for name, buffer in other._model.named_buffers():
            if "running_" in name:
                np.testing.assert_array_equal(buffer, optimizer.averages[shim.id, name])


def test_training_goes_on_from_the_weights_themselves(bert):
    pipelines = [tagger_pipeline(bert, layer=1) for _ in range(2)]
    pipelines[1].from_bytes(pipelines[0].to_bytes())
    for nlp, use_averages in zip(pipelines, (True, False), strict=True):
        optimizer = Adam(0.01, use_averages=use_averages)
        for _ in range(STEPS):
            nlp.update(tag_examples(nlp), sgd=optimizer)
            with nlp.use_params(optimizer.averages):
                vectors(nlp)
    first, second = (list(weights_of(nlp).values()) for nlp in pipelines)
    assert all((one == other).all() for one, other in zip(first, second, strict=True))


def test_packed_weights_follow_averages_that_change_in_place(trained, tmp_path):
    nlp, optimizer, _ = trained
    with nlp.use_params(optimizer.averages):
        vectors(nlp)
    for key in optimizer.averages:
        if key[0] == torch_shims(nlp)[0].id:
            optimizer.averages[key] *= 0.5
    with nlp.use_params(optimizer.averages):
        found = vectors(nlp)
        nlp.to_disk(tmp_path)
    np.testing.assert_allclose(found, vectors(spacy.load(tmp_path)), rtol=1e-5, atol=1e-6)


def test_no_average_of_a_step_that_overflowed(trained):
    nlp, optimizer, _ = trained
    before = {key: value.copy() for key, value in optimizer.averages.items()}
    for shim in torch_shims(nlp):
        shim._grad_scaler._found_inf = True
        for _, each in averaged(shim._model):
            if isinstance(each, torch.nn.Parameter):
                each.grad = torch.ones_like(each)
            else:
                # As the forward pass of the step has moved it
                each += 1
        shim.finish_update(optimizer)
    assert equal(before, optimizer.averages)
