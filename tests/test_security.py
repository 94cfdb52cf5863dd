"""Loading a pipeline unpickles nothing and asks no network."""

import pickle
import socket

import pytest
import spacy
import torch

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


def test_pickle_in_place_of_weights_is_refused(saved):
    """A malicious pickle where the weights should be is never run."""
    canary = saved / "canary"

    class Payload:
        def __reduce__(self):
            return open, (str(canary), "w")

    model = saved / "transformer" / "model"
    model.write_bytes(pickle.dumps(Payload()))
    with pytest.raises(Exception, match=r".*"):
        spacy.load(saved)
    assert not canary.exists()
