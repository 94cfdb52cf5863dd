"""The commands beside `make bench`."""

import lzma

import numpy
import pytest
import spacy
import srsly
from spacy.tokens import Doc, DocBin

from benchmarks import joint, processes, tokens, word_spaces
from benchmarks.heads import save_pipelines
from benchmarks.profile import profile
from benchmarks.systems import SYSTEMS, load_pipeline

TEXTS = ["She lives in Paris .", "", "a b c"]


@pytest.fixture(scope="module")
def folder(encoder, tmp_path_factory):
    folders, _ = save_pipelines(["dlfa"], encoder, 8, tmp_path_factory.mktemp("pipelines"))
    return folders["dlfa"]


def test_parts_add_up_to_a_pipeline(folder):
    nlp = load_pipeline(SYSTEMS["dlfa"], folder)
    found = profile(nlp, TEXTS)
    assert list(found) == ["spaCy's tokenizer", "encoder", "windows", "fusion", "heads"]
    assert found["encoder"] > 0
    # Nothing is left of the measurement.
    assert "predict" not in vars(nlp.get_pipe("transformer").model.shim)


def test_joint_pipeline_beside_two(folder, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(joint, "ROUNDS", 2)
    monkeypatch.setattr(joint, "SMALL", joint.SMALL._replace(short=40, mixed=100, chinese=20))
    joint.main(folder, [folder, folder], tmp_path / "joint.json")
    found = srsly.read_json(tmp_path / "joint.json")
    assert found["systems"]["joint"]["speedup"]["to"] == "separate"
    assert "joint" in capsys.readouterr().out


def test_processes_beside_threads(folder, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(processes, "ROUNDS", 2)
    monkeypatch.setattr(processes, "WORDS", 40)
    monkeypatch.setattr(processes, "BATCH_SIZE", 1)
    monkeypatch.setattr(processes, "SMALL", processes.SMALL._replace(mixed=100, chinese=20))
    monkeypatch.setattr("torch.get_num_threads", lambda: 2)
    processes.main(folder, tmp_path / "processes.json")
    found = srsly.read_json(tmp_path / "processes.json")
    assert found["count"] == 2
    assert found["systems"]["processes"]["speedup"]["to"] == "threads"
    assert "2 processes of one thread" in capsys.readouterr().out


def test_tokens_that_raw_text_lacks(tmp_path, capsys):
    vocab = spacy.blank("xx").vocab
    doc = Doc(vocab, words=["quiero", "ver", "lo", "ya"], spaces=[True, False, True, False])
    DocBin(docs=[doc]).to_disk(tmp_path / "es_made.spacy")
    tokens.main([tmp_path], tmp_path / "tokens.json")
    found = srsly.read_json(tmp_path / "tokens.json")["es_made"]
    assert found == {"found": 50.0, "tokens": 4, "examples": ["ver / verlo", "lo / verlo"]}
    assert "ver / verlo" in capsys.readouterr().out


def test_translations_with_and_without_spaces(encoder, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(word_spaces, "E5", encoder)
    texts = {"eng_Latn": ["One.", "A third."], "jpn_Jpan": ["一つ。", "三つ目。"]}
    for name, lines in texts.items():
        with lzma.open(tmp_path / f"{name}.txt.xz", "wt", encoding="utf8") as file:
            file.write("\n".join([*lines, "not read"]))
    word_spaces.main(tmp_path, 2, tmp_path / "found.json")
    found = srsly.read_json(tmp_path / "found.json")
    assert list(found) == ["Japanese, Jpan", "mean"]
    assert found["mean"] == found["Japanese, Jpan"]
    assert list(found["mean"]) == ["without", "with"]
    assert "With spaces" in capsys.readouterr().out


def test_a_translation_is_nearer_by_its_margin():
    english = numpy.eye(3)
    assert word_spaces.compare(english, english) == pytest.approx((100, 1.5))
    assert word_spaces.compare(english, english[[1, 0, 2]]).margin < 0
