"""Every trainable component with a `tok2vec` sublayer takes the listener."""

import math

import pytest
import spacy
from spacy.tokens import Doc
from spacy.training import Example

from tests.checkpoints import ARCHITECTURES, save_checkpoint
from tests.pipelines import listener_config, tag_examples, tagger_pipeline, transformer_config

WORDS = ["Anna", "lives", "in", "Oslo", "."]
GOLD = {
    "tags": ["PROPN", "VERB", "ADP", "PROPN", "PUNCT"],
    "pos": ["PROPN", "VERB", "ADP", "PROPN", "PUNCT"],
    "morphs": ["Number=Sing", "Tense=Pres", "", "Number=Sing", ""],
    "lemmas": ["Anna", "live", "in", "Oslo", "."],
    "heads": [1, 1, 3, 1, 1],
    "deps": ["nsubj", "ROOT", "case", "obl", "punct"],
    "sent_starts": [1, -1, -1, -1, -1],
    "entities": ["U-PER", "O", "O", "U-LOC", "O"],
    "spans": {"sc": [(0, 4, "PER"), (14, 18, "LOC")]},
}
TOPICS = [{"travel": 1.0, "politics": 0.0}, {"travel": 0.0, "politics": 1.0}]
PARSER = {"@architectures": "spacy.TransitionBasedParser.v2", "use_upper": False}
COMPONENTS = {
    "tagger": {"@architectures": "spacy.Tagger.v2"},
    "morphologizer": {"@architectures": "spacy.Tagger.v2"},
    "senter": {"@architectures": "spacy.Tagger.v2"},
    "trainable_lemmatizer": {"@architectures": "spacy.Tagger.v2"},
    "parser": {**PARSER, "state_type": "parser", "extra_state_tokens": False,
               "hidden_width": 8, "maxout_pieces": 2},
    "ner": {**PARSER, "state_type": "ner", "extra_state_tokens": False,
            "hidden_width": 8, "maxout_pieces": 2},
    "spancat": {
        "@architectures": "spacy.SpanCategorizer.v1",
        "reducer": {"@layers": "spacy.mean_max_reducer.v1", "hidden_size": 8},
        "scorer": {"@layers": "spacy.LinearLogistic.v1"},
    },
    "textcat": {
        "@architectures": "spacy.TextCatEnsemble.v2",
        "linear_model": {"@architectures": "spacy.TextCatBOW.v3", "exclusive_classes": True,
                         "ngram_size": 1, "no_output_layer": False},
    },
    "textcat_multilabel": {
        "@architectures": "spacy.TextCatReduce.v1", "exclusive_classes": False,
        "use_reduce_first": False, "use_reduce_last": False, "use_reduce_max": False,
        "use_reduce_mean": True,
    },
}  # fmt: skip


# Small samples fall under spaCy's frequency thresholds.
SETTINGS = {"parser": {"min_action_freq": 1}, "trainable_lemmatizer": {"min_tree_freq": 1}}


def examples(nlp):
    golds = [{**GOLD, "cats": cats} for cats in TOPICS]
    empty = {"cats": TOPICS[0]}
    return [
        *(Example.from_dict(Doc(nlp.vocab, words=WORDS), gold) for gold in golds),
        Example.from_dict(Doc(nlp.vocab, words=[]), empty),
    ]


def pipeline(encoder, factory):
    nlp = spacy.blank("xx")
    nlp.add_pipe("dlfa_transformer", name="transformer", config=transformer_config(encoder))
    model = {**COMPONENTS[factory], "tok2vec": listener_config()}
    nlp.add_pipe(factory, config={"model": model, **SETTINGS.get(factory, {})})
    nlp.initialize(lambda: examples(nlp))
    return nlp


@pytest.mark.parametrize("factory", COMPONENTS)
def test_component_trains_and_is_saved(factory, bert, tmp_path):
    nlp = pipeline(bert, factory)
    encoder = nlp.get_pipe("transformer").model.transformer
    before = encoder.embeddings.word_embeddings.weight.clone()
    optimizer = nlp.resume_training()
    losses = [nlp.update(examples(nlp), sgd=optimizer)[factory] for _ in range(20)]
    assert all(math.isfinite(loss) for loss in losses)
    # The parser's oracle follows its own errors, so that its first loss may be the lowest.
    if factory != "parser":
        assert min(losses[1:]) < losses[0]
    assert not before.equal(encoder.embeddings.word_embeddings.weight)

    nlp.to_disk(tmp_path)
    found, expected = (
        each("Anna lives in Oslo .").to_json() for each in (spacy.load(tmp_path), nlp)
    )
    assert found.pop("cats", {}) == pytest.approx(expected.pop("cats", {}))
    assert found == expected


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_any_encoder_with_hidden_states(architecture, tmp_path):
    nlp = tagger_pipeline(save_checkpoint(architecture, tmp_path / "encoder"), layer=1)
    optimizer = nlp.resume_training()
    losses = [nlp.update(tag_examples(nlp), sgd=optimizer)["tagger"] for _ in range(20)]
    assert min(losses[1:]) < losses[0]
    nlp.to_disk(tmp_path / "pipeline")
    docs = [nlp("Anna lives in Oslo ."), spacy.load(tmp_path / "pipeline")("Anna lives in Oslo .")]
    assert [t.tag_ for t in docs[0]] == [t.tag_ for t in docs[1]]
