"""Corpora in memory, beside what spaCy's reader gives."""

import pytest
import spacy
from spacy import registry
from thinc.api import Config, fix_random_seed

from spacy_dlfa.study.sweep.corpora import keep_in_memory
from tests.study.sweep.study import NAMES, write_corpus

CASING = {"@augmenters": "spacy.lower_case.v1", "level": 0.5}


@pytest.fixture
def config(tmp_path):
    path = write_corpus(tmp_path / "train.spacy", NAMES, "sleeps here")
    block = {"@readers": "spacy.Corpus.v1", "path": str(path), "gold_preproc": True}
    return Config({"corpora": {"train": {**block, "augmenter": CASING}}})


def epochs(config):
    """Read a corpus three times, with one seed."""
    nlp = spacy.blank("xx")
    reader = registry.resolve(config)["corpora"]["train"]
    fix_random_seed(0)
    return [list(reader(nlp)) for _ in range(3)]


def texts(config):
    return [[example.text for example in epoch] for epoch in epochs(config)]


def test_an_augmenter_draws_as_it_does_for_spacy(config):
    expected = texts(config)
    assert expected[0] != expected[1] != expected[2]
    keep_in_memory(config)
    assert texts(config) == expected


def test_a_corpus_can_be_augmented_once(config):
    expected = texts(config)
    keep_in_memory(config, augment_once=True)
    assert texts(config) == [expected[0]] * 3


def test_without_an_augmenter_examples_are_the_same_ones(config):
    config["corpora"]["train"]["augmenter"] = None
    keep_in_memory(config)
    first, *others = epochs(config)
    for epoch in others:
        assert all(one is other for one, other in zip(first, epoch, strict=True))
