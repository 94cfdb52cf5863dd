"""Files that hurt: one error that names the file, never a wrong or a partial pipeline."""

import itertools
import json
import random
import shutil
import sys
import tempfile
from contextlib import nullcontext
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace

import numpy
import pytest
import spacy
import srsly
from catalogue import RegistryError
from confection import ConfigValidationError
from spacy.util import fix_random_seed
from transformers import AutoModel

from spacy_dlfa.encoder.pretrained import load_pretrained, pack, unpack
from spacy_dlfa.storage.manifest import FORMAT, MANIFEST
from tests.checkpoints import save_checkpoint
from tests.disks import full_disk
from tests.pipelines import tagger_pipeline
from tests.reliability import encoder_files as files_of
from tests.reliability.encoder_files import (
    CONFIG,
    FAULTS,
    MODEL,
    WEIGHTS,
    read_folder,
    read_saved,
    reseal,
    write_folder,
    write_saved,
)
from tests.reliability.pipelines import parameters, vectors

TEXT = "Anna lives in Oslo ."


@pytest.fixture(scope="module")
def whole(bert, tmp_path_factory):
    """A saved pipeline that nobody damages."""
    folder = tmp_path_factory.mktemp("whole") / "pipeline"
    tagger_pipeline(bert).to_disk(folder)
    return folder


@pytest.fixture
def saved(whole, tmp_path):
    """A copy to damage."""
    return Path(shutil.copytree(whole, tmp_path / "saved"))


def assert_same(nlp, other):
    """Weights bit by bit, and vectors but for rounding, which may depend on where weights lie."""
    assert parameters(nlp) == parameters(other)
    found, expected = (vectors(each, each(TEXT)) for each in (nlp, other))
    numpy.testing.assert_allclose(found, expected, atol=1e-5)


def assert_clear(error, *words):
    """One line that names what it is about and says what to do."""
    message = str(error.value)
    assert message.partition("] ")[2].startswith("Can't load the ")
    assert "\n" not in message
    for word in words:
        assert word in message


@pytest.mark.parametrize("fault", FAULTS)
def test_damaged_encoder_folder(bert, tmp_path, fault):
    """Faults 49, 51, 52: damage in the folder that `name` names."""
    damage, match = FAULTS[fault]
    folder = write_folder(damage(read_folder(bert)), tmp_path / "encoder")
    with pytest.raises(ValueError, match=match) as error:
        load_pretrained(folder, {}, {})
    assert_clear(error, f"the encoder '{folder}'", "Set name in the transformer's model")


def test_files_that_nobody_reads_cost_nothing(bert, tmp_path):
    """Results of a training, and what macOS leaves beside files."""
    stray = {"eval_results.json": b"{}\n{}\n", "optimizer.safetensors": b"half"}
    stray |= {f"._{name}": b"\0\5\26\7\xff" for name in (WEIGHTS, CONFIG, "tokenizer.json")}
    folder = write_folder({**read_folder(bert), **stray}, tmp_path / "encoder")
    assert load_pretrained(folder, {}, {}).transformer.config.hidden_size == 16


def test_a_tokenizer_with_several_chat_templates(bert):
    encoder = load_pretrained(bert, {}, {})
    encoder.tokenizer.chat_template = {"default": "{{ messages }}", "rag": "{{ messages }}"}
    assert unpack(pack(encoder)).tokenizer.tokenize("Anna") == encoder.tokenizer.tokenize("Anna")


@pytest.mark.parametrize("fault", FAULTS)
def test_damaged_saved_encoder(saved, fault):
    """Faults 49, 51, 52: the same in a saved pipeline, where a checksum comes first."""
    damage, match = FAULTS[fault]
    damaged = damage(read_saved(saved))
    write_saved(damaged, saved)
    with pytest.raises(ValueError, match=r"is missing|SHA-256") as error:
        spacy.load(saved)
    assert_clear(error, "the saved encoder", "Save or download the pipeline again")
    write_saved(reseal(damaged), saved)
    with pytest.raises(ValueError, match=match) as error:
        spacy.load(saved)
    assert_clear(error, "the saved encoder", "Save or download the pipeline again")


@pytest.mark.parametrize(
    "name", [WEIGHTS, CONFIG, "tokenizer.json", "tokenizer_config.json", "tokenizer_kind.json"]
)
def test_a_flipped_bit_is_found(whole, name):
    """Fault 49: whichever it is."""
    files, choose = read_saved(whole), random.Random(0)
    shim = spacy.load(whole).get_pipe("transformer").model.shim
    encoder = shim.hf_model
    for _ in range(100):
        damaged = flip(files[name], choose)
        with pytest.raises(ValueError, match=rf"{name} is damaged: its SHA-256"):
            shim.from_bytes(srsly.msgpack_dumps({**files, name: damaged}))
    assert shim.hf_model is encoder


def test_a_flipped_bit_in_the_manifest_is_found(whole):
    """Fault 49: but for those in the version, which is named in errors only."""
    files, choose = read_saved(whole), random.Random(0)
    shim = spacy.load(whole).get_pipe("transformer").model.shim
    for _ in range(100):
        damaged = flip(files[MANIFEST], choose)
        try:
            same = {**json.loads(files[MANIFEST]), "version": ""} == {
                **json.loads(damaged),
                "version": "",
            }
        except ValueError:
            same = False
        sealed = srsly.msgpack_dumps({**files, MANIFEST: damaged})
        if same:
            shim.from_bytes(sealed)
        else:
            with pytest.raises(ValueError, match="Can't load the saved encoder"):
                shim.from_bytes(sealed)


def flip(content, choose):
    """Flip a bit."""
    damaged = bytearray(content)
    damaged[choose.randrange(len(damaged))] ^= 1 << choose.randrange(8)
    return bytes(damaged)


def test_weights_of_another_pipeline(saved, bert, tmp_path):
    """Fault 49: of the same shape, so that nothing but the checksum can tell."""
    other = write_folder(
        files_of.tensors(lambda old: {key: 2 * value for key, value in old.items()})(
            read_folder(bert)
        ),
        tmp_path / "other",
    )
    tagger_pipeline(other).to_disk(tmp_path / "second")
    theirs = read_saved(tmp_path / "second")[WEIGHTS]
    write_saved({**read_saved(saved), WEIGHTS: theirs}, saved)
    with pytest.raises(ValueError, match=rf"{WEIGHTS} is damaged") as error:
        spacy.load(saved)
    assert_clear(error)


@pytest.mark.parametrize("cut", [0, 1, 100, 5000, -1])
def test_a_saved_model_that_is_cut_off(saved, cut):
    """Fault 49: the file of the component, which is thinc's."""
    content = (saved / MODEL).read_bytes()
    (saved / MODEL).write_bytes(content[:cut])
    with pytest.raises(ValueError, match="cut off") as error:
        spacy.load(saved)
    assert_clear(error, "the file 'model' of the transformer component")


def test_a_flipped_bit_around_the_saved_encoder(whole):
    """Fault 49: every bit of what thinc writes before it."""
    content = (whole / MODEL).read_bytes()
    model = spacy.load(whole).get_pipe("transformer").model
    start = content.index(b"shims") + len("shims")
    for position, bit in itertools.product(range(start), range(8)):
        damaged = bytearray(content)
        damaged[position] ^= 1 << bit
        with pytest.raises(ValueError, match="Can't load the saved model"):
            type(model)(**model.settings).from_bytes(bytes(damaged))


def test_a_missing_file(saved):
    """Fault 49: spaCy names it."""
    (saved / MODEL).unlink()
    with pytest.raises(FileNotFoundError, match="transformer/model"):
        spacy.load(saved)


def test_a_failed_load_leaves_the_pipeline_as_it_was(saved, whole):
    """Fault 49: a pipeline in use is told to load damaged files."""
    nlp, expected = spacy.load(whole), spacy.load(whole)
    for change in (files_of.remove(WEIGHTS), files_of.settings(CONFIG, hidden_size=32)):
        write_saved(reseal(change(read_saved(whole))), saved)
        with pytest.raises(ValueError, match="Can't load the saved encoder"):
            nlp.from_disk(saved)
    assert_same(nlp, expected)


def test_more_tensors_than_the_encoder_has(saved, bert, tmp_path):
    """Fault 51: in a saved encoder; what others publish has heads, which are passed over."""
    more = files_of.tensors(
        lambda old: {**old, "cls.bias": old["embeddings.LayerNorm.bias"].clone()}
    )
    write_saved(reseal(more(read_saved(saved))), saved)
    with pytest.raises(ValueError, match=r"have, besides those, 1, cls.bias first"):
        spacy.load(saved)
    folder = write_folder(more(read_folder(bert)), tmp_path / "encoder")
    pipelines = []
    for encoder in (folder, bert):
        fix_random_seed(0)
        pipelines.append(tagger_pipeline(encoder))
    assert_same(*pipelines)


def test_padding_of_another_tokenizer(tmp_path):
    """Where the encoder counts positions by the padding's id."""
    save_checkpoint("xlm-roberta", tmp_path)
    load_pretrained(tmp_path, {}, {})
    table = json.loads((tmp_path / CONFIG).read_text())
    (tmp_path / CONFIG).write_text(json.dumps({**table, "pad_token_id": 1}))
    with pytest.raises(ValueError, match=r"padding has the id 0, but .* pad_token_id = 1"):
        load_pretrained(tmp_path, {}, {})


def test_a_newer_version(saved):
    """Fault 54: both versions are named."""
    manifest = json.loads(read_saved(saved)[MANIFEST])
    newer = {**manifest, "format": FORMAT + 1, "version": "99.1.0", "more": 1}
    write_saved({**read_saved(saved), MANIFEST: json.dumps(newer).encode()}, saved)
    with pytest.raises(ValueError, match=rf"format {FORMAT + 1}, .* format {FORMAT}") as error:
        spacy.load(saved)
    here = f"this is spacy_dlfa {version('spacy_dlfa')}"
    assert_clear(error, "spacy_dlfa 99.1.0 saved it", here, "Install spacy_dlfa 99.1.0 or newer")


def test_saved_before_there_were_checksums(saved):
    """Fault 54, the other way round."""
    write_saved(files_of.remove(MANIFEST)(read_saved(saved)), saved)
    with pytest.raises(ValueError, match=rf"without {MANIFEST}.* 0.1.0 .*Train it again .*, \d"):
        spacy.load(saved)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'{"format": 1}',
        b'{"format": "1"}',
        b'{"format": 0, "version": "0", "sha256": {}}',
        b'{"format": 1, "version": "0", "sha256": 1}',
        b'{"format": 1, "version": "0", "sha256": {}}',
    ],
)
def test_a_damaged_manifest(saved, content):
    """Fault 49."""
    write_saved({**read_saved(saved), MANIFEST: content}, saved)
    with pytest.raises(ValueError, match=MANIFEST) as error:
        spacy.load(saved)
    assert_clear(error)


@pytest.mark.parametrize("way", ["disk", "bytes"])
def test_round_trip(whole, way, tmp_path):
    """Fault 47: weights bit by bit, and their outputs."""
    nlp = spacy.load(whole)
    if way == "disk":
        nlp.to_disk(tmp_path / "again")
        again = spacy.load(tmp_path / "again")
    else:
        again = spacy.util.load_model_from_config(nlp.config, auto_fill=True)
        again.from_bytes(nlp.to_bytes())
    assert_same(again, nlp)


@pytest.mark.parametrize("name", ["with space", "мой-пакет 模型", "a" * 200, "%20#;'"])
def test_odd_paths(bert, tmp_path, name):
    """Fault 55: of the encoder and of the pipeline."""
    encoder = shutil.copytree(bert, tmp_path / name / "encoder")
    nlp = tagger_pipeline(str(encoder))
    nlp.to_disk(tmp_path / name / "pipeline")
    assert_same(spacy.load(tmp_path / name / "pipeline"), nlp)


@pytest.mark.parametrize(
    ("setting", "value", "named"),
    [
        ("components.transformer.model.hiden_layers", [1], "hiden_layers"),
        ("components.transformer.model.hidden_layers", "eight", "hidden_layers"),
        ("components.transformer.model.precision", "fp17", "precision"),
        ("components.transformer.model.window", "wide", "window"),
        (
            "components.transformer.model.@architectures",
            "spacy_dlfa.Transformer.v1",
            "Transformer.v1",
        ),
        ("components.tagger.model.tok2vec.layer", None, "layer"),
        ("components.tagger.model.tok2vec.fusion.@layers", "spacy_dlfa.DFLA.v1", "DFLA.v1"),
    ],
)
def test_a_wrong_config(whole, setting, value, named):
    """Fault 56: spaCy's own errors name the setting."""
    with pytest.raises((ConfigValidationError, RegistryError), match=named):
        spacy.load(whole, config={setting: value})


def test_a_config_without_an_architecture(saved, whole):
    """Fault 56: the component's own default is the only one that there is."""
    config = spacy.util.load_config(saved / "config.cfg")
    del config["components"]["transformer"]["model"]["@architectures"]
    config.to_disk(saved / "config.cfg")
    assert_same(spacy.load(saved), spacy.load(whole))


def test_weights_in_several_files(bert, tmp_path, capfd):
    """As the embedded encoder has them; the same without a word, and damage in any is found."""
    model = AutoModel.from_pretrained(bert)
    model.save_pretrained(tmp_path, max_shard_size="20KB")
    for path in Path(bert).iterdir():
        if path.name != "model.safetensors":
            shutil.copy(path, tmp_path)
    parts = sorted(tmp_path.glob("*.safetensors"))
    assert len(parts) > 1
    capfd.readouterr()
    one, other = (tagger_pipeline(str(folder)) for folder in (bert, tmp_path))
    assert "shards" not in capfd.readouterr().err
    doc = one.make_doc("Anna lives in Oslo")
    numpy.testing.assert_array_equal(vectors(one, one(doc)), vectors(other, other(doc.copy())))
    parts[-1].write_bytes(parts[-1].read_bytes()[:-10])
    with pytest.raises(ValueError, match=f"{parts[-1].name} of .* is cut off"):
        tagger_pipeline(str(tmp_path))


def test_python_without_docstrings(whole, monkeypatch):
    """`python -OO`, in which transformers fails: the pipeline is not what is wrong."""
    flags = {name: getattr(sys.flags, name) for name in dir(sys.flags)}
    monkeypatch.setattr(sys, "flags", SimpleNamespace(**{**flags, "optimize": 2}))
    with pytest.raises(ValueError, match=r"DL035.*python -OO"):
        spacy.load(whole)


@pytest.mark.parametrize("full", [True, False])
def test_no_room_for_temporary_files(whole, tmp_path, monkeypatch, full):
    """As with a small /tmp, or in a read-only container: the error says what is needed."""
    nlp = spacy.load(whole)
    loaded = nlp.to_bytes()
    # Looked for anew, as at the start of a process
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path) if full else None)
    nowhere = str(tmp_path / "nowhere")
    monkeypatch.setattr(tempfile, "_candidate_tempdir_list", lambda: [nowhere])
    said = rf"DL036.* {tmp_path}, .* [0-9,]{{6,}} bytes: .*File too large.*TMPDIR"
    if not full:
        said = rf"DL036.* [0-9,]{{6,}} bytes: .*No usable temporary directory.*{nowhere}.*TMPDIR"
    for use in (nlp.to_bytes, lambda: nlp.from_bytes(loaded)):
        with full_disk() if full else nullcontext(), pytest.raises(OSError, match=said):
            use()
    assert not list(tmp_path.iterdir())
