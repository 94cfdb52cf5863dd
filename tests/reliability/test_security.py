"""Loading a pipeline runs no code of it, asks no network and opens no file outside."""

import io
import json
import pickle
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import numpy
import pytest
import spacy
import torch

from scripts import xtreme
from spacy_dlfa.atomic import write_bytes
from spacy_dlfa.encoder.pretrained import load_pretrained, unpack
from spacy_dlfa.storage.manifest import MANIFEST
from tests.pipelines import tagger_pipeline
from tests.reliability.encoder_files import (
    CONFIG,
    MODEL,
    WEIGHTS,
    change,
    read_folder,
    read_saved,
    remove,
    reseal,
    settings,
    write_folder,
    write_saved,
)
from tests.reliability.pipelines import SENTENCES, learn, ours


@pytest.fixture(scope="module")
def whole(trained, tmp_path_factory):
    """A saved pipeline that nobody changes."""
    folder = tmp_path_factory.mktemp("whole") / "pipeline"
    trained.to_disk(folder)
    return folder


@pytest.fixture
def saved(whole, tmp_path):
    """A copy to change."""
    return Path(shutil.copytree(whole, tmp_path / "saved"))


@pytest.fixture
def canary(tmp_path):
    """A file that code in a package would make."""
    return tmp_path / "canary"


class Payload:
    """Makes a file when it is unpickled."""

    def __init__(self, canary):
        self.canary = str(canary)

    def __reduce__(self):
        return open, (self.canary, "w")


def pickled(canary):
    return pickle.dumps(Payload(canary))


def torch_pickled(canary):
    file = io.BytesIO()
    torch.save({"embeddings.word_embeddings.weight": Payload(canary)}, file)
    return file.getvalue()


def numpy_pickled(canary):
    file = io.BytesIO()
    numpy.save(file, numpy.array([Payload(canary)], dtype=object), allow_pickle=True)
    return file.getvalue()


PICKLES = [pickled, torch_pickled, numpy_pickled]


def test_payloads_are_live(canary):
    for load, payload in [
        (pickle.load, pickled),
        (lambda file: torch.load(file, weights_only=False), torch_pickled),
        (lambda file: numpy.load(file, allow_pickle=True), numpy_pickled),
    ]:
        load(io.BytesIO(payload(canary)))
        canary.unlink()


@pytest.mark.parametrize("payload", PICKLES)
def test_a_pickle_in_place_of_any_file(whole, saved, canary, payload):
    """Fault 50: spaCy takes some for text, and refuses the others; none is unpickled."""
    files = [path.relative_to(whole) for path in sorted(whole.rglob("*")) if path.is_file()]
    assert MODEL in files
    refused = set()
    for file in files:
        (saved / file).write_bytes(payload(canary))
        try:
            spacy.load(saved)("Anna lives in Oslo .")
        except Exception:
            refused.add(file)
        assert not canary.exists()
        (saved / file).write_bytes((whole / file).read_bytes())
    assert {MODEL, Path("ner/model"), Path("tagger/model"), Path("config.cfg")} <= refused
    assert spacy.load(saved)("Anna")[0].text == "Anna"


@pytest.mark.parametrize("payload", PICKLES)
def test_a_pickle_in_place_of_any_file_of_the_encoder(saved, canary, payload):
    """Fault 50: with checksums that are right."""
    files = read_saved(saved)
    for name in [*files, "pytorch_model.bin", "training_args.bin", "vocab.pkl"]:
        damaged = {**files, name: payload(canary)}
        write_saved(damaged if name == MANIFEST else reseal(damaged), saved)
        with pytest.raises(ValueError, match="Can't load the saved encoder"):
            spacy.load(saved)
        assert not canary.exists()
    write_saved(reseal({**remove(WEIGHTS)(files), "pytorch_model.bin": payload(canary)}), saved)
    with pytest.raises(ValueError, match=r"found pytorch_model.bin; expected model.safetensors"):
        spacy.load(saved)
    assert not canary.exists()


def test_a_folder_in_place_of_the_saved_model(saved, bert, canary):
    """Fault 50: spacy-transformers would take it for one of its old version and load it."""
    (saved / MODEL).unlink()
    files = {**remove(WEIGHTS)(read_folder(bert)), "pytorch_model.bin": torch_pickled(canary)}
    write_folder(files, saved / MODEL)
    refused = pytest.raises(ValueError, match="is a folder or can't be opened")
    with pytest.warns(UserWarning, match="v1.0"), refused:
        spacy.load(saved)
    assert not canary.exists()


@pytest.mark.filterwarnings("ignore:Detected pickle protocol")
@pytest.mark.parametrize("payload", PICKLES)
def test_a_pickle_in_an_encoder_folder(bert, tmp_path, canary, payload):
    """Fault 50: what `name` names may be torch's older format, of which only tensors are read."""
    files = {**remove(WEIGHTS)(read_folder(bert)), "pytorch_model.bin": payload(canary)}
    folder = write_folder(files, tmp_path / "encoder")
    with pytest.raises(ValueError, match="Can't load the encoder"):
        load_pretrained(folder, {}, {})
    assert not canary.exists()


def test_code_in_a_package(saved, canary, monkeypatch):
    """Fault 57: it is not run, whatever the config says, and nobody is asked to allow it."""
    monkeypatch.setattr("builtins.input", lambda *args: pytest.fail("asked"))
    code = {"AutoConfig": "code.C", "AutoModel": "code.M", "AutoTokenizer": ["code.T", "code.T"]}
    files = settings(CONFIG, model_type="unheard-of", auto_map=code)(read_saved(saved))
    write_saved(reseal(files), saved)
    config = spacy.util.load_config(saved / "config.cfg")
    for name in ("tokenizer_config", "transformer_config"):
        config["components"]["transformer"]["model"][name] = {"trust_remote_code": True}
    config.to_disk(saved / "config.cfg")
    with pytest.raises(ValueError, match=r"config.json sets auto_map.*never followed"):
        spacy.load(saved)
    source = f"open({str(canary)!r}, 'w')".encode()
    write_saved(reseal({**files, "code.py": source}), saved)
    with pytest.raises(ValueError, match=r"found code.py; expected"):
        spacy.load(saved)
    assert not canary.exists()


def test_code_in_an_encoder_folder(bert, tmp_path, canary, monkeypatch):
    """Fault 57."""
    monkeypatch.setattr("builtins.input", lambda *args: pytest.fail("asked"))
    files = settings(CONFIG, model_type="unheard-of", auto_map={"AutoConfig": "code.C"})(
        {**read_folder(bert), "code.py": f"open({str(canary)!r}, 'w')".encode()}
    )
    folder = write_folder(files, tmp_path / "encoder")
    with pytest.raises(ValueError, match="contains custom code"):
        load_pretrained(folder, {}, {})
    for setting in ("tokenizer", "transformer"):
        given = {"tokenizer": {}, "transformer": {}, setting: {"trust_remote_code": True}}
        with pytest.raises(ValueError, match=r"trust_remote_code is set, but .* never run"):
            load_pretrained(folder, given["tokenizer"], given["transformer"])
    assert not canary.exists()


@pytest.mark.parametrize(
    "name",
    [
        "../evil.json",
        "/tmp/evil.json",
        "..\\evil.json",
        "C:evil.json",
        "folder/evil.json",
        "evil\0.json",
        "evil\n.json",
        "..",
        ".",
        "",
        ".json",
        "~evil.json",
        "１.json",
        7,
        None,
    ],
)
def test_a_file_outside_the_folder(saved, name):
    """Fault 53: for what a saved encoder holds; no archive is ever extracted."""
    files = read_saved(saved)
    with pytest.raises(ValueError, match=r"names a file .* outside its folder"):
        unpack({**files, name: b"{}"})


@pytest.mark.parametrize(
    "damage",
    [
        settings("tokenizer_config.json", tokenizer_file="{}"),
        settings("tokenizer_config.json", vocab_file="{}"),
        settings("tokenizer_config.json", fast_tokenizer_files=["tokenizer.1.0.0.json"]),
        settings("tokenizer_config.json", auto_map={"AutoTokenizer": ["code.T", "code.T"]}),
        settings(CONFIG, attn_implementation="somebody/kernel:code"),
        settings(CONFIG, _attn_implementation_internal="somebody/kernel:code"),
        settings(CONFIG, text_config={"attn_implementation": "somebody/kernel:code"}),
        settings(CONFIG, parts=[{"auto_map": {"AutoModel": "code.M"}}]),
        settings(CONFIG, quantization_config={"quant_method": "gptq"}),
        settings(CONFIG, backbone="somebody/model", use_timm_backbone=True),
        change("model.safetensors.index.json", b'{"weight_map": {"a": "../evil.safetensors"}}'),
        change("adapter_config.json", b'{"base_model_name_or_path": "../evil"}'),
        change("evil.safetensors", b""),
    ],
)
def test_a_setting_that_reaches_out(saved, damage):
    """Fault 53: transformers would open what is named, or fetch and run it."""
    write_saved(reseal(damage(read_saved(saved))), saved)
    with pytest.raises(ValueError, match=r"never followed|; expected model.safetensors"):
        spacy.load(saved)


def test_a_link_is_replaced_and_not_written_through(tmp_path):
    """Fault 53: a file that is written whole leaves alone what a link in its place points to."""
    (tmp_path / "outside").write_bytes(b"outside")
    (tmp_path / "link").symlink_to(tmp_path / "outside")
    write_bytes(tmp_path / "link", b"inside")
    assert (tmp_path / "outside").read_bytes() == b"outside"
    assert (tmp_path / "link").read_bytes() == b"inside"


WATCH = """
import json, sys

events = []

def watch(event, args):
    if event.startswith(("socket.connect", "socket.getaddrinfo", "socket.gethostby")):
        events.append([event, ""])
        raise OSError("no network here")
    if event in ("pickle.find_class", "subprocess.Popen", "os.system", "os.exec"):
        events.append([event, str(args[:2])])
    if event in ("open", "os.listdir", "os.scandir") and isinstance(args[0], str):
        events.append(["open", args[0]])

# Whatever the packages do when they are imported is theirs
import spacy, spacy_dlfa.pipeline.component, spacy_dlfa.architectures, transformers
import numpy.testing  # asks lscpu in older releases
spacy.blank("xx")
sys.addaudithook(watch)
nlp = spacy.load(sys.argv[1])
docs = list(nlp.pipe(sys.argv[2:]))
found = [ent.text for doc in docs for ent in doc.ents]
print(json.dumps({"entities": found, "events": events}))
"""


@pytest.fixture(scope="module")
def watched(bert, tmp_path_factory):
    """What loading and predicting does in a process that has no network, by audit events.

    In the config, `name` points to a folder that is there.
    """
    folder = tmp_path_factory.mktemp("watched")
    shutil.copytree(bert, folder / "named")
    nlp = learn(ours(str(folder / "named")))
    nlp.to_disk(folder / "pipeline")
    result = subprocess.run(
        [sys.executable, "-c", WATCH, str(folder / "pipeline"), *SENTENCES, ""],
        capture_output=True,
        env={"PATH": "", "PYTHONPATH": str(Path(__file__).parents[2]), "OMP_NUM_THREADS": "1"},
        text=True,
        timeout=120,
    )
    assert result.returncode == 0, result.stderr
    expected = [ent.text for doc in nlp.pipe([*SENTENCES, ""]) for ent in doc.ents]
    return json.loads(result.stdout.splitlines()[-1]), folder, expected


def test_it_works_without_a_network(watched):
    """Fault 48: and does not even try, with transformers' offline mode off."""
    result, _, expected = watched
    assert result["entities"] == expected == ["Anna", "Oslo", "Acme", "Berlin"]
    assert not [event for event in result["events"] if event[0].startswith("socket")]


def test_nothing_is_unpickled_or_started(watched):
    """Fault 50: Python reports every class that a pickle asks for."""
    result, _, _ = watched
    assert not [event for event in result["events"] if event[0] != "open"]


def test_the_name_in_a_saved_config_is_never_opened(watched):
    """Fault 53: it says where the encoder came from, and may point anywhere."""
    result, folder, _ = watched
    opened = [path for event, path in result["events"] if event == "open"]
    assert str(folder / "pipeline" / MODEL) in opened
    assert not [path for path in opened if path.startswith(str(folder / "named"))]


def test_a_saved_encoder_holds_safetensors_only(saved):
    files = read_saved(saved)
    assert WEIGHTS in files
    assert not [name for name in files if name.endswith((".bin", ".pt", ".pkl"))]


def test_a_pipeline_is_usable_after_a_refusal(saved, bert):
    """What was refused leaves nothing behind in the process."""
    write_saved({"a": b""}, saved)
    with pytest.raises(ValueError, match="Can't load the saved encoder"):
        spacy.load(saved)
    assert tagger_pipeline(bert)("Anna")[0].tag_


def test_an_archive_that_reaches_out(tmp_path):
    """Fault 53: of archives, files are read one by one and written under names of the script's."""
    row = b"1\ta\t_\tNOUN\t_\t_\t0\troot\t_\t_\n\n"
    with tarfile.open(tmp_path / "ud-treebanks-v2.5.tgz", "w:gz") as archive:
        link = tarfile.TarInfo("test")
        link.type, link.linkname = tarfile.SYMTYPE, str(tmp_path / "elsewhere")
        archive.addfile(link)
        for name in (
            "../../de_a-ud-test.conllu",
            "/tmp/../de_b-ud-test.conllu",
            "../x_y-evil.conllu",
        ):
            member = tarfile.TarInfo(name)
            member.size = len(row)
            archive.addfile(member, io.BytesIO(row))
    before = set(tmp_path.parent.rglob("*"))
    xtreme.unpack("tagger", tmp_path, tmp_path / "out")
    made = set(tmp_path.parent.rglob("*")) - before
    assert {path.name for path in made} == {"out", "test", "de_xtreme.conllu"}
    assert (tmp_path / "out" / "test" / "de_xtreme.conllu").read_bytes() == 2 * row
