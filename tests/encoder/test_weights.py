"""Loading changes nothing for other threads, and needs no file once it is done."""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import spacy
import torch
from transformers import BertModel
from transformers.utils import logging as hf_logging

from spacy_dlfa.encoder.pretrained import load_pretrained
from tests.checkpoints import ARCHITECTURES, save_checkpoint
from tests.pipelines import tagger_pipeline


@pytest.fixture
def often():
    """Threads take turns all the time."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


def load(name):
    return load_pretrained(name, {}, {}).transformer


def test_threads_load_at_once(bert, often):
    before = hf_logging.get_verbosity(), hf_logging.is_progress_bar_enabled()
    with ThreadPoolExecutor(2) as pool:
        loaded = [*pool.map(load, [bert] * 6), load(bert)]
    expected = load(bert).state_dict()
    for each in loaded:
        found = each.state_dict()
        assert all(torch.equal(found[name], expected[name]) for name in expected)
    assert not torch.nn.Linear(2, 2).weight.is_meta
    assert (hf_logging.get_verbosity(), hf_logging.is_progress_bar_enabled()) == before


def test_modules_are_made_while_another_thread_loads(bert, monkeypatch):
    """Their weights are there, and drawn."""
    made = []
    init = BertModel.__init__

    def make_another(*args, **kwargs):
        with ThreadPoolExecutor() as pool:
            made.append(pool.submit(torch.nn.Linear, 200, 2).result())
        init(*args, **kwargs)

    monkeypatch.setattr(BertModel, "__init__", make_another)
    random = torch.get_rng_state()
    load(bert)
    torch.set_rng_state(random)
    assert torch.equal(made[0].weight, torch.nn.Linear(200, 2).weight)


def test_loading_draws_no_random_numbers(bert):
    before = torch.get_rng_state()
    assert type(load(bert)) is BertModel
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("architecture", ["bert", "mt5"])
def test_files_may_change_once_they_are_loaded(architecture, tmp_path):
    """Weights in single precision, which safetensors maps; those that are tied stay so."""
    save_checkpoint(architecture, tmp_path)
    loaded = load(tmp_path)
    expected = {name: tensor.clone() for name, tensor in loaded.state_dict().items()}
    (file,) = tmp_path.glob("*.safetensors")
    with file.open("r+b") as weights:
        size = file.stat().st_size // 2
        weights.seek(-size, os.SEEK_END)
        weights.write(bytes(size))
    found = loaded.state_dict()
    assert all(torch.equal(found[name], expected[name]) for name in expected)
    if architecture == "mt5":
        assert loaded.shared.weight is loaded.encoder.embed_tokens.weight


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="Linux says what is mapped")
def test_no_file_is_held(bert, tmp_path):
    """Of a saved pipeline it was a temporary one, of the size of the encoder."""
    folder = tmp_path / "pipeline"
    tagger_pipeline(bert).to_disk(folder)
    nlp = spacy.load(folder)
    assert nlp.has_pipe("transformer")
    mapped = Path("/proc/self/maps").read_text().splitlines()
    # Removed ones have more behind their name
    assert not [line for line in mapped if ".safetensors" in line]


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_it_is_what_transformers_loads(architecture, tmp_path):
    found = load(save_checkpoint(architecture, tmp_path))
    expected = type(found).from_pretrained(tmp_path)
    for name, tensor in [*found.named_parameters(), *found.named_buffers()]:
        there = expected.get_parameter_or_buffer(name)
        assert torch.equal(tensor, there), name
        assert tensor.requires_grad == there.requires_grad, name
