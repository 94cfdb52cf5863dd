"""The project and its configs, as a user runs them."""

from pathlib import Path

import pytest
import spacy
import srsly
from spacy.cli.debug_config import debug_config
from spacy.training import Example

ROOT = Path(__file__).parent.parent
MADE = ("corpus", "training", "metrics", "packages")
PROJECT = srsly.read_yaml(ROOT / "project.yml")


def test_the_config_is_valid_and_complete():
    overrides = {"paths.train": "train.spacy", "paths.dev": "dev.spacy"}
    debug_config(ROOT / "configs/ner.cfg", overrides=overrides)
    config = spacy.util.load_config(ROOT / "configs/ner.cfg")
    filled = spacy.util.load_model_from_config(config, auto_fill=True).config
    assert filled["components"]["ner"].keys() == config["components"]["ner"].keys()


@pytest.mark.parametrize("fusion", ["DLFA", "LastLayer", "LayerMean", "ScalarMix"])
def test_project_variables_make_a_pipeline(fusion, bert):
    overrides = {
        "vars.backbone": bert,
        "vars.layer": 2,
        "components.ner.model.tok2vec.fusion.@layers": f"spacy_dlfa.{fusion}.v1",
    }
    config = spacy.util.load_config(ROOT / "configs/ner.cfg", overrides=overrides)
    nlp = spacy.util.load_model_from_config(config, auto_fill=True)
    doc = nlp.make_doc("Anna lives in Oslo")
    example = Example.from_dict(doc, {"entities": ["U-PER", "O", "O", "U-LOC"]})
    nlp.initialize(lambda: [example])
    nlp.update([example], sgd=nlp.resume_training())
    assert nlp("Anna").text == "Anna"


def test_workflow_steps_follow_each_other():
    """Each dependency is in the repository or made by an earlier step of the workflow."""
    commands = {command["name"]: command for command in PROJECT["commands"]}
    for steps in PROJECT["workflows"].values():
        made = []
        for step in steps:
            for path in commands[step]["deps"]:
                given = (ROOT / path).exists() and not path.startswith(MADE)
                known = given or any(path.startswith(output) for output in made)
                assert known, (step, path)
            made += commands[step].get("outputs", [])


def test_training_reads_english_only():
    script = next(c for c in PROJECT["commands"] if c["name"] == "ner-train")["script"][0]
    corpora = [word for word in script.split() if word.startswith("corpus/")]
    assert corpora == ["corpus/ner/en_ewt-train.spacy", "corpus/ner/en_ewt-dev.spacy"]
