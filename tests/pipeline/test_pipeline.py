"""spaCy's own ways of working, and results that depend on the text alone."""

import pickle

import numpy as np
import pytest
import spacy
from spacy.cli._util import app as spacy_app
from spacy.training import Example
from spacy.util import fix_random_seed
from typer.testing import CliRunner

from tests.fusions.test_fusions import FUSIONS, name_of
from tests.pipelines import (
    listener_config,
    tag_examples,
    tagger_config,
    tagger_pipeline,
    transformer_config,
)

LONG = "Anna lives in Oslo . " * 20
TEXTS = [
    "Anna lives in Oslo .",
    "",
    "  ",
    "a",
    "我住在北京 and in Осло",
    LONG,
    "She works for Acme",
    "\n",
    "supercalifragilistic" * 5,
]


def train(nlp, steps=10):
    optimizer = nlp.resume_training()
    for _ in range(steps):
        nlp.update(tag_examples(nlp), sgd=optimizer)
    return nlp


@pytest.fixture(scope="module", params=FUSIONS, ids=name_of)
def trained(request, bert):
    """Away from where it started; what it has learnt is of no interest."""
    # Of a module, so that no test has set the random numbers for it
    fix_random_seed(0)
    return train(tagger_pipeline(bert, fusion=request.param), steps=50)


def vectors(nlp, docs):
    """Token vectors that the tagger sees."""
    return nlp.get_pipe("tagger").model.get_ref("tok2vec").predict(docs)


def process(nlp, texts, **settings):
    docs = list(nlp.pipe(texts, **settings))
    return vectors(nlp, docs), [[token.tag_ for token in doc] for doc in docs]


def assert_same(result, expected):
    for got, wanted in zip(result[0], expected[0]):
        np.testing.assert_allclose(got, wanted, atol=1e-5)
    assert result[1] == expected[1]


@pytest.fixture(scope="module")
def expected(trained):
    """Every text alone."""
    alone = [process(trained, [text]) for text in TEXTS]
    return [v for vs, _ in alone for v in vs], [t for _, ts in alone for t in ts]


@pytest.mark.parametrize("batch_size", [2, 3, 64])
def test_batches_change_nothing(trained, expected, batch_size):
    assert_same(process(trained, TEXTS, batch_size=batch_size), expected)


def test_order_changes_nothing(trained, expected):
    result = process(trained, TEXTS[::-1])
    assert_same((result[0][::-1], result[1][::-1]), expected)


def test_more_padding_changes_nothing(trained, expected, monkeypatch):
    """A document that is encoded beside a much longer one, by torch's own layers, is padded."""
    transformer = trained.get_pipe("transformer")
    monkeypatch.setitem(transformer.model.shim.settings, "packed", False)
    monkeypatch.setattr("spacy_dlfa.encoder.encoder.MAX_PADDING", 1.0)
    docs = [trained.make_doc(text) for text in TEXTS]
    transformer.set_annotations(docs, transformer.predict(docs))
    for got, wanted in zip(vectors(trained, docs), expected[0]):
        np.testing.assert_allclose(got, wanted, atol=1e-5)


def test_disk_and_bytes_round_trips(trained, expected, tmp_path):
    trained.to_disk(tmp_path)
    assert_same(process(spacy.load(tmp_path), TEXTS), expected)
    restored = spacy.blank("xx").from_config(trained.config).from_bytes(trained.to_bytes())
    assert_same(process(restored, TEXTS), expected)


def test_two_processes(trained, expected):
    assert_same(process(trained, TEXTS, n_process=2, batch_size=2), expected)


def test_replaced_listeners(trained, expected, tmp_path):
    nlp = spacy.blank("xx").from_config(trained.config).from_bytes(trained.to_bytes())
    nlp.replace_listeners("transformer", "tagger", ["model.tok2vec"])
    config = nlp.config["components"]["tagger"]["model"]["tok2vec"]
    assert config["@architectures"] == "spacy_dlfa.DLFATok2Vec.v1"
    nlp.remove_pipe("transformer")
    assert_same(process(nlp, TEXTS), expected)
    nlp.to_disk(tmp_path)
    assert_same(process(spacy.load(tmp_path), TEXTS), expected)
    train(nlp, steps=2)


def test_sourced_components(trained, expected, tmp_path):
    trained.to_disk(tmp_path)
    config = {
        "nlp": {"lang": "xx", "pipeline": ["transformer", "tagger"]},
        "components": {
            "transformer": {"source": str(tmp_path)},
            "tagger": {"source": str(tmp_path)},
        },
    }
    assert_same(process(spacy.util.load_model_from_config(config, auto_fill=True), TEXTS), expected)


def test_sourced_component_with_replaced_listeners(trained, expected, tmp_path):
    trained.to_disk(tmp_path)
    source = {"source": str(tmp_path), "replace_listeners": ["model.tok2vec"]}
    config = {"nlp": {"lang": "xx", "pipeline": ["tagger"]}, "components": {"tagger": source}}
    assert_same(process(spacy.util.load_model_from_config(config, auto_fill=True), TEXTS), expected)


def test_docs_are_pickled_after_processing(trained):
    doc = trained("Anna lives in Oslo .")
    assert [t.tag_ for t in pickle.loads(pickle.dumps(doc))] == [t.tag_ for t in doc]


def encoder_weights(nlp):
    state = nlp.get_pipe("transformer").model.transformer.state_dict()
    return {name: value.clone() for name, value in state.items()}


def assert_equal_weights(left, right):
    assert left.keys() == right.keys()
    assert all(left[name].equal(right[name]) for name in left)


def test_frozen_transformer_that_annotates(bert):
    nlp = tagger_pipeline(bert)
    before = encoder_weights(nlp)
    frozen = {"exclude": ["transformer"], "annotates": ["transformer"]}
    optimizer = nlp.resume_training()
    losses = [nlp.update(tag_examples(nlp), sgd=optimizer, **frozen) for _ in range(30)]
    assert min(each["tagger"] for each in losses[1:]) < losses[0]["tagger"]
    assert_equal_weights(encoder_weights(nlp), before)


def test_frozen_transformer_that_does_not_annotate_is_an_error(bert):
    nlp = tagger_pipeline(bert)
    with pytest.raises(ValueError, match="annotating_components"):
        nlp.update(tag_examples(nlp), sgd=nlp.resume_training(), exclude=["transformer"])


def test_frozen_component_stays_as_it_is(bert):
    """Two listeners, one of them frozen: parameters and running statistics are kept."""
    nlp = spacy.blank("xx")
    nlp.add_pipe("dlfa_transformer", name="transformer", config=transformer_config(bert))
    nlp.add_pipe("tagger", name="frozen", config=tagger_config(3))
    nlp.add_pipe("tagger", config=tagger_config(1))
    nlp.initialize(lambda: tag_examples(nlp))
    before = nlp.get_pipe("frozen").to_bytes()
    encoder = nlp.get_pipe("transformer").model.transformer
    embeddings = encoder.embeddings.word_embeddings.weight.clone()
    with nlp.select_pipes(disable=["frozen"]):
        train(nlp)
    assert nlp.get_pipe("frozen").to_bytes() == before
    assert not encoder.embeddings.word_embeddings.weight.equal(embeddings)


def test_a_batch_of_one_short_document_trains(bert):
    nlp = tagger_pipeline(bert)
    doc = nlp.make_doc("a")
    example = Example.from_dict(doc, {"tags": ["PROPN"]})
    for _ in range(3):
        nlp.update([example], sgd=nlp.resume_training())
    assert all(np.isfinite(v).all() for v in vectors(nlp, [nlp("a")]))


def test_a_batch_of_empty_documents_trains_nothing(bert):
    nlp = tagger_pipeline(bert)
    before = encoder_weights(nlp)
    nlp.update([Example.from_dict(nlp.make_doc(""), {})], sgd=nlp.resume_training())
    assert_equal_weights(encoder_weights(nlp), before)


def test_a_saved_pipeline_can_be_initialized_anew(trained, tmp_path):
    trained.to_disk(tmp_path)
    nlp = spacy.load(tmp_path)
    nlp.initialize(lambda: tag_examples(nlp))
    before, after = (p.get_pipe("tagger").model for p in (trained, nlp))
    for old, new in zip(before.walk(), after.walk()):
        for left, right in zip(old.shims, new.shims):
            assert left.to_bytes() != right.to_bytes()
    train(nlp, steps=2)


def test_own_encoder_takes_empty_documents(trained):
    nlp = spacy.blank("xx").from_config(trained.config).from_bytes(trained.to_bytes())
    nlp.replace_listeners("transformer", "tagger", ["model.tok2vec"])
    assert [v.shape[0] for v in vectors(nlp, [nlp.make_doc("")] * 2)] == [0, 0]


def test_bf16_stays_close_to_fp32(bert):
    fp32 = tagger_pipeline(bert)
    bf16 = tagger_pipeline(bert, precision="bf16")
    for name in ("transformer", "tagger"):
        bf16.get_pipe(name).from_bytes(fp32.get_pipe(name).to_bytes())
    for a, b in zip(process(fp32, TEXTS)[0], process(bf16, TEXTS)[0]):
        np.testing.assert_allclose(a, b, atol=0.25)
        assert b.dtype == np.float32
    assert not np.array_equal(process(fp32, TEXTS[:1])[0][0], process(bf16, TEXTS[:1])[0][0])


def test_listener_config_round_trips_through_spacys_cli(bert, tmp_path):
    partial = spacy.blank("xx")
    partial.add_pipe("dlfa_transformer", name="transformer", config=transformer_config(bert))
    partial.add_pipe("tagger", config={"model": {"@architectures": "spacy.Tagger.v2",
                                                 "tok2vec": listener_config()}})  # fmt: skip
    path, filled = tmp_path / "base.cfg", tmp_path / "filled.cfg"
    partial.config.to_disk(path)
    runner = CliRunner()
    result = runner.invoke(spacy_app, ["init", "fill-config", str(path), str(filled)])
    assert result.exit_code == 0, result.output
    paths = ["--paths.train", "train.spacy", "--paths.dev", "dev.spacy"]
    result = runner.invoke(spacy_app, ["debug", "config", str(filled), *paths])
    assert result.exit_code == 0, result.output
