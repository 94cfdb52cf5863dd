"""Which labels of other languages a pipeline was trained on, and what that does to its scores."""

import spacy
from spacy.training.initialize import init_nlp

from spacy_dlfa.evaluation.labels_seen import labels_seen
from spacy_dlfa.evaluation.run import evaluate
from spacy_dlfa.evaluation.table import format_table
from spacy_dlfa.study.sweep.cells import Cell
from spacy_dlfa.study.sweep.corpora import read_tests
from tests.study.sweep.study import NAMES, make_settings, write_corpus


def make(folder, encoder, train=None):
    settings = make_settings(folder, str(encoder))
    if train is not None:
        settings = settings._replace(train=train)
    return settings, init_nlp(settings.config_of(Cell("last", None, 0)))


def test_my_data_is_not_in_burmese(bert, tmp_path):
    for name in ("my_data", "ner_train", "train", "en_ewt"):
        write_corpus(tmp_path / "many" / f"{name}.spacy", NAMES, "sleeps here")
    _, nlp = make(tmp_path, bert, tmp_path / "many")
    assert labels_seen(nlp) == {}


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
    table = format_table({"task": "tagger", **run})
    assert "German (not zero-shot)" in table


def test_english_alone_is_noted_as_nothing(bert, tmp_path):
    _, nlp = make(tmp_path, bert)
    assert labels_seen(nlp) == {}
    assert "labels_seen" not in nlp.meta
