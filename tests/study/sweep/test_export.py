"""What a sweep chooses leaves it as a pipeline."""

import pytest
import spacy
import srsly
from spacy.util import load_config
from typer.testing import CliRunner

from spacy_dlfa.cli import app
from spacy_dlfa.evaluation.run import evaluate
from spacy_dlfa.study.sweep.corpora import read_tests
from tests.study.sweep.study import command, make_settings


@pytest.mark.parametrize("frozen", [True, False])
@pytest.mark.parametrize("rule", ["consensus", "dev-average"])
def test_the_choice_has_the_scores_that_the_sweep_has(tmp_path, bert, frozen, rule):
    settings = make_settings(tmp_path, bert, frozen=frozen)
    folder = tmp_path / "chosen"
    options = ["--rule", rule, "--export", str(folder)]
    arguments = command(settings, fusions="last,lower", layers=2, seeds="1", workers=1)
    result = CliRunner().invoke(app, ["sweep", *arguments, *options])
    assert result.exit_code == 0, result.output
    assert f"{folder}: trained with seed 1" in result.output

    nlp = spacy.load(folder)
    fusion = nlp.config["components"]["tagger"]["model"]["tok2vec"]["fusion"]["@layers"]
    name = {"spacy_dlfa.LastLayer.v1": "last-1", "spacy_dlfa.LowerLayer.v1": "lower-2-1"}[fusion]
    assert f"picks {name.split('-')[0]}" in result.output
    run = srsly.read_json(settings.output / f"{name}.json")
    expected = run["average"] if rule == "dev-average" else run
    found = evaluate(nlp, read_tests(settings.tests), "tagger", raw=False)
    for corpus, row in expected["scores"].items():
        assert found["scores"][corpus]["accuracy"] == pytest.approx(row["accuracy"])
    # It can be trained further
    assert load_config(folder / "config.cfg")["corpora"]["train"]["@readers"] == "spacy.Corpus.v1"


def test_the_choice_of_an_earlier_request_keeps_its_seed(tmp_path, bert):
    settings = make_settings(tmp_path, bert, frozen=True)
    first = command(settings, fusions="last", seeds="1-2", workers=1)
    assert CliRunner().invoke(app, ["sweep", *first]).exit_code == 0
    for path in settings.output.glob("*.json"):
        run = srsly.read_json(path)
        run["average"]["dev"] = {"accuracy": 100.0}
        srsly.write_json(path, run)
    folder = tmp_path / "chosen"
    second = command(settings, fusions="lower", layers=2, seeds="0", workers=1)
    result = CliRunner().invoke(app, ["sweep", *second, "--export", str(folder)])
    assert result.exit_code == 0, result.output
    assert "picks last" in result.output
    assert f"{folder}: trained with seed 1" in result.output
    assert load_config(folder / "config.cfg")["training"]["seed"] == 1
