"""Encoders that are named in another way than by their folder."""

import time

import numpy
import pytest
from spacy.tokens import Doc, DocBin
from spacy.vocab import Vocab
from transformers import AutoConfig

from spacy_dlfa.study.probing.encoders import find_encoders
from spacy_dlfa.study.probing.named import to_folder
from spacy_dlfa.study.probing.retrieval import make_model, sentence_vectors
from spacy_dlfa.study.probing.runner import Part
from spacy_dlfa.study.probing.speed import (
    best_trades,
    describe_machine,
    measure_speed,
    measure_speeds,
)


def docs():
    vocab = Vocab()
    return [Doc(vocab, words=["Anna", "schläft", *["hier"] * n]) for n in range(3)]


def test_a_cut_encoder_ends_with_the_lower_layer(bert, tmp_path):
    folder = to_folder(f"{bert}@2", tmp_path)
    assert folder.name.endswith("@2")
    assert AutoConfig.from_pretrained(folder).num_hidden_layers == 2
    whole = sentence_vectors(make_model(bert, [2]), docs())[0]
    numpy.testing.assert_allclose(
        sentence_vectors(make_model(str(folder), []), docs())[-1], whole, rtol=0, atol=0.02
    )
    # It is there already
    assert to_folder(f"{bert}@2", tmp_path) == folder


@pytest.mark.parametrize(
    ("ending", "words"), [("@5", "5 layers to be left"), ("@0", "expected 1 to 4"), ("-", "config")]
)
def test_an_encoder_that_there_is_not(bert, tmp_path, ending, words):
    with pytest.raises(ValueError, match=words):
        to_folder(f"{bert}{ending}", tmp_path)


def test_a_name_on_the_hub_that_is_not_reached(tmp_path):
    with pytest.raises(ValueError, match="no-such/encoder"):
        to_folder("no-such/encoder", tmp_path)


def test_cut_encoders_share_the_random_weights_of_the_whole_one(bert, tmp_path):
    whole, cut, floor = find_encoders([bert, f"{bert}@3"], tmp_path / ".random")
    assert (whole.num_layers, cut.num_layers) == (4, 3)
    assert whole.floor == cut.floor == floor.name
    assert cut.size < whole.size
    assert Part(cut, "ner", 1, True).cell == ("dlfa", 2, 1)
    assert Part(cut, "ner", 1).cell == ("last", None, 1)


def test_speed(bert, tmp_path):
    DocBin(docs=docs()).to_disk(tmp_path / "de_pud.spacy")
    found = measure_speed(bert, [tmp_path / "de_pud.spacy"])
    assert found["words_per_second"] > 0
    assert found["memory"] is None or found["memory"] > 10_000_000


class SlowAtFirst:
    """Compiles for each number of rows that it has not met."""

    def __init__(self):
        self.met = set()

    def predict(self, docs):
        if len(docs) not in self.met:
            time.sleep(0.2)
        self.met.add(len(docs))


def test_what_is_done_once_for_each_number_of_rows_is_no_part_of_speed(tmp_path, monkeypatch):
    monkeypatch.setattr("spacy_dlfa.study.probing.speed.make_model", lambda *_: SlowAtFirst())
    path = tmp_path / "de_pud.spacy"
    DocBin(docs=docs()).to_disk(path)
    # More than one batch, of which the last one is a smaller one
    found = measure_speed(tmp_path, [path] * 23)
    assert found["words_per_second"] > 23 * 9 / 0.2


def test_speed_is_kept_for_the_same_sentences_and_machine(bert, tmp_path, monkeypatch):
    monkeypatch.setattr("spacy_dlfa.study.probing.speed.ROUNDS", 1)
    path = tmp_path / "de_pud.spacy"
    measured = []

    def measure(encoder, files):
        measured.append(files)
        return {"words_per_second": 1.0, "memory": None}

    monkeypatch.setattr("spacy_dlfa.study.probing.speed._measure_apart", measure)
    encoders = find_encoders([bert], tmp_path / ".random")[:1]
    for sentences in (docs(), docs(), docs()[:1]):
        DocBin(docs=sentences).to_disk(path)
        measure_speeds(encoders, [path], tmp_path)
    assert len(measured) == 2
    machine = {**describe_machine(), "processor": "another"}
    monkeypatch.setattr("spacy_dlfa.study.probing.speed.describe_machine", lambda: machine)
    measure_speeds(encoders, [path], tmp_path)
    assert len(measured) == 3


def test_the_best_trades_are_beaten_by_none_in_both():
    places = {"slow": (10, 80.0), "worse": (9, 79.0), "fast": (30, 70.0), "middle": (20, 69.0)}
    encoders = [
        {"name": name, "mean": score, "speed": {"words_per_second": speed}}
        for name, (speed, score) in places.items()
    ]
    assert best_trades(encoders) == ["fast", "slow"]
