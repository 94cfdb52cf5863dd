"""Training in two stages, and encoders that come from inside a trained pipeline."""

import shutil

import pytest
import spacy
import srsly
import torch
from spacy.cli.train import train
from spacy.tokens import DocBin
from spacy.training.initialize import init_nlp
from spacy.util import fix_random_seed, load_config
from thinc.api import Adam

from spacy_dlfa.encoder.shim import EncoderShim
from tests.configs import COMPONENTS, CONFIGS, example, pipeline
from tests.pipelines import (
    listener_config,
    tag_examples,
    tagger_pipeline,
    transformer_config,
)
from tests.reliability.encoder_files import MODEL, read_saved, reseal, write_saved

HEADS = COMPONENTS["frozen"]
CUT = {"num_hidden_layers": 3}
FP32 = {"components.transformer.model.precision": "fp32"}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    path = tmp_path_factory.mktemp("corpus") / "corpus.spacy"
    DocBin(docs=[example(spacy.blank("xx"), *HEADS).reference] * 20).to_disk(path)
    return str(path)


@pytest.fixture(scope="module")
def first(bert, corpus, tmp_path_factory):
    """What `spacy train configs/frozen.cfg` saves."""
    folder = tmp_path_factory.mktemp("first")
    layers = {f"vars.layer_{name}": layer for layer, name in enumerate(HEADS, 1)}
    run("frozen", folder, corpus, {"vars.backbone": bert, **layers})
    return folder / "model-last"


def settings(corpus):
    paths = {"paths.train": corpus, "paths.dev": corpus}
    steps = {"training.max_steps": 3, "training.eval_frequency": 3}
    return {**FP32, **paths, **steps, "components.transformer.model.freeze_below": 1}


def run(name, folder, corpus, overrides):
    train(CONFIGS / f"{name}.cfg", folder, overrides={**settings(corpus), **overrides})


def second(first, corpus, **overrides):
    """The pipeline with which `spacy train configs/staged.cfg` begins."""
    given = {**settings(corpus), "vars.backbone": str(first), **overrides}
    return init_nlp(load_config(CONFIGS / "staged.cfg", overrides=given))


def encoder_of(nlp):
    found = nlp.get_pipe("transformer").model.transformer.state_dict()
    return {name: weight.clone() for name, weight in found.items()}


def heads_of(nlp):
    return {name: nlp.get_pipe(name).model.to_bytes() for name in HEADS}


def equal(weights, others):
    assert weights.keys() == others.keys()
    return all(torch.equal(weight, others[name]) for name, weight in weights.items())


def test_the_second_stage_begins_where_the_first_ended(first, corpus):
    nlp, before = second(first, corpus), spacy.load(first)
    assert equal(encoder_of(nlp), encoder_of(before))
    assert heads_of(nlp) == heads_of(before)
    for name in HEADS:
        assert nlp.get_pipe(name).labels == before.get_pipe(name).labels
    (doc,), (expected,) = (list(each.pipe(["Anna lives in Oslo"])) for each in (nlp, before))
    assert [token.tag_ for token in doc] == [token.tag_ for token in expected]
    assert doc.cats == pytest.approx(expected.cats, abs=1e-5)


@pytest.mark.parametrize("factor", [0.0, 0.1, 1.0])
def test_the_learning_rate_of_the_encoder_is_that_of_the_second_config(first, corpus, factor):
    nlp = second(first, corpus, **{"components.transformer.model.learn_rate_factor": factor})
    before, heads = encoder_of(nlp), heads_of(nlp)
    nlp.update([example(nlp, *HEADS)], sgd=Adam(0.01, L2=0.0, grad_clip=0.0))
    moved = max(float((w - before[name]).abs().max()) for name, w in encoder_of(nlp).items())
    # Adam's first step is as long as its rate.
    assert moved == pytest.approx(0.01 * factor, rel=0.01)
    assert all(heads_of(nlp)[name] != weights for name, weights in heads.items())


def test_what_the_second_stage_saves_stands_alone(bert, corpus, first, tmp_path):
    copied = shutil.copytree(first, tmp_path / "first")
    run("staged", tmp_path / "second", corpus, {"vars.backbone": str(copied)})
    shutil.rmtree(copied)
    saved = tmp_path / "second" / "model-last"
    nlp = spacy.load(saved)
    assert not equal(encoder_of(nlp), encoder_of(spacy.load(first)))
    assert str(copied) not in srsly.json_dumps(nlp.config["components"])
    assert nlp.config["components"]["transformer"]["model"]["name"] == bert
    third = second(saved, corpus)
    assert equal(encoder_of(third), encoder_of(nlp))


def test_a_component_of_the_first_stage_may_keep_its_own_encoder(first, corpus):
    config = load_config(
        CONFIGS / "staged.cfg", overrides={**settings(corpus), "vars.backbone": str(first)}
    )
    config["components"]["tagger"]["replace_listeners"] = ["model.tok2vec"]
    nlp = init_nlp(config)
    tagger = nlp.get_pipe("tagger").model.to_bytes()
    optimizer = Adam(0.01)
    for _ in range(2):
        nlp.update([example(nlp, *HEADS)], sgd=optimizer, exclude=["tagger"])
    assert nlp.get_pipe("tagger").model.to_bytes() == tagger
    assert not equal(encoder_of(nlp), encoder_of(spacy.load(first)))
    doc, expected = (each("Anna lives in Oslo") for each in (nlp, spacy.load(first)))
    assert [token.tag_ for token in doc] == [token.tag_ for token in expected]


@pytest.fixture(scope="module")
def tagger(bert, tmp_path_factory):
    """Folder of a pipeline whose encoder has learnt, and is cut at its third layer."""
    nlp, optimizer = tagger_pipeline(bert, layer=1, transformer_config=CUT), Adam(0.01)
    # In the first step the tagger, whose weights are zeros, has no gradient for it.
    for _ in range(3):
        nlp.update(tag_examples(nlp), sgd=optimizer)
    folder = tmp_path_factory.mktemp("tagger") / "model-best"
    nlp.to_disk(folder)
    return folder


def test_another_task_starts_from_the_encoder_of_a_pipeline(bert, tagger, tmp_path):
    nlp = pipeline("ner", str(tagger))
    nlp.initialize(lambda: [example(nlp, "ner")])
    assert equal(encoder_of(nlp), encoder_of(spacy.load(tagger)))
    assert not equal(encoder_of(nlp), encoder_of(tagger_pipeline(bert, transformer_config=CUT)))
    model = nlp.config["components"]["transformer"]["model"]
    assert (model["name"], model["transformer_config"]) == (bert, CUT)
    nlp.update([example(nlp, "ner")], sgd=Adam(0.01))
    nlp.to_disk(tmp_path)
    # The config saves weights in half precision.
    halved = {name: weight.half().float() for name, weight in encoder_of(nlp).items()}
    assert equal(encoder_of(spacy.load(tmp_path)), halved)


def test_settings_of_the_second_config_come_on_top(bert, tagger):
    shallow = {"num_hidden_layers": 2}
    nlp = tagger_pipeline(str(tagger), layer=1, transformer_config=shallow)
    assert nlp.get_pipe("transformer").model.transformer.config.num_hidden_layers == 2
    model = nlp.config["components"]["transformer"]["model"]
    assert (model["name"], model["transformer_config"]) == (bert, shallow)


def test_a_component_with_its_own_encoder_starts_there_too(tagger, tmp_path):
    nlp = spacy.blank("xx")
    model = {**listener_config(1), **transformer_config(str(tagger))["model"]}
    model["@architectures"] = "spacy_dlfa.DLFATok2Vec.v1"
    nlp.add_pipe(
        "tagger", config={"model": {"@architectures": "spacy.Tagger.v2", "tok2vec": model}}
    )
    nlp.initialize(lambda: tag_examples(nlp))
    nlp.to_disk(tmp_path)
    expected = spacy.load(tagger).get_pipe("transformer").model.transformer.state_dict()
    loaded = spacy.load(tmp_path).get_pipe("tagger").model
    (shim,) = (
        shim for node in loaded.walk() for shim in node.shims if isinstance(shim, EncoderShim)
    )
    assert equal(shim.hf_model.transformer.state_dict(), expected)


def without_a_transformer(folder):
    nlp = spacy.blank("xx")
    nlp.add_pipe("sentencizer")
    nlp.to_disk(folder)


def with_two(folder):
    nlp = spacy.load(folder)
    nlp.add_pipe("dlfa_transformer", name="second", config=transformer_config("mbert"), first=True)
    nlp.to_disk(folder)


def not_initialised(folder):
    nlp = spacy.blank("xx")
    nlp.add_pipe("dlfa_transformer", name="transformer", config=transformer_config("mbert"))
    nlp.to_disk(folder)


def cut_off(folder):
    data = (folder / MODEL).read_bytes()
    (folder / MODEL).write_bytes(data[: len(data) // 2])


def with_code(folder):
    write_saved(reseal({**read_saved(folder), "code.py": b""}), folder)


def damaged(folder):
    files = read_saved(folder)
    write_saved({**files, "config.json": files["config.json"][:-1]}, folder)


FAULTS = {
    without_a_transformer: r"expected one component .* found none among sentencizer\. Name a",
    with_two: r"found (second, transformer|transformer, second) among .*nlp\.remove_pipe",
    not_initialised: r"transformer.model: .*before it was initialised.*name one that was trained",
    cut_off: r"transformer.model: .*cut off.* Save or download the pipeline again",
    with_code: r"transformer.model: .*found code\.py",
    damaged: r"transformer.model: .*config\.json is damaged",
    lambda folder: (folder / MODEL).unlink(): r"transformer/model is missing.*not saved whole",
    lambda folder: (folder / "config.cfg").unlink(): r"config\.cfg is missing.*not saved whole",
    lambda folder: (folder / "config.cfg").write_text("[nlp"): r"config\.cfg can't be read",
}


@pytest.mark.parametrize("damage", FAULTS)
def test_what_is_wrong_with_a_pipeline_is_said(tagger, tmp_path, damage):
    folder = tmp_path / "pipeline"
    shutil.copytree(tagger, folder)
    damage(folder)
    fix_random_seed(0)
    with pytest.raises(ValueError, match=FAULTS[damage]) as error:
        tagger_pipeline(str(folder))
    message = str(error.value)
    assert str(folder) in message
    assert "\n" not in message


def test_an_encoder_beside_a_pipeline_is_an_encoder(bert, tagger, tmp_path):
    """As repositories of the hub hold both."""
    folder = shutil.copytree(bert, tmp_path / "both")
    shutil.copy(tagger / "meta.json", folder)
    nlp = tagger_pipeline(str(folder), layer=1)
    assert nlp.get_pipe("transformer").model.transformer.config.num_hidden_layers == 4
