"""Loading a pipeline unpickles nothing and asks no network."""

import pickle
import socket

import pytest
import safetensors
import spacy
import srsly
import torch

from spacy_dlfa.layers.pretrained import pack, unpack
from tests.pipelines import tagger_pipeline


@pytest.fixture
def saved(bert, tmp_path):
    nlp = tagger_pipeline(bert)
    nlp.to_disk(tmp_path)
    return tmp_path


def refuse(*args, **kwargs):
    raise AssertionError("refused")


def test_loading_unpickles_nothing(saved, monkeypatch):
    for module, names in {pickle: ["load", "loads", "Unpickler"], torch: ["load"]}.items():
        for name in names:
            monkeypatch.setattr(module, name, refuse)
    with pytest.raises(AssertionError):
        pickle.loads(b"")
    assert spacy.load(saved)("Anna")[0].text == "Anna"


def test_loading_asks_no_network(saved, monkeypatch):
    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    assert spacy.load(saved)("Anna")[0].text == "Anna"


class Payload:
    """Opens a file when it is unpickled."""

    def __init__(self, canary):
        self.canary = str(canary)

    def __reduce__(self):
        return open, (self.canary, "w")


@pytest.mark.parametrize("name", ["model.safetensors", "pytorch_model.bin"])
def test_a_pickle_in_place_of_the_weights_is_refused(bert, tmp_path, name):
    files = pack(tagger_pipeline(bert).get_pipe("transformer").model.shim.hf_model)
    del files["model.safetensors"]
    files[name] = pickle.dumps(Payload(tmp_path / "canary"))
    with pytest.raises((ValueError, safetensors.SafetensorError)):
        unpack(files)
    assert not (tmp_path / "canary").exists()


def test_code_in_a_package_is_not_run(bert, tmp_path, monkeypatch):
    """Nor is anybody asked whether to run it."""
    monkeypatch.setattr("builtins.input", refuse)
    files = pack(tagger_pipeline(bert).get_pipe("transformer").model.shim.hf_model)
    config = srsly.json_loads(files["config.json"])
    config |= {"model_type": "unheard-of", "auto_map": {"AutoConfig": "x.C", "AutoModel": "x.M"}}
    files["config.json"] = srsly.json_dumps(config).encode()
    files["x.py"] = f"open({str(tmp_path / 'canary')!r}, 'w')".encode()
    with pytest.raises(ValueError, match="trust_remote_code"):
        unpack(files)
    assert not (tmp_path / "canary").exists()
