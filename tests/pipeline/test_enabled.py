"""Components that are enabled late, disabled for a while, or stand in two pipelines."""

import copy
import pickle

import numpy as np
import pytest
import spacy
from spacy.tokens import Doc
from thinc.api import Adam

from tests.pipelines import SENTENCES, tag_examples, tagger_config, transformer_config

TEXT = SENTENCES[0][0]
LOWER = {"@layers": "spacy_dlfa.LowerLayer.v1"}


def two_taggers(bert, **settings):
    """One that reads layer 2 and the last one, and one that reads layer 1 alone."""
    nlp = spacy.blank("xx")
    config = transformer_config(bert, **settings)
    nlp.add_pipe("dlfa_transformer", name="transformer", config=config)
    nlp.add_pipe("tagger", name="deep", config=tagger_config(2))
    nlp.add_pipe("tagger", name="low", config=tagger_config(1, LOWER))
    nlp.initialize(lambda: tag_examples(nlp))
    optimizer = Adam(0.01)
    for _ in range(3):
        nlp.update(tag_examples(nlp), sgd=optimizer)
    return nlp


@pytest.fixture(scope="module")
def trained(bert):
    return two_taggers(bert)


@pytest.fixture(scope="module")
def folder(trained, tmp_path_factory):
    path = tmp_path_factory.mktemp("two")
    trained.to_disk(path)
    return path


def layers_of(nlp, transformer="transformer"):
    doc = nlp.get_pipe(transformer)(nlp.make_doc(TEXT))
    return sorted(doc._.trf_data.model_output)


def vectors(nlp, name="deep"):
    doc = nlp.get_pipe("transformer")(nlp.make_doc(TEXT))
    return nlp.get_pipe(name).model.get_ref("tok2vec").predict([doc])[0]


def enabled_after_loading(folder):
    nlp = spacy.load(folder, disable=["deep"])
    nlp.enable_pipe("deep")
    return nlp


def enabled_in_a_copy(folder):
    nlp = copy.deepcopy(spacy.load(folder, disable=["deep"]))
    nlp.enable_pipe("deep")
    return nlp


def enabled_after_unpickling_twice(folder):
    nlp = spacy.load(folder, disable=["deep"])
    for _ in range(2):
        nlp = pickle.loads(pickle.dumps(nlp))
    nlp.enable_pipe("deep")
    return nlp


def enabled_in_a_config_that_disables(folder):
    nlp = spacy.load(folder, config={"nlp.disabled": ["deep"]})
    nlp.enable_pipe("deep")
    return nlp


def changed_while_disabled(folder):
    nlp = spacy.load(folder)
    with nlp.select_pipes(disable=["deep"]):
        nlp.add_pipe("sentencizer")
    return nlp


def replaced_while_selected(folder):
    nlp = spacy.load(folder, disable=["low"])
    nlp.enable_pipe("low")
    with nlp.select_pipes(enable=["transformer", "low"]):
        nlp.replace_listeners("transformer", "low", ["model.tok2vec"])
    return nlp


@pytest.mark.parametrize(
    "make",
    [
        enabled_after_loading,
        enabled_in_a_copy,
        enabled_after_unpickling_twice,
        enabled_in_a_config_that_disables,
        changed_while_disabled,
        replaced_while_selected,
    ],
)
def test_a_component_that_was_disabled(trained, folder, make):
    nlp = make(folder)
    np.testing.assert_array_equal(vectors(nlp), vectors(trained))
    assert [token.tag_ for token in nlp(TEXT)] == [token.tag_ for token in trained(TEXT)]


def test_what_was_never_enabled_costs_nothing(folder):
    nlp = spacy.load(folder, disable=["deep"])
    assert layers_of(nlp) == ["layer_1"]
    nlp.enable_pipe("deep")
    assert layers_of(nlp) == ["last_hidden_state", "layer_1", "layer_2"]


def test_a_component_that_is_disabled_is_called_by_hand(trained, folder):
    nlp = spacy.load(folder)
    with nlp.select_pipes(enable=["transformer"]):
        doc = nlp(TEXT)
    doc = nlp.get_pipe("deep")(doc)
    assert [token.tag_ for token in doc] == [token.tag_ for token in trained(TEXT)]


def test_a_component_that_is_enabled_late_teaches_the_encoder(folder):
    for annotates in ([], ["transformer"]):
        nlp = spacy.load(folder, disable=["deep", "low"])
        nlp.enable_pipe("deep")
        weight = next(nlp.get_pipe("transformer").model.transformer.parameters())
        before = weight.detach().clone()
        losses = nlp.update(tag_examples(nlp), sgd=Adam(0.01), annotates=annotates)
        assert losses["transformer"] > 0
        assert not weight.equal(before)


def test_a_component_that_is_enabled_late_learns_from_a_frozen_encoder(folder):
    frozen = {"components.transformer.model.learn_rate_factor": 0.0}
    nlp = spacy.load(folder, disable=["deep"], config=frozen)
    nlp.enable_pipe("deep")
    before = nlp.get_pipe("deep").to_bytes()
    nlp.update(tag_examples(nlp), sgd=Adam(0.01))
    assert nlp.get_pipe("deep").to_bytes() != before


@pytest.mark.parametrize("copied", [False, True])
def test_the_encoder_learns_at_once_if_a_component_is_disabled(bert, copied):
    nlp = two_taggers(bert)
    nlp = pickle.loads(pickle.dumps(nlp)) if copied else nlp
    weight = next(nlp.get_pipe("transformer").model.transformer.parameters())
    before = weight.detach().clone()
    with nlp.select_pipes(disable=["low"]):
        nlp.update(tag_examples(nlp), sgd=Adam(0.01))
    assert not weight.equal(before)


def test_another_process_gets_what_is_enabled(folder):
    """Which spaCy pickles, where it starts processes by spawning."""
    nlp = spacy.load(folder, disable=["deep"])
    nlp.enable_pipe("deep")
    copied = pickle.loads(pickle.dumps(nlp.get_pipe("transformer")))
    found = copied(Doc(copied.vocab, words=TEXT.split()))._.trf_data
    assert sorted(found.model_output) == ["last_hidden_state", "layer_1", "layer_2"]


def test_a_copied_component_leaves_its_pipeline_behind(trained, folder):
    nlp = spacy.load(folder)
    nlp.default_error_handler = lambda *args: None  # can't be pickled
    copied = pickle.loads(pickle.dumps(nlp.get_pipe("transformer")))
    assert copied.pipelines.own() is None
    assert copy.deepcopy(nlp.get_pipe("transformer")).pipelines.own() is None
    assert nlp.get_pipe("transformer").pipelines.own() is nlp


@pytest.mark.parametrize("name", ["transformer", "shared"])
def test_a_transformer_in_two_pipelines(trained, folder, name):
    """Both predict as before, in any order, whatever is done to either."""
    first, expected = spacy.load(folder), vectors(trained)
    second, third = spacy.blank("xx"), spacy.blank("xx")
    for nlp in (second, third):
        nlp.add_pipe("transformer", name=name, source=first)
    second.add_pipe("low", source=first)
    third.add_pipe("tagger", name="other", config=tagger_config(3, LOWER))
    third.initialize(lambda: tag_examples(third))
    np.testing.assert_array_equal(vectors(first), expected)
    with first.select_pipes(disable=["deep"]):
        first.add_pipe("sentencizer")
    for nlp in (third, second, first):
        assert all(token.tag_ for token in nlp(TEXT))
    np.testing.assert_array_equal(vectors(first), expected)
    first.remove_pipe("deep")
    assert layers_of(first) == ["layer_1", "layer_3"]


def moves(nlp):
    """Whether the encoder learns; from its first update a new tagger's own layer alone does."""
    weight = next(nlp.get_pipe("transformer").model.transformer.parameters())
    before, optimizer = weight.detach().clone(), Adam(0.01)
    for _ in range(2):
        nlp.update(tag_examples(nlp), sgd=optimizer, annotates=["transformer"])
    return not weight.equal(before)


@pytest.mark.parametrize("name", ["other", "low"])
def test_a_new_pipeline_learns_whatever_is_disabled_in_the_one_that_it_is_made_of(folder, name):
    source = spacy.load(folder, disable=["low"])
    nlp = spacy.blank("xx")
    nlp.add_pipe("transformer", source=source)
    nlp.add_pipe("tagger", name=name, config=tagger_config(3))
    nlp.get_pipe(name).initialize(lambda: tag_examples(nlp), nlp=nlp)
    assert moves(nlp)
    with source.select_pipes(disable=["deep"]):
        assert source(TEXT)
    assert moves(nlp)


def test_a_pipeline_learns_after_another_one_had_its_transformer(folder):
    nlp = spacy.load(folder)
    other = spacy.blank("xx")
    other.add_pipe("transformer", source=nlp)
    assert other(TEXT)
    del other
    assert moves(nlp)


def test_a_transformer_of_a_pipeline_that_is_gone(trained, folder):
    nlp = spacy.blank("xx")
    source = spacy.load(folder)
    for name in ("transformer", "deep", "low"):
        nlp.add_pipe(name, source=source)
    del source
    with nlp.select_pipes(disable=["deep"]):
        nlp.add_pipe("sentencizer")
    np.testing.assert_array_equal(vectors(nlp), vectors(trained))


def two_transformers(bert, order):
    nlp = spacy.blank("xx")
    for name in order:
        if name in ("first", "second"):
            nlp.add_pipe("dlfa_transformer", name=name, config=transformer_config(bert))
        else:
            upstream = name.partition("_")[0]
            nlp.add_pipe("tagger", name=name, config=tagger_config(2, upstream=upstream))
    nlp.initialize(lambda: tag_examples(nlp))
    nlp.update(tag_examples(nlp), sgd=Adam(0.01))
    return nlp


def test_another_transformer_has_run_since(bert):
    """Whose output a document carries, of the same width."""
    nlp = two_transformers(bert, ["first", "second", "first_tagger", "second_tagger"])
    with pytest.raises(ValueError, match=r"listens to 'first'.*encoded last by 'second'"):
        nlp(TEXT)
    with nlp.select_pipes(disable=["second", "second_tagger"]):
        assert nlp(TEXT)[0].tag_
    nlp = two_transformers(bert, ["first", "first_tagger", "second", "second_tagger"])
    assert nlp(TEXT)[0].tag_


def test_a_removed_component_is_forgotten(folder):
    nlp = spacy.load(folder)
    _, removed = nlp.remove_pipe("deep")
    transformer = nlp.get_pipe("transformer")
    assert list(transformer.listening_models) == ["low"]
    assert layers_of(nlp) == ["layer_1"]
    nlp.replace_listeners("transformer", "low", ["model.tok2vec"])
    assert transformer.listening_models == {}
    assert removed.name == "deep"


def test_a_transformer_that_was_renamed(bert, tmp_path):
    """Listeners that name it say so, when they are used and when the pipeline is loaded again."""
    nlp = two_transformers(bert, ["first", "first_tagger"])
    nlp.rename_pipe("first", "other")
    nlp.to_disk(tmp_path)
    for each in (nlp, spacy.load(tmp_path)):
        with pytest.raises(ValueError, match=r"\[DL050\].*no transformer.*named 'first'"):
            each(TEXT)
        with pytest.raises(ValueError, match=r"\[DL050\].*no transformer.*named 'first'"):
            each.update(tag_examples(each), sgd=Adam(0.01))
        each.rename_pipe("other", "first")
        assert each(TEXT)[0].tag_
