"""The project's configs: complete, trainable, scored by the right metric."""

import warnings

import numpy
import pytest
import spacy
from confection import ConfigValidationError
from spacy.cli import app as spacy_app
from spacy.cli.debug_config import debug_config
from spacy.schemas import ConfigSchemaTraining
from spacy.tokens import Doc, DocBin
from thinc.api import Adam
from typer.testing import CliRunner

from tests.configs import COMPONENTS, CONFIGS, SCORES, example, pipeline

NAMES = sorted(COMPONENTS)
# Starts from a trained pipeline: tests/pipeline/test_stages.py
STAGED = "staged"


def test_every_config_is_tested():
    assert sorted([*NAMES, STAGED]) == sorted(path.stem for path in CONFIGS.glob("*.cfg"))


@pytest.mark.parametrize("name", NAMES)
def test_configs_are_valid_and_complete(name):
    overrides = {"paths.train": "train.spacy", "paths.dev": "dev.spacy"}
    debug_config(CONFIGS / f"{name}.cfg", overrides=overrides)
    config = spacy.util.load_config(CONFIGS / f"{name}.cfg")
    filled = spacy.util.load_model_from_config(config, auto_fill=True).config
    assert config["nlp"]["pipeline"] == ["transformer", *COMPONENTS[name], "doc_cleaner"]
    for component in config["nlp"]["pipeline"]:
        assert filled["components"][component].keys() == config["components"][component].keys()
    assert filled["training"].keys() == config["training"].keys()


@pytest.mark.parametrize(
    ("name", "fusion"),
    [(name, None) for name in NAMES if name.startswith("xtreme-")]
    + [
        (name, fusion)
        for name in NAMES
        for fusion in ("DLFA", "LastLayer", "LayerMean", "ScalarMix")
        if not name.startswith("xtreme-")
    ],
)
def test_project_variables_make_a_pipeline(name, fusion, bert):
    nlp = pipeline(name, bert, fusion)
    nlp.initialize(lambda: [example(nlp, *COMPONENTS[name])])
    losses = nlp.update([example(nlp, *COMPONENTS[name])], sgd=Adam(0.01))
    assert all(numpy.isfinite(loss) for loss in losses.values())
    assert nlp("Anna").text == "Anna"


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("xtreme-")])
def test_xtreme_has_the_gate_of_the_paper(name, bert):
    component = pipeline(name, bert).config["components"][COMPONENTS[name][0]]
    assert component["model"]["tok2vec"]["fusion"]["gate"] == "feature"


@pytest.mark.parametrize("name", NAMES)
def test_a_training_run_scores_and_selects(name, bert):
    """The settings under [training] fit together and name scores that the scorers give."""
    nlp = pipeline(name, bert)
    examples = [example(nlp, *COMPONENTS[name])]
    nlp.initialize(lambda: examples)
    training = spacy.util.registry.resolve(
        nlp.config.interpolate()["training"], schema=ConfigSchemaTraining
    )
    assert list(training["batcher"](examples)) == [examples]
    if training["max_steps"]:
        schedule = nlp.config.interpolate()["training"]["optimizer"]["learn_rate"]
        assert schedule["total_steps"] == training["max_steps"]
    scores = nlp.evaluate(examples)
    weights = {key for key, weight in training["score_weights"].items() if weight}
    assert weights == {SCORES[component] for component in COMPONENTS[name]}
    assert weights <= {key for key, score in scores.items() if score is not None}


def test_the_two_sentences_of_a_pair_share_a_window(bert):
    nlp = pipeline("pairs", bert)
    doc = Doc(nlp.vocab, words=["x"] * 150 + ["[SEP]"] + ["y"] * 150)
    spans = nlp.get_pipe("transformer").model.attrs["get_spans"]([doc])
    assert [[len(span) for span in of_doc] for of_doc in spans] == [[301]]


@pytest.mark.parametrize("component", ["ner", "transformer"])
def test_debug_model_goes_to_its_end(component, bert, tmp_path):
    nlp = pipeline("ner", bert)
    docs = [example(nlp, "ner").reference for _ in range(3)]
    DocBin(docs=docs).to_disk(tmp_path / "train.spacy")
    settings = ["--vars.backbone", bert, "--vars.layer", "2"]
    settings += ["--components.transformer.model.freeze_below", "1"]
    paths = ["--paths.train", str(tmp_path / "train.spacy"), "--paths.dev", "dev.spacy"]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = CliRunner().invoke(
            spacy_app, ["debug", "model", str(CONFIGS / "ner.cfg"), component, *settings, *paths]
        )
    assert result.exit_code == 0, result.output
    told = ["zeros stand in for its output" in str(each.message) for each in caught]
    assert any(told) == (component == "ner")


def test_an_encoder_of_ones_own_has_all_settings_of_the_shared_one():
    def blocks(**settings):
        own = {
            "@architectures": "spacy_dlfa.DLFATok2Vec.v1",
            "name": "mbert",
            "layer": 1,
            "get_spans": {"@span_getters": "spacy-transformers.doc_spans.v1"},
            "fusion": {"@layers": "spacy_dlfa.DLFA.v1"},
            "pooling": {"@layers": "reduce_mean.v1"},
            **settings,
        }
        return {"model": own}

    filled = spacy.registry.fill(blocks())["model"]
    assert (filled["window"], filled["precision"], filled["grad_factor"]) == (128, "fp32", 1.0)
    for wrong in ({"window": "wide"}, {"precision": "fp8"}, {"windows": 128}):
        with pytest.raises(ConfigValidationError, match=next(iter(wrong))):
            spacy.registry.resolve(blocks(**wrong))
