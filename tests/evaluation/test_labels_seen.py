"""Which labels of other languages a pipeline was trained on, and what that does to its scores."""

import io

import pytest
import spacy
import srsly
from spacy.training.initialize import init_nlp
from spacy.training.loop import train as spacy_train

from spacy_dlfa.docbin import read_docs
from spacy_dlfa.evaluation.labels_seen import is_zero_shot, labels_seen
from spacy_dlfa.evaluation.run import evaluate
from spacy_dlfa.evaluation.table import format_table
from spacy_dlfa.study.sweep.cells import Cell
from spacy_dlfa.study.sweep.corpora import read_tests
from spacy_dlfa.study.sweep.train import run_cell
from tests.study.sweep.study import NAMES, make_settings, write_corpus

CELL = Cell("last", None, 0)


def make(folder, encoder, train=None):
    settings = make_settings(folder, str(encoder))
    if train is not None:
        settings = settings._replace(train=train)
    return settings, init_nlp(settings.config_of(CELL))


def test_my_data_is_not_in_burmese(bert, tmp_path):
    for name in ("my_data", "ner_train", "train", "en_ewt"):
        write_corpus(tmp_path / "many" / f"{name}.spacy", NAMES, "sleeps here")
    _, nlp = make(tmp_path, bert, tmp_path / "many")
    assert labels_seen(nlp) == {}


@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("pt-BR_train", "Portuguese"),
        ("DE_train", "German"),
        ("zh-Hans_train", "Chinese"),
        ("de", "German"),
        ("pt-BR", "Portuguese"),
        ("zh-Hans", "Chinese"),
        ("de.gsd-train", "German"),
        ("train_de", "German"),
    ],
)
def test_languages_as_names_say_them(bert, tmp_path, name, language):
    write_corpus(tmp_path / "many" / f"{name}.spacy", NAMES, "schläft hier")
    _, nlp = make(tmp_path, bert, tmp_path / "many")
    assert labels_seen(nlp) == {"tagger": [language]}


def test_folders_that_training_is_linked_to(bert, tmp_path):
    write_corpus(tmp_path / "elsewhere" / "de_train.spacy", NAMES, "schläft hier")
    train = write_corpus(tmp_path / "many" / "en_ewt.spacy", NAMES, "sleeps here").parent
    (train / "more").symlink_to(tmp_path / "elsewhere")
    _, nlp = make(tmp_path, bert, train)
    assert labels_seen(nlp) == {"tagger": ["German"]}


def test_labels_that_choose_the_checkpoint(bert, tmp_path):
    dev = write_corpus(tmp_path / "many" / "de_dev.spacy", NAMES, "schläft hier")
    config = make_settings(tmp_path, str(bert))._replace(dev=dev).config_of(CELL)
    assert labels_seen(init_nlp(config)) == {"tagger": ["German"]}


def test_corpora_that_lie_deeper(bert, tmp_path):
    train = write_corpus(tmp_path / "de_gsd.spacy", NAMES, "schläft hier")
    config = make_settings(tmp_path, str(bert))._replace(train=train).config_of(CELL)
    config["corpora"] = {"tags": config["corpora"]}
    config["training"] |= {"train_corpus": "corpora.tags.train", "dev_corpus": "corpora.tags.dev"}
    assert labels_seen(init_nlp(config)) == {"tagger": ["German"]}


def test_labels_are_noted_go_along_and_count_in_no_mean(bert, tmp_path):
    train = tmp_path / "many"
    write_corpus(train / "de_gsd-train.spacy", NAMES, "schläft hier")
    write_corpus(train / "en_ewt-train.spacy", NAMES, "sleeps here")
    _, nlp = make(tmp_path, bert, train)
    assert labels_seen(nlp) == {"tagger": ["German"]} == nlp.meta["labels_seen"]
    nlp.to_disk(tmp_path / "first")
    assert labels_seen(spacy.load(tmp_path / "first")) == {"tagger": ["German"]}
    # Trained on English alone, from that encoder
    settings, nlp = make(tmp_path, tmp_path / "first")
    assert labels_seen(nlp) == {"tagger": ["German"]}
    run = evaluate(nlp, read_tests(settings.tests), "tagger", raw=False)
    assert run["scores"]["de_pud"]["zero_shot"] is False
    assert "zero_shot" not in run["scores"]["sv_pud"]
    assert run["averages"]["all"]["corpora"] == 1
    run_cell(settings, CELL, [], settings.fingerprint())
    swept = srsly.read_json(settings.run_path(CELL))
    assert swept["labels_seen"] == run["labels_seen"] == {"tagger": ["German"]}
    table = format_table({"task": "tagger", **run})
    assert "German (not zero-shot)" in table


@pytest.mark.parametrize(
    ("trained", "seen"),
    [
        ("no_bokmaal", {"no_x", "nob_x", "nno_x"}),
        ("nob_x", {"no_x", "nob_x"}),
        ("twi_x", {"twi_x", "aka_x"}),
    ],
)
def test_languages_that_cover_others(bert, tmp_path, trained, seen):
    train = write_corpus(tmp_path / f"{trained}.spacy", NAMES, "sover her")
    _, nlp = make(tmp_path, bert, train)
    docs = read_docs(train, nlp.vocab)
    tests = dict.fromkeys(["no_x", "nob_x", "nno_x", "aka_x", "twi_x", "da_x"], docs)
    run = evaluate(nlp, tests, "tagger", raw=False)
    assert {name for name, row in run["scores"].items() if not is_zero_shot(row)} == seen
    assert run["averages"]["all"]["corpora"] == 6 - len(seen)


def test_english_alone_is_noted_as_nothing(bert, tmp_path):
    _, nlp = make(tmp_path, bert)
    assert labels_seen(nlp) == {}
    assert "labels_seen" not in nlp.meta


def sourced(config, first):
    for name in ("transformer", "tagger"):
        config["components"][name] = {"source": str(first)}


def sourced_but_for_the_tagger(config, first):
    config["components"]["transformer"] = {"source": str(first)}


def with_its_own_encoder(config, first):
    config["nlp"]["pipeline"] = ["tagger"]
    encoder = config["components"].pop("transformer")["model"]
    del config["components"]["doc_cleaner"]
    tok2vec = config["components"]["tagger"]["model"]["tok2vec"]
    del tok2vec["upstream"]
    tok2vec.update({**encoder, "@architectures": "spacy_dlfa.DLFATok2Vec.v1"})


@pytest.mark.parametrize("change", [sourced, sourced_but_for_the_tagger, with_its_own_encoder])
def test_encoders_that_come_another_way_are_noted_too(bert, tmp_path, change):
    _, first = make(tmp_path, bert)
    first.to_disk(tmp_path / "first")
    train = write_corpus(tmp_path / "many" / "de_gsd.spacy", NAMES, "schläft hier")
    config = make_settings(tmp_path, str(bert))._replace(train=train).config_of(CELL)
    change(config, tmp_path / "first")
    (tmp_path / "out").mkdir()
    spacy_train(init_nlp(config), tmp_path / "out", stdout=io.StringIO(), stderr=io.StringIO())
    for name in ("model-best", "model-last"):
        nlp = spacy.load(tmp_path / "out" / name)
        assert labels_seen(nlp) == {"tagger": ["German"]} == nlp.meta["labels_seen"]
