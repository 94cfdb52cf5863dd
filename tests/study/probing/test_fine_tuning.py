"""Fine-tuning for all steps of a config, in which no checkpoint is chosen."""

from io import StringIO

import pytest
import spacy
from spacy import registry
from spacy.training.initialize import init_nlp
from spacy.training.loop import train as spacy_train

from spacy_dlfa.evaluation.run import evaluate
from spacy_dlfa.study.probing.data import Corpora
from spacy_dlfa.study.probing.fine_tuning import fine_tune, task_settings
from spacy_dlfa.study.sweep.cells import Cell
from spacy_dlfa.study.sweep.corpora import read_tests
from tests.study.sweep.study import make_settings

LAST = Cell("last", None, 0)


@pytest.mark.parametrize("averaged", [True, False])
def test_the_weights_that_spacy_saves_last_are_scored(bert, tmp_path, averaged):
    overrides = {
        "training.max_steps": 8,
        "training.optimizer.learn_rate.initial_rate": 0.05,
        "training.optimizer.use_averages": averaged,
    }
    settings = make_settings(tmp_path, bert, **overrides)
    nlp = init_nlp(settings.config_of(LAST))
    spacy_train(nlp, tmp_path, stdout=StringIO(), stderr=StringIO())
    last = spacy.load(tmp_path / "model-last")
    tests = read_tests(settings.tests)
    expected, of_no_average = (evaluate(each, tests, "tagger", raw=False) for each in (last, nlp))
    found = fine_tune(settings, LAST)
    assert found["counts"] == expected["counts"]
    assert (found["counts"] == of_no_average["counts"]) == (not averaged)


def test_neither_patience_nor_epochs_end_it(bert, tmp_path):
    steps = []

    @registry.callbacks("tests.count_steps.v1")
    def count_steps():
        return lambda nlp, progress: steps.append(progress["step"])

    overrides = {
        "training.patience": 1,
        "training.max_epochs": 1,
        "training.before_update": {"@callbacks": "tests.count_steps.v1"},
    }
    found = fine_tune(make_settings(tmp_path, bert, **overrides), LAST)
    assert found["steps"] == max(steps) == 6


def test_without_a_number_of_steps(bert, tmp_path):
    made = make_settings(tmp_path, bert)
    corpora = Corpora(made.train, made.dev, made.tests)
    with pytest.raises(ValueError, match="max_steps = 0; expected 1 or more"):
        task_settings("tagger", bert, made.config, corpora, {"training.max_steps": 0}, made.output)


@pytest.mark.parametrize("name", ["paths.train", "corpora.dev.path"])
def test_english_data_are_those_of_the_report(bert, tmp_path, name):
    made = make_settings(tmp_path, bert)
    corpora = Corpora(made.train, made.dev, made.tests)
    with pytest.raises(ValueError, match=f"DL437.*--{name}: .*expected --data"):
        task_settings("tagger", bert, made.config, corpora, {name: "de.spacy"}, made.output)
