import pytest
from spacy_transformers.span_getters import get_doc_spans

from spacy_dlfa.architectures import create_transformer_model
from spacy_dlfa.encoder import probe


@pytest.fixture
def encoded(monkeypatch):
    """The windows that are encoded for a first look."""
    found = []
    encode = probe._encode

    def note(encoder, windows):
        found.extend(windows)
        return encode(encoder, windows)

    monkeypatch.setattr(probe, "_encode", note)
    return found


def make(encoder):
    return create_transformer_model(encoder, get_doc_spans)


@pytest.fixture
def model(bert, encoded):
    made = make(bert)
    made.initialize()
    assert encoded
    encoded.clear()
    return made


def test_what_was_found_is_saved(bert, model, encoded):
    loaded = make(bert).from_bytes(model.to_bytes())
    assert encoded == []
    assert loaded.shim.norms == model.shim.norms
    assert loaded.layers[0].shims[0]._model.pads is True


def test_other_versions_look_again(bert, model, encoded, monkeypatch):
    monkeypatch.setattr(probe, "_VERSIONS", "torch 99, transformers 99")
    assert make(bert).from_bytes(model.to_bytes()).shim.norms == model.shim.norms
    assert encoded


def test_the_encoder_of_a_pipeline_is_looked_at_where_it_is_a_folder(model, encoded, tmp_path):
    model.transformer.save_pretrained(tmp_path)
    model.tokenizer.save_pretrained(tmp_path)
    make(str(tmp_path)).initialize()
    assert encoded
