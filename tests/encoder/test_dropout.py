"""Dropout of the encoder while it trains: what torch's does, by other draws."""

import copy
import pickle

import pytest
import torch
from torch import nn

from spacy_dlfa.encoder.dropout import CpuDropout, draw_faster
from tests.pipelines import tag_examples, tagger_pipeline


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float64])
@pytest.mark.parametrize("p", [0.1, 0.5])
def test_a_share_is_dropped_and_the_rest_is_scaled(dtype, p):
    torch.manual_seed(0)
    rows = torch.ones(401, 255, dtype=dtype)
    found = CpuDropout(p)(rows)
    assert found.dtype == dtype
    assert found.shape == rows.shape
    kept = found[found != 0]
    assert torch.allclose(kept, torch.full_like(kept, 1 / (1 - p)), rtol=2**-7)
    assert (found == 0).double().mean().item() == pytest.approx(p, abs=0.01)


def test_units_are_dropped_independently():
    torch.manual_seed(0)
    dropped = (CpuDropout(0.5)(torch.ones(20_000, 8)) == 0).double()
    # Four neighbours come out of one draw
    correlation = torch.corrcoef(dropped.T) - torch.eye(8)
    assert correlation.abs().max() < 0.03


def test_gradients_pass_where_units_are_kept():
    rows = torch.randn(7, 5, 3, dtype=torch.double, requires_grad=True)
    dropout = CpuDropout(0.25)

    def drop(rows):
        torch.manual_seed(3)
        return dropout(rows)

    assert torch.autograd.gradcheck(drop, rows)
    drop(rows).sum().backward()
    assert torch.equal(rows.grad == 0, drop(rows) == 0)


def test_a_seed_gives_the_same_draws():
    rows = torch.randn(31, 16)
    found = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        found.append(CpuDropout(0.3)(rows))
    assert torch.equal(found[0], found[1])
    assert not torch.equal(found[0], found[2])


@pytest.mark.parametrize("p", [0.0, 1e-9, 1.0])
def test_all_or_nothing(p):
    rows = torch.randn(9, 3)
    assert torch.equal(CpuDropout(p)(rows), nn.Dropout(p)(rows))


@pytest.mark.parametrize("shape", [(), (0,), (1,), (0, 4), (3, 0, 2)])
def test_any_shape(shape):
    assert CpuDropout(0.5)(torch.ones(shape)).shape == shape


def test_views_whose_memory_is_not_in_order():
    torch.manual_seed(0)
    rows = torch.arange(1.0, 1201).view(30, 40).T
    found = CpuDropout(0.5)(rows)
    kept = found != 0
    assert torch.equal(found[kept], 2 * rows[kept])


def test_nothing_is_dropped_in_evaluation():
    rows = torch.randn(9, 3)
    assert torch.equal(CpuDropout(0.5).eval()(rows), rows)


def test_copies():
    for made in (copy.deepcopy(CpuDropout(0.3)), pickle.loads(pickle.dumps(CpuDropout(0.3)))):
        assert made.p == 0.3


def test_other_devices_have_their_own():
    assert CpuDropout(0.5)(torch.ones(3, device="meta")).device.type == "meta"


def test_torchs_default_device_does_not_matter():
    with torch.device("meta"):
        dropout = CpuDropout(0.5)
        assert dropout(torch.ones(3, device="cpu")).device.type == "cpu"


def test_subclasses_stay():
    class Own(nn.Dropout):
        pass

    module = nn.Sequential(Own(0.1), nn.Sequential(nn.Dropout(0.2).eval()), nn.Dropout(0.3))
    draw_faster(module)
    assert [type(each) for each in (module[0], module[1][0], module[2])] == [
        Own,
        CpuDropout,
        CpuDropout,
    ]
    assert (module[1][0].p, module[2].p) == (0.2, 0.3)
    assert (module[1][0].training, module[2].training) == (False, True)


def test_the_encoder_trains_with_it(bert):
    nlp = tagger_pipeline(bert, layer=1, transformer_config={"hidden_dropout_prob": 0.3})
    transformer = nlp.get_pipe("transformer").model
    found = [each for each in transformer.transformer.modules() if isinstance(each, nn.Dropout)]
    assert found
    assert all(type(each) is CpuDropout for each in found)
    docs = [example.predicted for example in tag_examples(nlp)]
    layers = []
    for seed in (0, 0, 1):
        torch.manual_seed(seed)
        output, _ = transformer.begin_update(docs)
        layers.append(output.layers["layer_1"].detach())
    assert torch.equal(layers[0], layers[1])
    assert not torch.equal(layers[0], layers[2])
