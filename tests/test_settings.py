"""Wrong settings are errors at initialisation that say what to change."""

import subprocess
import sys

import pytest
import spacy
from spacy.tokens import Doc
from spacy.training import Example

from tests.checkpoints import LAYERS
from tests.configs import example, pipeline
from tests.pipelines import (
    DLFA,
    listener_config,
    save_wide_encoder,
    tag_examples,
    tagger_config,
    tagger_pipeline,
    transformer_config,
)

LAST = {"@layers": "spacy_dlfa.LastLayer.v1"}


OURS = "dlfa_transformer"


def initialize(*pipes):
    nlp = spacy.blank("xx")
    for factory, config in pipes:
        nlp.add_pipe(factory, name="transformer" if factory == OURS else None, config=config)
    nlp.initialize(lambda: tag_examples(nlp))
    return nlp


@pytest.mark.parametrize("layer", [-1, LAYERS + 1, 99])
def test_hidden_layer_that_the_encoder_lacks(bert, layer):
    with pytest.raises(ValueError, match=rf"layer {layer} does not exist.*{LAYERS} layers"):
        initialize((OURS, transformer_config(bert, hidden_layers=[layer])))


@pytest.mark.parametrize("layer", [-1, LAYERS + 1])
def test_listened_layer_that_the_encoder_lacks(bert, layer):
    with pytest.raises(ValueError, match=rf"layer = {layer}, but the encoder has {LAYERS} layers"):
        initialize((OURS, transformer_config(bert)), ("tagger", tagger_config(layer)))


def test_listened_layer_that_a_loaded_encoder_lacks(bert):
    nlp = tagger_pipeline(bert)
    with pytest.raises(ValueError, match=rf"layer = 99, but the encoder has {LAYERS} layers"):
        nlp.add_pipe("tagger", name="other", config=tagger_config(99))


def test_last_layer_needs_no_hidden_layer(bert):
    nlp = initialize((OURS, transformer_config(bert)), ("tagger", tagger_config(99, fusion=LAST)))
    assert list(nlp("Anna")._.trf_data.model_output) == ["last_hidden_state"]


def test_embeddings_can_be_fused(bert):
    tagger_pipeline(bert, layer=0)("Anna")


MEAN = {"@layers": "reduce_mean.v1"}


@pytest.mark.parametrize("own_encoder", [False, True])
@pytest.mark.parametrize(
    ("fusion", "pooling", "parts"),
    [
        (MEAN, DLFA, ["fusion: found the layer 'reduce_mean'", "spacy_dlfa.DLFA.v1, spacy_dlfa"]),
        (MEAN, MEAN, ["fusion: found the layer 'reduce_mean'", "spacy_dlfa.LastLayer.v1"]),
        (DLFA, DLFA, ["pooling: found the fusion 'dlfa'", "reduce_mean.v1"]),
        (DLFA, LAST, ["pooling: found the fusion 'last_layer'", "reduce_mean.v1"]),
    ],
)
def test_fusion_and_pooling_in_each_others_place(bert, fusion, pooling, parts, own_encoder):
    tok2vec = listener_config(fusion=fusion, pooling=pooling)
    if own_encoder:
        tok2vec |= transformer_config(bert)["model"]
        tok2vec["@architectures"] = "spacy_dlfa.DLFATok2Vec.v1"
    model = {"@architectures": "spacy.Tagger.v2", "tok2vec": tok2vec}
    with pytest.raises(ValueError, match=r"\[model.tok2vec\]") as error:
        spacy.blank("xx").add_pipe("tagger", config={"model": model})
    for part in parts:
        assert part in str(error.value)


def test_stock_transformer_upstream(bert):
    stock = {
        "model": {
            "@architectures": "spacy-transformers.TransformerModel.v3",
            "name": bert,
            "get_spans": {"@span_getters": "spacy-transformers.doc_spans.v1"},
        }
    }
    with pytest.raises(ValueError, match=r"@architectures = \"spacy_dlfa.TransformerModel.v1\""):
        initialize(("transformer", stock), ("tagger", tagger_config()))
    with pytest.raises(ValueError, match=r"@architectures = \"spacy_dlfa.TransformerModel.v1\""):
        initialize((OURS, stock))


def test_our_model_in_the_stock_component(bert):
    with pytest.raises(ValueError, match='set its factory = "dlfa_transformer"'):
        initialize(("transformer", transformer_config(bert)), ("tagger", tagger_config()))


def test_stock_listener_downstream(bert):
    tok2vec = {
        "@architectures": "spacy-transformers.TransformerListener.v1",
        "pooling": {"@layers": "reduce_mean.v1"},
    }
    model = {"@architectures": "spacy.Tagger.v2", "tok2vec": tok2vec}
    nlp = initialize((OURS, transformer_config(bert)), ("tagger", {"model": model}))
    embeddings = nlp.get_pipe("transformer").model.transformer.embeddings.word_embeddings.weight
    before = embeddings.clone()
    for _ in range(2):  # the tagger's own weights start at zero and send no gradient at first
        nlp.update(tag_examples(nlp), sgd=nlp.resume_training())
    assert not embeddings.equal(before)


@pytest.mark.parametrize("upstream", ["*", "encoder"])
def test_no_transformer_upstream(upstream):
    with pytest.raises(ValueError, match="no transformer component named"):
        initialize(("tagger", tagger_config(upstream=upstream)))


def test_tok2vec_upstream():
    with pytest.raises(ValueError, match="no transformer component"):
        initialize(("tok2vec", {}), ("tagger", tagger_config()))


def test_transformer_after_the_component(bert):
    with pytest.raises(ValueError, match="no transformer component"):
        initialize(("tagger", tagger_config()), (OURS, transformer_config(bert)))


def test_named_upstream(bert):
    nlp = spacy.blank("xx")
    nlp.add_pipe(OURS, name="encoder", config=transformer_config(bert))
    nlp.add_pipe("tagger", config=tagger_config(upstream="encoder"))
    nlp.initialize(lambda: tag_examples(nlp))
    assert nlp("Anna")[0].tag_


def test_widths_that_differ(bert, tmp_path):
    """A component beside an encoder that is wider than the one it was trained on."""
    wide = save_wide_encoder(bert, tmp_path / "wide")
    narrow, broad = tagger_pipeline(bert), tagger_pipeline(wide)
    nlp = spacy.blank("xx")
    nlp.add_pipe("transformer", source=broad)
    nlp.add_pipe("tagger", source=narrow)
    with pytest.raises(ValueError, match="width 16, but the transformer component's has 32"):
        nlp("Anna")
    with pytest.raises(ValueError, match="width 16"):
        nlp.update(tag_examples(nlp), sgd=nlp.resume_training())


@pytest.mark.parametrize("fusion", [DLFA, LAST])
def test_prediction_without_the_transformer_is_an_error(bert, fusion):
    nlp = tagger_pipeline(bert, fusion=fusion)
    with nlp.select_pipes(disable=["transformer"]), pytest.raises(ValueError, match="did not run"):
        nlp("Anna lives in Oslo .")
    nlp.remove_pipe("transformer")
    with pytest.raises(ValueError, match="did not run"):
        nlp("Anna lives in Oslo .")
    with pytest.raises(ValueError, match="did not run"):
        list(nlp.pipe(["Anna", ""]))


def test_a_process_that_has_never_had_a_transformer(bert, tmp_path):
    tagger_pipeline(bert).to_disk(tmp_path)
    code = "import spacy; spacy.load({!r}, exclude=['transformer'])('Anna lives')"
    command = [sys.executable, "-c", code.format(str(tmp_path))]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "[DL049] DLFAListener: the transformer did not run on the text" in ended.stderr


def test_tokens_changed_behind_the_transformer(bert):
    nlp = tagger_pipeline(bert)
    doc = nlp.make_doc("Anna lives in Oslo .")
    nlp.get_pipe("transformer")(doc)
    with doc.retokenize() as retokenizer:
        retokenizer.merge(doc[0:2])
    with pytest.raises(ValueError, match=r"for 5 tokens, but the text 'Anna.*' has 4"):
        nlp.get_pipe("tagger")(doc)


def test_as_many_other_tokens_behind_the_transformer(bert):
    """Two were merged and one was split."""
    nlp = tagger_pipeline(bert)
    doc = nlp.get_pipe("transformer")(nlp.make_doc("Anna lives in Oslo ."))
    with doc.retokenize() as retokenizer:
        retokenizer.merge(doc[0:2])
        retokenizer.split(doc[3], ["Os", "lo"], heads=[doc[2], doc[2]])
    with pytest.raises(ValueError, match=r"for 5 tokens, but the text 'Anna.*' has 5 others"):
        nlp.get_pipe("tagger")(doc)
    assert nlp.get_pipe("tagger")(nlp.get_pipe("transformer")(doc)).has_annotation("TAG")


@pytest.mark.parametrize("layer", [-1, LAYERS + 1])
def test_tok2vec_with_a_layer_that_the_encoder_lacks(bert, layer):
    tok2vec = {
        **transformer_config(bert)["model"],
        **listener_config(layer),
        "@architectures": "spacy_dlfa.DLFATok2Vec.v1",
    }
    model = {"@architectures": "spacy.Tagger.v2", "tok2vec": tok2vec}
    with pytest.raises(ValueError, match=rf"layer = {layer}, but the encoder has {LAYERS} layers"):
        initialize(("tagger", {"model": model}))


@pytest.mark.parametrize("factor", [-1.0, -0.001, float("nan"), float("inf")])
def test_a_gradient_that_leads_uphill(bert, factor):
    tok2vec = listener_config(grad_factor=factor)
    own = {**transformer_config(bert)["model"], **tok2vec}
    for block in (tok2vec, {**own, "@architectures": "spacy_dlfa.DLFATok2Vec.v1"}):
        message = rf"grad_factor = {factor}; it must be a number from 0"
        with pytest.raises(ValueError, match=message):
            spacy.registry.resolve({"tok2vec": block})


@pytest.mark.parametrize("factor", [-1.0, -0.001, float("nan"), float("inf")])
def test_a_learning_rate_that_leads_uphill(bert, factor):
    message = rf"learn_rate_factor = {factor}; it must be a number from 0"
    with pytest.raises(ValueError, match=message):
        spacy.registry.resolve(transformer_config(bert, learn_rate_factor=factor))


@pytest.mark.parametrize("items", [0, -1])
def test_batches_without_room(bert, items):
    config = {**transformer_config(bert), "max_batch_items": items}
    message = rf"\[components.transformer\] max_batch_items = {items}; it must be 1 or more"
    with pytest.raises(ValueError, match=message):
        initialize((OURS, config))


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"freeze_below": -1}, rf"freeze_below = -1, but .* {LAYERS} layers; choose from 0"),
        ({"window": 0}, "window = 0 leaves no room for text"),
        ({"window": -5}, "window = -5 leaves no room for text"),
    ],
)
def test_negative_settings(bert, setting, message):
    with pytest.raises(ValueError, match=message):
        initialize((OURS, transformer_config(bert, **setting)))


def test_missing_encoder_is_one_clear_sentence():
    with pytest.raises(ValueError, match=r"Can't load the encoder 'no-such-model'.*backbone"):
        initialize((OURS, transformer_config("no-such-model")))


@pytest.mark.parametrize("setting", ["output_attentions", "output_hidden_states"])
def test_outputs_that_nobody_gets_are_refused(bert, setting):
    config = transformer_config(bert, transformer_config={setting: True})
    with pytest.raises(ValueError, match=f"transformer_config has {setting}, but only layers"):
        initialize((OURS, config))


def test_code_from_the_hub_is_refused(bert):
    config = transformer_config(bert, transformer_config={"trust_remote_code": True})
    with pytest.raises(ValueError, match="never run"):
        initialize((OURS, config))


def test_a_loaded_pipeline_is_checked_too(bert, tmp_path):
    tagger_pipeline(bert).to_disk(tmp_path)
    override = {"components.transformer.model.hidden_layers": [2, 99]}
    with pytest.raises(ValueError, match="layer 99 does not exist"):
        spacy.load(tmp_path, config=override)


def test_a_mix_of_layers_that_another_encoder_lacks(bert, tmp_path):
    mix = {"@layers": "spacy_dlfa.ScalarMix.v1", "layers": "all"}
    shallow = tagger_pipeline(bert, layer=1, transformer_config={"num_hidden_layers": 2})
    nlp = spacy.blank("xx")
    nlp.add_pipe("transformer", source=shallow)
    with pytest.raises(ValueError, match=r"for \['layer_0', .*'layer_3', .* encoder has 2 layers"):
        nlp.add_pipe("tagger", source=tagger_pipeline(bert, fusion=mix))


@pytest.mark.parametrize("name", ["trf", "encoder"])
def test_errors_do_not_call_the_transformer_by_another_name(bert, name, tmp_path):
    """Whatever it is called: no message sends users to [components.transformer]."""
    faults = [
        ({"hidden_layers": [99]}, 2),
        ({"window": 2}, 2),
        ({"freeze_below": 99}, 2),
        ({"name": "no-such-model"}, 2),
        ({"name": str(tmp_path)}, 2),
    ]
    for settings, layer in faults:
        nlp = spacy.blank("xx")
        config = transformer_config(bert)
        config["model"].update(settings)
        nlp.add_pipe("dlfa_transformer", name=name, config=config)
        nlp.add_pipe("tagger", config=tagger_config(layer))
        with pytest.raises(ValueError) as error:  # noqa: PT011 (any of them)
            nlp.initialize(lambda nlp=nlp: tag_examples(nlp))
        assert "components.transformer" not in str(error.value)
        assert next(iter(settings)) in str(error.value)


def test_a_component_behind_the_doc_cleaner(bert):
    nlp = spacy.blank("xx")
    nlp.add_pipe("dlfa_transformer", config=transformer_config(bert))
    cleaner = {"attrs": {"_.trf_data": None}, "silent": True}
    nlp.add_pipe("doc_cleaner", config=cleaner)
    nlp.add_pipe("tagger", config=tagger_config())
    nlp.initialize(lambda: tag_examples(nlp))
    message = "'Anna lives' was removed by an earlier component, such as doc_cleaner; .* before"
    with pytest.raises(ValueError, match=message):
        nlp("Anna lives")
    with pytest.raises(ValueError, match=message):
        list(nlp.pipe(["Anna lives"]))
    # Where the transformer did not run, that is what is said
    disabled = nlp.select_pipes(disable=["dlfa_transformer", "doc_cleaner"])
    with disabled, pytest.raises(ValueError, match="did not run"):
        nlp("Anna lives")
    # Ours leaves no trace of what it removed.
    nlp.replace_pipe("doc_cleaner", "dlfa_doc_cleaner")
    with pytest.raises(ValueError, match="a doc_cleaner behind this one"):
        nlp("Anna lives")


def no_text(nlp):
    return [Example.from_dict(Doc(nlp.vocab, words=[]), {}) for _ in range(10)]


@pytest.mark.parametrize("fusion", ["DLFA", "AIF", "LastLayer", "LayerMean", "ScalarMix"])
@pytest.mark.parametrize("task", ["ner", "tagger", "textcat"])
def test_ten_documents_without_text_come_first(bert, task, fusion):
    """spaCy initialises components with the first ten documents."""
    nlp = pipeline(task, bert, fusion)
    full = [example(nlp, task)] * 2
    with pytest.raises(ValueError, match=r"None of the 10 .* has a token.*put a document"):
        nlp.initialize(lambda: [*no_text(nlp), *full])
    nlp.initialize(lambda: [*no_text(nlp)[1:], *full])
    nlp.update([*no_text(nlp), *full], sgd=nlp.resume_training())
    assert list(nlp.pipe(["Anna", ""]))


def test_documents_without_text_come_first_and_the_encoder_is_the_components_own(bert):
    tok2vec = {
        **transformer_config(bert)["model"],
        **listener_config(),
        "@architectures": "spacy_dlfa.DLFATok2Vec.v1",
    }
    nlp = spacy.blank("xx")
    model = {"@architectures": "spacy.Tagger.v2", "tok2vec": tok2vec}
    nlp.add_pipe("tagger", config={"model": model})
    with pytest.raises(ValueError, match="None of the 10 documents"):
        nlp.initialize(lambda: [*no_text(nlp), *tag_examples(nlp)])


@pytest.mark.parametrize("task", ["ner", "tagger", "textcat"])
def test_white_space_comes_first(bert, task):
    nlp = pipeline(task, bert, "DLFA")
    spaces = [Example.from_dict(Doc(nlp.vocab, words=["\n"]), {}) for _ in range(10)]
    nlp.initialize(lambda: [*spaces, example(nlp, task), example(nlp, task)])
    nlp.update([example(nlp, task)], sgd=nlp.resume_training())
    assert nlp("Anna")[0].text == "Anna"
