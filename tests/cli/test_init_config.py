"""`python -m spacy dlfa init-config`, and the configs of the project that have its template."""

import re
import shlex

import pytest
import spacy
from spacy.cli.debug_config import debug_config
from spacy.cli.init_config import init_config as spacys_init_config
from typer.testing import CliRunner

from scripts.configs import project_config
from spacy_dlfa.cli import app
from spacy_dlfa.configs.render import settings
from tests.annotated import train_two_steps, write_corpus
from tests.checkpoints import save_checkpoint
from tests.configs import CONFIGS
from tests.pipelines import tagger_pipeline

COMPONENTS = list(settings()["components"])
TOGETHER = [name for name in COMPONENTS if name != "textcat_multilabel"]


def init_config(*args):
    return CliRunner().invoke(app, ["init-config", *map(str, args)])


def test_the_configs_of_the_project_are_what_the_template_makes():
    made = {f"{name}.cfg": project_config(name) for name in settings()["configs"]}
    there = {path.name: path.read_text(encoding="utf8") for path in CONFIGS.glob("*.cfg")}
    assert there == made, "python scripts/configs.py"


@pytest.mark.parametrize("name", ["ner", "tagger", "textcat"])
def test_one_component_has_the_values_of_the_project(name):
    result = init_config(name, "-", "--backbone", "assets/multilingual-e5-small")
    assert result.exit_code == 0, result.output
    (_, made), (_, there) = (
        text.split("\n\n", 1) for text in (result.stdout, project_config(name))
    )
    assert made == there


@pytest.mark.parametrize(
    ("names", "shown"),
    [("textcat", 0), ("textcat_multilabel", 0), ("textcat,tagger", 1), ("ner", 1)],
)
def test_words_are_shown_to_who_reads_words(names, shown):
    result = init_config(names, "-", "--backbone", "assets/multilingual-e5-small")
    assert result.stdout.count("word_spaces = true") == shown


@pytest.mark.parametrize("names", [["ner"], ["tagger", "ner"]])
def test_a_frozen_encoder_learns_nothing_and_encodes_once(names, bert, tmp_path):
    path = tmp_path / "my.cfg"
    result = init_config(",".join(names), path, "--backbone", bert, "--layer", 2, "--frozen")
    assert result.exit_code == 0, result.output
    config = spacy.util.load_config(path)
    assert config["components"]["transformer"]["model"]["learn_rate_factor"] == 0
    assert config["corpora"]["train"]["augmenter"] is None
    frozen = settings()["configs"]["frozen"]["initial_rate"]
    assert config["training"]["optimizer"]["learn_rate"]["initial_rate"] == frozen


@pytest.mark.parametrize("names", [*([name] for name in COMPONENTS), TOGETHER])
def test_every_combination_is_complete(names, bert, tmp_path):
    path = tmp_path / "my.cfg"
    result = init_config(",".join(names), path, "--backbone", bert, "--layer", 2)
    assert result.exit_code == 0, result.output
    debug_config(path, overrides={"paths.train": "train.spacy", "paths.dev": "dev.spacy"})
    config = spacy.util.load_config(path)
    filled = spacy.util.load_model_from_config(config, auto_fill=True).config
    assert config["nlp"]["pipeline"] == ["transformer", *names, "doc_cleaner"]
    for name in names:
        assert filled["components"][name].keys() == config["components"][name].keys()
        model = config["components"][name]["model"]
        assert filled["components"][name]["model"].keys() == model.keys()
    weights = [weight for weight in config["training"]["score_weights"].values() if weight]
    assert sum(weights) == pytest.approx(1, abs=0.05)


@pytest.mark.slow
@pytest.mark.parametrize("names", [TOGETHER, ["textcat_multilabel"]])
def test_it_trains(names, bert, tmp_path):
    path = tmp_path / "my.cfg"
    result = init_config(",".join(names), path, "--backbone", bert, "--layer", 2)
    assert result.exit_code == 0, result.output
    nlp = train_two_steps(path, tmp_path, **{"components.transformer.model.precision": "fp32"})
    assert nlp.pipe_names == ["transformer", *names, "doc_cleaner"]
    for name in names:
        nodes = nlp.get_pipe(name).model.walk()
        assert [node.attrs["layer"] for node in nodes if "layer" in node.attrs] == [2]


@pytest.mark.parametrize("names", ["spancat", "ner,spancat"])
def test_spans_of_a_document_with_sentences_are_trained_on(names, bert, tmp_path):
    path = tmp_path / "my.cfg"
    result = init_config(names, path, "--backbone", bert, "--layer", 2)
    assert result.exit_code == 0, result.output
    corpus = str(write_corpus(tmp_path / "corpus.spacy"))
    overrides = {"paths.train": corpus, "paths.dev": corpus}
    config = spacy.util.load_config(path, overrides=overrides, interpolate=True)
    for reader in spacy.registry.resolve(config["corpora"]).values():
        references = [example.reference for example in reader(spacy.blank("xx"))]
        assert len(references) == 40
        assert all(len(doc.spans["sc"]) == 2 for doc in references)


def test_layers_and_fusion(tmp_path):
    path = tmp_path / "my.cfg"
    settings = ("--backbone", "xlm-roberta-base", "--layer", "ner=3", "--fusion", "ScalarMix")
    assert init_config("tagger,ner", path, *settings).exit_code == 0
    config = spacy.util.load_config(path).interpolate()
    components = config["components"]
    assert components["transformer"]["model"]["name"] == "xlm-roberta-base"
    layers = [components[name]["model"]["tok2vec"]["layer"] for name in ("ner", "tagger")]
    assert layers == [3, 8]
    for name in ("ner", "tagger"):
        fusion = components[name]["model"]["tok2vec"]["fusion"]
        assert fusion == {"@layers": "spacy_dlfa.ScalarMix.v1"}


def test_layers_are_at_the_same_height_of_an_encoder_with_more_or_fewer(bert, tmp_path):
    pipeline, old = tmp_path / "pipeline", tmp_path / "old.cfg"
    tagger_pipeline(bert, layer=1, transformer_config={"num_hidden_layers": 2}).to_disk(pipeline)
    distilbert = save_checkpoint("distilbert", tmp_path / "distilbert")
    spacys_init_config(pipeline=["ner", "textcat"], lang="xx", gpu=True).to_disk(old)
    expected = {
        "hub/name": (8, 10),
        "assets/mini-mbert": (5, 7),
        bert: (3, 3),
        distilbert: (3, 3),
        str(pipeline): (1, 1),
        # Which nobody can read
        str(tmp_path): (8, 10),
    }
    for backbone, layers in expected.items():
        text = re.sub("(?m)^name = .*", f'name = "{backbone}"', old.read_text())
        old.write_text(text)
        for command in (
            ["init-config", "ner,textcat", "-", "--backbone", backbone],
            ["from-listener", str(old), "-", "--backbone", backbone],
            ["from-listener", str(old), "-"],
        ):
            result = CliRunner().invoke(app, command)
            assert result.exit_code == 0, result.output
            components = spacy.util.load_config_from_str(result.stdout).interpolate()["components"]
            found = [components[name]["model"]["tok2vec"]["layer"] for name in ("ner", "textcat")]
            assert tuple(found) == layers, command


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["ner,tager"], ["'tager'", "ner, tagger"]),
        (["ner,"], ["''", "ner, tagger"]),
        ([""], ["no component", "ner, tagger"]),
        (["textcat,textcat_multilabel"], ["choose one"]),
        (["ner", "--fusion", "Mean"], ["--fusion Mean", "AIF, DLFA, LastLayer"]),
        (["ner", "--layer", "x"], ["--layer x", "ner=8"]),
        (["ner", "--layer", "-1"], ["--layer -1", "ner=8"]),
        (["ner", "--layer", "tagger=2"], ["'tagger=2'", "ner=8"]),
        (["ner", "--backbone", "a$b"], ["--backbone a$b", "rename it"]),
        (["ner", "--backbone", "${vars.b}"], ["--backbone ${vars.b}", "rename it"]),
    ],
)
def test_what_there_is_not(arguments, parts, tmp_path):
    path = tmp_path / "my.cfg"
    result = init_config(arguments[0], path, "--backbone", "mbert", *arguments[1:])
    assert result.exit_code == 1
    (line,) = result.stderr.strip().splitlines()
    for part in parts:
        assert part in line
    assert not path.exists()


def test_a_file_that_is_there_is_kept(tmp_path):
    path = tmp_path / "my.cfg"
    path.write_text("mine")
    result = init_config("ner", path, "--backbone", "mbert")
    assert result.exit_code == 1
    assert "--force" in result.stderr
    assert path.read_text() == "mine"
    assert init_config("ner", path, "--backbone", "mbert", "--force").exit_code == 0
    assert spacy.util.load_config(path)["vars"]["backbone"] == "mbert"


def test_the_next_command_can_be_pasted(tmp_path):
    path = tmp_path / "my config.cfg"
    result = init_config("ner", path, "--backbone", "mbert")
    assert f"spacy train {shlex.quote(str(path))} --output" in result.stdout


def test_components_of_a_pipeline(bert, tmp_path):
    first, second = tmp_path / "first", tmp_path / "my.cfg"
    tagger_pipeline(bert).to_disk(first)
    result = init_config("tagger", second, "--backbone", first, "--source")
    assert result.exit_code == 0, result.output
    components = spacy.util.load_config(second, interpolate=True)["components"]
    assert components["tagger"] == {"source": str(first)}
    assert components["transformer"]["model"]["name"] == str(first)
    garbage, empty = tmp_path / "garbage", tmp_path / "empty"
    for folder, text in ((garbage, "garbage"), (empty, '[nlp]\nlang = "xx"\n')):
        folder.mkdir()
        (folder / "config.cfg").write_text(text)
    for names, backbone, part in (
        ("tagger", garbage, "config.cfg: found "),
        ("tagger", empty, "no component 'tagger', but none"),
        ("ner", first, "no component 'ner', but transformer, tagger"),
        ("tagger", "mbert", "config.cfg is missing"),
    ):
        refused = init_config(names, "-", "--backbone", backbone, "--source")
        assert refused.exit_code == 1
        assert part in refused.stderr
