"""`python -m spacy dlfa from-listener`: configs of spaCy's own that become ours."""

import json

import pytest
import spacy
from spacy.cli.init_config import fill_config, init_config
from typer.testing import CliRunner

from spacy_dlfa.cli import app
from tests.annotated import train_two_steps
from tests.pipelines import tag_examples

CURATED = """
# The encoder of this pipeline
[nlp]
lang = "xx"
pipeline = ["transformer","tagger","ner"]

[components]

[components.transformer]
factory = "curated_transformer"
all_layer_outputs = true
frozen = false

[components.transformer.model]
@architectures = "spacy-curated-transformers.XlmrTransformer.v1"
vocab_size = 250002
hidden_width = 768
mixed_precision = true

[components.transformer.model.with_spans]
@architectures = "spacy-curated-transformers.WithStridedSpans.v1"
stride = 96
window = 200

[components.tagger]
factory = "tagger"

[components.tagger.model]
@architectures = "spacy.Tagger.v2"

[components.tagger.model.tok2vec]
@architectures = "spacy-curated-transformers.LastTransformerLayerListener.v1"
width = ${components.transformer.model.hidden_width}
pooling = {"@layers":"reduce_first.v1"}
upstream = "transformer"
grad_factor = 0.5

[components.ner]
factory = "ner"

[components.ner.model]
@architectures = "spacy.TransitionBasedParser.v2"
state_type = "ner"

[components.ner.model.tok2vec]
@architectures = "spacy-curated-transformers.ScalarWeightingListener.v1"
width = 768
pooling = {"@layers":"reduce_mean.v1"}

[components.ner.model.tok2vec.weighting]
@architectures = "spacy-curated-transformers.ScalarWeight.v1"
num_layers = 12

[initialize]

[initialize.components]

[initialize.components.transformer]

[initialize.components.transformer.encoder_loader]
@model_loaders = "spacy-curated-transformers.HFTransformerEncoderLoader.v1"
name = "xlm-roberta-base"

[initialize.components.transformer.piecer_loader]
@model_loaders = "spacy-curated-transformers.HFPieceEncoderLoader.v1"
name = "xlm-roberta-base"
"""
COMMENTED = """# Of the file

# Of the section
[vars]
encoder = "bert-base-cased"

[components]

[components.transformer]
factory = "transformer"

[components.transformer.model]
@architectures = "spacy-transformers.TransformerModel.v3"
# Cased, as entities are
name = ${vars.encoder}
  # Longer than spaCy's
get_spans = {"@span_getters":"spacy-transformers.strided_spans.v1","window":200,"stride":150}

[components.ner]
factory = "ner"

[components.ner.model]
@architectures = "spacy.TransitionBasedParser.v2"
state_type = "ner"

[components.ner.model.tok2vec]
@architectures = "spacy-transformers.TransformerListener.v1"
grad_factor = 0.5
pooling = {"@layers":"reduce_mean.v1"}

[training]
# Of a setting
dropout = ${vars.dropout}
"""


def from_listener(*args):
    return CliRunner().invoke(app, ["from-listener", *map(str, args)])


def quickstart(folder, *pipeline, **settings):
    init_config(pipeline=list(pipeline), **settings).to_disk(folder / "old.cfg")
    return folder / "old.cfg"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("lang", "pipeline", "optimize"),
    [
        ("xx", ["ner", "tagger", "textcat"], "efficiency"),
        ("en", ["morphologizer", "parser", "spancat", "textcat_multilabel"], "accuracy"),
    ],
)
def test_the_quickstart_for_transformers(lang, pipeline, optimize, bert, tmp_path):
    old = quickstart(tmp_path, *pipeline, lang=lang, gpu=True, optimize=optimize)
    new = tmp_path / "new.cfg"
    result = from_listener(old, new, "--layer", 2, "--backbone", bert)
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    for name in ("transformer", *pipeline):
        assert f"components.{name}" in result.stdout
    nlp = train_two_steps(new, tmp_path)
    assert nlp.pipe_names == ["transformer", *pipeline]
    assert nlp.get_pipe_meta("transformer").factory == "dlfa_transformer"
    for name in pipeline:
        nodes = nlp.get_pipe(name).model.walk()
        assert [node.attrs["layer"] for node in nodes if "layer" in node.attrs] == [2]
    assert nlp("Anna lives in Oslo").text


@pytest.mark.slow
def test_the_quickstart_for_tok2vec(bert, tmp_path):
    old, new = quickstart(tmp_path, "ner", "tagger", lang="xx"), tmp_path / "new.cfg"
    result = from_listener(old, new)
    assert result.exit_code == 1
    assert "components.tok2vec" in result.stderr
    assert "--backbone" in result.stderr
    assert not new.exists()
    result = from_listener(old, new, "--layer", "ner=1,tagger=3", "--backbone", bert)
    assert result.exit_code == 0, result.output
    assert "learn_rate_factor" in result.stderr
    nlp = train_two_steps(new, tmp_path)
    assert nlp.pipe_names == ["tok2vec", "ner", "tagger"]
    assert nlp.get_pipe("tok2vec").model.outputs == ["last_hidden_state", "layer_1", "layer_3"]


def test_all_else_stays(tmp_path):
    old, new = quickstart(tmp_path, "ner", "tagger", lang="xx", gpu=True), tmp_path / "new.cfg"
    assert from_listener(old, new).exit_code == 0
    was, now = (spacy.util.load_config(path) for path in (old, new))
    for name in ("ner", "tagger"):
        tok2vec = now["components"][name]["model"].pop("tok2vec")
        before = was["components"][name]["model"].pop("tok2vec")
        for key in ("grad_factor", "upstream", "pooling"):
            assert tok2vec[key] == before[key]
    model, before = (each["components"]["transformer"].pop("model") for each in (now, was))
    for key in before.keys() - {"@architectures"}:
        assert model[key] == before[key]
    assert now["components"]["transformer"].pop("factory") == "dlfa_transformer"
    assert was["components"]["transformer"].pop("factory") == "transformer"
    assert now == was


def test_curated_transformers(tmp_path):
    old, new = tmp_path / "old.cfg", tmp_path / "new.cfg"
    old.write_text(CURATED)
    result = from_listener(old, new, "--layer", "ner=8,tagger=6")
    assert result.exit_code == 0, result.output
    config = spacy.util.load_config(new)
    components = config["components"]
    assert components["transformer"].keys() == {"factory", "model"}
    assert components["transformer"]["model"] == {
        "@architectures": "spacy_dlfa.TransformerModel.v1",
        "name": "xlm-roberta-base",
        "mixed_precision": True,
        "window": 200,
        "get_spans": {"@span_getters": "spacy-transformers.doc_spans.v1"},
    }
    assert components["tagger"]["model"]["tok2vec"] == {
        "@architectures": "spacy_dlfa.DLFAListener.v1",
        "layer": 6,
        "grad_factor": 0.5,
        "upstream": "transformer",
        "pooling": {"@layers": "reduce_first.v1"},
        "fusion": {"@layers": "spacy_dlfa.DLFA.v1"},
    }
    assert config["initialize"]["components"] == {}
    lost = result.stderr.splitlines()
    for part in ("weighting", "stride", "vocab_size, hidden_width", "all_layer_outputs", "frozen"):
        assert sum(part in line for line in lost) == 1


@pytest.mark.parametrize("value", ["true", "${vars.frozen}"])
def test_a_frozen_encoder_stays_frozen(value, tmp_path):
    old, new = tmp_path / "old.cfg", tmp_path / "new.cfg"
    old.write_text(CURATED.replace("frozen = false", f"frozen = {value}\n\n[vars]\nfrozen = true"))
    result = from_listener(old, new)
    assert result.exit_code == 0, result.output
    component = spacy.util.load_config(new)["components"]["transformer"]
    said = "components.transformer.model.learn_rate_factor = 0"
    if value == "true":
        assert component["model"]["learn_rate_factor"] == 0
        assert said in result.stdout
        assert "frozen" not in result.stderr
    else:
        # What a variable says may be changed later
        assert "learn_rate_factor" not in component["model"]
        assert said in result.stderr
    assert "frozen" not in component


def test_an_encoder_of_a_component_of_its_own_stays(tmp_path):
    old, new = tmp_path / "old.cfg", tmp_path / "new.cfg"
    name = "components.senter.model"
    block = f'[{name}]\n@architectures = "spacy.Tagger.v2"\n\n[{name}.tok2vec]\n'
    block += '@architectures = "spacy-transformers.Tok2VecTransformer.v3"\nname = "gpt2"\n'
    old.write_text(f'{CURATED}\n[components.senter]\nfactory = "senter"\n\n{block}')
    result = from_listener(old, new)
    assert result.exit_code == 0, result.output
    before, after = (spacy.util.load_config(path)["components"] for path in (old, new))
    assert after["senter"] == before["senter"]
    assert after["ner"] != before["ner"]


@pytest.mark.parametrize(
    ("callback", "stays"),
    [
        ("spacy-curated-transformers.gradual_transformer_unfreezing.v1", False),
        ("mine.v1", True),
    ],
)
@pytest.mark.parametrize("frozen", ["true", "false"])
def test_an_encoder_that_would_thaw_learns_at_once(callback, stays, frozen, tmp_path):
    old, new = tmp_path / "old.cfg", tmp_path / "new.cfg"
    block = f'[training.before_update]\n@callbacks = "{callback}"\n'
    target = {"target_pipes": {"transformer" if frozen == "true" else "*": 100}}
    block += f"target_pipes = {json.dumps(target['target_pipes'])}\n"
    curated = CURATED.replace("frozen = false", f"frozen = {frozen}")
    old.write_text(f"{curated}\n[training]\nseed = 0\n\n{block}")
    result = from_listener(old, new)
    assert result.exit_code == 0, result.output
    config = spacy.util.load_config(new)
    before = {"@callbacks": callback, **target} if stays else None
    assert config["training"]["before_update"] == before
    model = config["components"]["transformer"]["model"]
    # Where no such callback thaws it, it stays frozen
    assert ("learn_rate_factor" in model) == (stays and frozen == "true")
    assert "frozen" not in config["components"]["transformer"]
    said = "training.before_update: is not carried over; the encoder learns from the first step on"
    assert (said in result.stderr.splitlines()) != stays


def test_settings_that_our_model_refuses_are_left_out(bert, tmp_path):
    old, new = quickstart(tmp_path, "tagger", lang="xx", gpu=True), tmp_path / "new.cfg"
    config = spacy.util.load_config(old)
    model = config["components"]["transformer"]["model"]
    outputs = {"output_attentions": True, "output_hidden_states": True}
    model["tokenizer_config"] |= {"trust_remote_code": True}
    model["transformer_config"] = {"trust_remote_code": True, **outputs, "type_vocab_size": 2}
    config.to_disk(old)
    result = from_listener(old, new, "--backbone", bert, "--layer", 2)
    assert result.exit_code == 0, result.output
    lost = [line.split(":")[0] for line in result.stderr.splitlines()]
    place = "components.transformer.model"
    assert lost == [
        f"{place}.tokenizer_config.trust_remote_code",
        f"{place}.transformer_config.trust_remote_code",
        f"{place}.transformer_config.output_attentions",
        f"{place}.transformer_config.output_hidden_states",
    ]
    nlp = spacy.util.load_model_from_config(spacy.util.load_config(new))
    nlp.initialize(lambda: tag_examples(nlp))
    made = nlp.config["components"]["transformer"]["model"]
    assert made["tokenizer_config"] == {"use_fast": True}
    assert made["transformer_config"] == {"type_vocab_size": 2}


@pytest.mark.parametrize(
    ("pipeline", "annotating", "wanted"),
    [
        ('["sentencizer","transformer","ner"]', None, "name sentencizer in"),
        ('["sentencizer","transformer","ner"]', '["ner"]', "name sentencizer in"),
        # Comes too late
        ('["transformer","sentencizer","ner"]', '["sentencizer"]', "name a sentencizer in"),
        ('["sentencizer","transformer","ner"]', '["sentencizer"]', None),
    ],
)
def test_spans_that_are_sentences_want_them_in_training(pipeline, annotating, wanted, tmp_path):
    training = f"annotating_components = {annotating}" if annotating else ""
    text = COMMENTED.replace("dropout = ${vars.dropout}", training)
    text = text.replace("spacy-transformers.strided_spans", "spacy-transformers.sent_spans")
    text = text.replace(',"window":200,"stride":150', "")
    components = '\n[components.sentencizer]\nfactory = "sentencizer"\n'
    (tmp_path / "old.cfg").write_text(f"{text}{components}\n[nlp]\npipeline = {pipeline}\n")
    result = from_listener(tmp_path / "old.cfg", tmp_path / "new.cfg")
    assert result.exit_code == 0, result.output
    lines = [line for line in result.stderr.splitlines() if "get_spans: are sentences" in line]
    assert [wanted in line for line in lines] == ([True] if wanted else [])


@pytest.mark.parametrize("lacking", [None, "training.seed", "nlp.batch_size", "initialize.lookups"])
def test_the_next_step_is_one_that_works(lacking, tmp_path):
    """spaCy's quickstart page gives a config that is not filled, which `train` refuses."""
    old, new = quickstart(tmp_path, "tagger", lang="xx", gpu=True), tmp_path / "new.cfg"
    if lacking:
        section, key = lacking.split(".")
        config = spacy.util.load_config(old)
        del config[section][key]
        config.to_disk(old)
    result = from_listener(old, new)
    assert result.exit_code == 0, result.output
    said = result.stdout.splitlines()[0]
    filling = f"Type next: python -m spacy init fill-config {new} {new}"
    assert said.endswith(filling) == bool(lacking)
    assert (f"Type next: python -m spacy train {new}" in said) != bool(lacking)
    if lacking:
        fill_config(new, new)
        found = spacy.util.load_config(new)
        assert key in found[section]
        assert found["components"]["transformer"]["factory"] == "dlfa_transformer"


def test_comments_and_variables_stay(tmp_path):
    old, new = tmp_path / "old.cfg", tmp_path / "new.cfg"
    old.write_text(COMMENTED.replace("${vars.dropout}", "0.2"))
    result = from_listener(old, new)
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    text = new.read_text()
    assert text.startswith("# Of the file\n\n# Of the section\n[vars]\n")
    for part in (
        "# Cased, as entities are\nname = ${vars.encoder}\n",
        "  # Longer than spaCy's\n[components.transformer.model.get_spans]\n",
        "# Of a setting\ndropout = 0.2\n",
    ):
        assert part in text


def test_a_comment_whose_setting_is_gone(tmp_path):
    (tmp_path / "old.cfg").write_text(CURATED.replace("vocab_size", "# Large\nvocab_size"))
    result = from_listener(tmp_path / "old.cfg", "-")
    assert result.exit_code == 0, result.output
    assert any("# Large" in line for line in result.stderr.splitlines())
    # Nothing but the config on stdout
    assert spacy.util.load_config_from_str(result.stdout)["nlp"]["lang"] == "xx"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (COMMENTED, ["refers to what is gone", "vars"]),
        ("[nlp]\nlang = 'xx'", ["old.cfg", "spacy-transformers.TransformerListener.v1"]),
        ("lang", ["old.cfg"]),
        ("[components]\ntagger = null", ["old.cfg", "components.tagger = None"]),
        ("[nlp]\nlang = 'xx'\n[nlp]\n", ["old.cfg", "'nlp' already exists"]),
    ],
)
def test_configs_that_can_not_be_converted(text, parts, tmp_path):
    (tmp_path / "old.cfg").write_text(text)
    result = from_listener(tmp_path / "old.cfg", tmp_path / "new.cfg")
    assert result.exit_code == 1
    (line,) = result.stderr.strip().splitlines()
    for part in parts:
        assert part in line
    assert not (tmp_path / "new.cfg").exists()


def test_a_file_that_is_there_is_kept(tmp_path):
    (tmp_path / "old.cfg").write_text(CURATED)
    result = from_listener(tmp_path / "old.cfg", tmp_path / "old.cfg")
    assert result.exit_code == 1
    assert "--force" in result.stderr
    assert (tmp_path / "old.cfg").read_text() == CURATED


def test_an_entity_linker_gets_an_encoder_of_its_own(tmp_path):
    """As it is said: it predicts on copies, which a listener of ours refuses."""
    old = quickstart(tmp_path, "ner", "entity_linker", lang="en", gpu=True)
    result = from_listener(old, tmp_path / "new.cfg", "--layer", "4", "--backbone", "mbert")
    assert result.exit_code == 0, result.output
    assert "entity_linker.model.tok2vec: has an encoder of its own" in result.stderr
    (line,) = [each for each in result.stdout.splitlines() if "entity_linker.model" in each]
    assert "TransformerListener.v1 -> spacy_dlfa.DLFATok2Vec.v1, layer 4" in line
    components = spacy.util.load_config(tmp_path / "new.cfg")["components"]
    own, shared = (components[name]["model"] for name in ("entity_linker", "transformer"))
    assert own["tok2vec"]["@architectures"] == "spacy_dlfa.DLFATok2Vec.v1"
    settings = shared.keys() - {"@architectures"}
    assert all(own["tok2vec"][key] == shared[key] for key in settings)
    assert spacy.registry.resolve({"model": own})["model"]
