"""The mark of self-training goes along with an encoder, whatever it becomes a part of."""

import spacy
from spacy.training.initialize import init_nlp

from spacy_dlfa.evaluation.run import evaluate
from spacy_dlfa.evaluation.self_training import find_self_training, note_self_training
from spacy_dlfa.evaluation.settings import run_settings
from spacy_dlfa.evaluation.table import format_table
from spacy_dlfa.study.sweep.cells import Cell
from spacy_dlfa.study.sweep.corpora import read_tests
from tests.study.sweep.study import make_settings

RECORD = {
    "pipeline": "teacher",
    "second": None,
    "keep": "all",
    "per_language": 100,
    "languages": {"German": 2},
}


def make(folder, encoder):
    settings = make_settings(folder, str(encoder))
    return settings, init_nlp(settings.config_of(Cell("last", None, 0)))


def test_the_encoder_of_a_self_trained_pipeline_in_another_one(bert, tmp_path):
    _, nlp = make(tmp_path, bert)
    assert find_self_training(nlp) is None
    assert "dlfa" not in nlp.meta
    note_self_training(nlp, RECORD)
    nlp.to_disk(tmp_path / "first")
    # Trained on English alone, from that encoder
    settings, second = make(tmp_path, tmp_path / "first")
    assert second.meta["dlfa"]["self_training"] == RECORD
    second.to_disk(tmp_path / "second")
    assert find_self_training(spacy.load(tmp_path / "second")) == RECORD
    scored = evaluate(second, read_tests(settings.tests), "tagger", raw=False)
    table = format_table({**run_settings(second, "tagger"), **scored})
    assert "Self-trained on 2 unlabelled sentences of 1 language" in table
    _, third = make(tmp_path, tmp_path / "second")
    assert find_self_training(third) == RECORD
    # Self-trained once more
    note_self_training(third, {**RECORD, "pipeline": "second"})
    assert find_self_training(third)["pipeline"] == "second"
    third.to_disk(tmp_path / "third")
    assert find_self_training(make(tmp_path, tmp_path / "third")[1])["pipeline"] == "second"
