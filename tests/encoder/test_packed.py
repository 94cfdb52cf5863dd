"""Prediction goes on where torch lacks what packed weights need: private operations, or int8."""

import threading
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
import spacy
import torch

from spacy_dlfa.encoder.encoder import use_bf16
from spacy_dlfa.encoder.packed import pack_encoder
from tests.configs import example, pipeline

OPERATIONS = ["_reorder_linear_weight", "_linear_pointwise", "_is_mkldnn_bf16_supported"]
TEXTS = ["Anna lives in Oslo", "She works for Acme . " * 40, ""]
# float32 sums in another order
ROUNDING = {"atol": 1e-4, "rtol": 1e-4}


@pytest.fixture(scope="module")
def saved(bert, tmp_path_factory):
    """The project's own pipeline, on disk."""
    path = tmp_path_factory.mktemp("saved")
    nlp = pipeline("tagger", bert, "DLFA")
    nlp.initialize(lambda: [example(nlp, "tagger")])
    nlp.to_disk(path)
    return path


def load(saved, **settings):
    overrides = {f"components.transformer.model.{key}": value for key, value in settings.items()}
    return spacy.load(saved, config=overrides)


def encode(nlp):
    """The last layer of all texts, (N, E)."""
    batch = nlp.get_pipe("transformer").predict([nlp.make_doc(text) for text in TEXTS])
    return batch.model_output.last_hidden_state


def replace(monkeypatch, name, operation=None):
    """Let torch have another operation of a name, or none."""
    known = {key: getattr(torch.ops.mkldnn, key) for key in OPERATIONS if key != name}
    known |= {name: operation} if operation else {}
    monkeypatch.setattr(torch.ops, "mkldnn", SimpleNamespace(**known))


def fail(*args):
    raise RuntimeError("could not create a primitive")


def plain(saved, precision):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return encode(load(saved, precision=precision, packed=False))


def test_without_packed_weights_the_outputs_are_the_same(saved, monkeypatch):
    packed = encode(load(saved))
    for name in OPERATIONS:
        replace(monkeypatch, name, fail)
    torch.testing.assert_close(plain(saved, "fp32"), packed, **ROUNDING)


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize(
    "operation",
    [None, fail, lambda its, number, of, arguments: None],
    ids=["gone", "raises", "other"],
)
def test_an_operation_that_torch_lacks(saved, monkeypatch, name, operation):
    precision = "bf16" if name == "_is_mkldnn_bf16_supported" else "fp32"
    nlp, expected = load(saved, precision=precision), plain(saved, precision)
    replace(monkeypatch, name, operation)
    with pytest.warns(UserWarning, match=r"packed = true: .* set packed = false") as caught:
        found = encode(nlp)
    assert len(caught) == 1
    assert torch.equal(found, expected)
    # Said once, and not tried again
    assert torch.equal(encode(nlp), expected)
    assert [doc.text for doc in nlp.pipe(TEXTS)] == TEXTS


def test_an_operation_that_fails_later(saved, monkeypatch):
    nlp = load(saved)
    encode(nlp)
    replace(monkeypatch, "_linear_pointwise", fail)
    with pytest.warns(UserWarning, match="could not create a primitive"):
        assert torch.equal(encode(nlp), plain(saved, "fp32"))


def no_memory(*args, **kwargs):
    raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes")


def test_a_batch_that_is_too_large(saved, monkeypatch):
    """It's an error, and the packed weights stay in use."""
    nlp = load(saved)
    expected = encode(nlp)
    with monkeypatch.context() as patched:
        replace(patched, "_linear_pointwise", no_memory)
        with pytest.raises(RuntimeError, match="can't allocate memory"):
            encode(nlp)
    monkeypatch.setattr(nlp.get_pipe("transformer").model.shim._model, "encode_batches", fail)
    assert torch.equal(encode(nlp), expected)


def test_weights_that_are_too_large(saved, monkeypatch):
    """Without memory for packed ones, prediction goes on with torch's own."""
    nlp = load(saved)
    replace(monkeypatch, "_reorder_linear_weight", no_memory)
    with pytest.warns(UserWarning, match=r"can't allocate memory"):
        assert torch.equal(encode(nlp), plain(saved, "fp32"))


@pytest.mark.parametrize("precision", ["fp32", "int8"])
def test_weights_that_are_written_through_data(saved, precision):
    """Which torch doesn't show: `weights_changed` says so."""
    nlp, other = load(saved, precision=precision), load(saved, precision=precision, packed=False)
    encode(nlp)
    for each in (nlp, other):
        for parameter in each.get_pipe("transformer").model.transformer.parameters():
            parameter.data.mul_(0.5)
    nlp.get_pipe("transformer").model.shim.weights_changed()
    torch.testing.assert_close(encode(nlp), encode(other), **ROUNDING)


@pytest.mark.parametrize("precision", ["fp32", "int8"])
@pytest.mark.parametrize("packed_before", [False, True])
def test_hooks_on_modules_are_called(saved, precision, packed_before):
    """They change what comes out as with torch's own layers, and packed ones come back."""
    nlp = load(saved, precision=precision)
    if packed_before:
        before = encode(nlp)
    layer = nlp.get_pipe("transformer").model.transformer.encoder.layer[-1].output
    hook = layer.register_forward_hook(lambda module, given, output: output * 0)
    assert not encode(nlp).any()
    hook.remove()
    found = encode(nlp)
    assert found.any()
    assert not packed_before or torch.equal(found, before)


def test_threads_pack_once(saved, monkeypatch):
    nlp, made = load(saved), []
    start = threading.Barrier(4)

    def pack(*args):
        made.append(args)
        time.sleep(0.1)
        return pack_encoder(*args)

    def predict(_):
        start.wait()
        return nlp(TEXTS[0])

    monkeypatch.setattr("spacy_dlfa.encoder.shim.pack_encoder", pack)
    with ThreadPoolExecutor(4) as pool:
        assert len(list(pool.map(predict, range(4)))) == 4
    assert len(made) == 1


def test_an_encoder_that_fails_itself_is_no_fault_of_its_packed_weights(saved, monkeypatch):
    nlp = load(saved)
    with monkeypatch.context() as patched:
        patched.setattr("spacy_dlfa.encoder.encoder.Encoder.encode_batches", fail)
        patched.setattr("spacy_dlfa.encoder.packed_encoder.PackedEncoder.encode_batches", fail)
        with pytest.raises(RuntimeError, match="could not create a primitive"):
            encode(nlp)
    # The packed weights are still in use
    monkeypatch.setattr(nlp.get_pipe("transformer").model.shim._model, "encode_batches", fail)
    encode(nlp)


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("lacking", ["quantize_dynamic", "type", "engine"])
def test_int8_is_auto_where_torch_lacks_it(saved, monkeypatch, packed, lacking):
    expected = encode(load(saved, precision="auto", packed=packed))
    nlp = load(saved, precision="int8", packed=packed)
    if lacking == "engine":
        monkeypatch.setattr("torch.ao.quantization.quantize_dynamic", fail)
    else:
        monkeypatch.delattr(
            "torch.qint8" if lacking == "type" else f"torch.ao.quantization.{lacking}"
        )
    with pytest.warns(
        UserWarning, match=r'precision = "int8": .* set precision = "auto"'
    ) as caught:
        assert torch.equal(encode(nlp), expected)
    assert len(caught) == 1
    assert torch.equal(encode(nlp), expected)


def test_int8_needs_no_private_operation(saved, monkeypatch):
    expected = encode(load(saved, precision="int8"))
    for name in OPERATIONS:
        replace(monkeypatch, name, fail)
    assert torch.equal(encode(load(saved, precision="int8")), expected)


def test_all_of_it_gone(saved, monkeypatch):
    nlp = load(saved, precision="int8")
    expected = plain(saved, "auto")
    monkeypatch.delattr("torch.ao.quantization.quantize_dynamic")
    monkeypatch.setattr(torch.ops, "mkldnn", SimpleNamespace())
    with pytest.warns(UserWarning, match="as torch .* fails with") as caught:
        assert torch.equal(encode(nlp), expected)
    assert len(caught) == 2


@pytest.mark.parametrize("native", [True, False])
def test_bfloat16_is_found_in_older_and_newer_releases_of_torch(monkeypatch, native):
    private, public = "torch.cpu._is_avx512_bf16_supported", "torch.cpu.get_capabilities"
    with monkeypatch.context() as older:
        older.delattr(public, raising=False)
        older.setattr(private, lambda: native)
        assert use_bf16("auto", "cpu") == native
        older.delattr(private)
        assert not use_bf16("auto", "cpu")
    monkeypatch.delattr(private)
    monkeypatch.setattr(public, lambda: {"avx512_bf16": native}, raising=False)
    assert use_bf16("auto", "cpu") == native


def test_the_setting_is_kept(saved, tmp_path):
    load(saved, packed=False).to_disk(tmp_path)
    nlp = spacy.load(tmp_path)
    assert nlp.get_pipe("transformer").model.settings["packed"] is False
    assert nlp.get_pipe("transformer").model.copy().settings["packed"] is False
    nlp.replace_listeners("transformer", "tagger", ["model.tok2vec"])
    nlp.remove_pipe("transformer")
    nlp.to_disk(tmp_path)
    config = spacy.load(tmp_path).config["components"]["tagger"]["model"]["tok2vec"]
    assert config["@architectures"] == "spacy_dlfa.DLFATok2Vec.v1"
    assert config["packed"] is False
