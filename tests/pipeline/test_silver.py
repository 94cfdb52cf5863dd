"""Training data that carry what another pipeline's transformer made, as `spacy apply` saves it."""

import numpy as np
import pytest
import spacy
from spacy.tokens import DocBin
from spacy.training import Example

from tests.pipelines import (
    CLASSIFIER,
    SENTENCES,
    listener_config,
    save_wide_encoder,
    tagger_pipeline,
    transformer_config,
)


def other_layer(bert, folder):
    return tagger_pipeline(bert, layer=1)


def other_width(bert, folder):
    return tagger_pipeline(save_wide_encoder(bert, folder))


def stock(bert, folder):
    nlp = spacy.blank("xx")
    model = {**transformer_config(bert)["model"]}
    model["@architectures"] = "spacy-transformers.TransformerModel.v3"
    nlp.add_pipe("transformer", config={"model": model})
    nlp.initialize()
    return nlp


def classifier(bert):
    nlp = spacy.blank("xx")
    nlp.add_pipe("dlfa_transformer", name="transformer", config=transformer_config(bert))
    model = {**CLASSIFIER, "tok2vec": listener_config(2)}
    nlp.add_pipe("textcat", config={"model": model})
    return nlp


@pytest.mark.parametrize("saved", [False, True], ids=["in memory", "saved"])
@pytest.mark.parametrize("make", [other_layer, other_width, stock])
def test_silver_data_train_another_pipeline(bert, tmp_path, make, saved):
    annotated = list(make(bert, tmp_path).pipe([text for text, _ in SENTENCES]))
    nlp = classifier(bert)
    if saved:
        stored = DocBin(docs=annotated, store_user_data=True).to_bytes()
        annotated = list(DocBin().from_bytes(stored).get_docs(nlp.vocab))
    for index, doc in enumerate(annotated):
        doc.cats = {"X": float(index % 2), "Y": float(1 - index % 2)}
    examples = [Example(nlp.make_doc(doc.text), doc) for doc in annotated]
    optimizer = nlp.initialize(lambda: examples)
    losses = [nlp.update(examples, sgd=optimizer)["textcat"] for _ in range(5)]
    assert losses[-1] < losses[0]


def test_documents_of_the_initialisation_are_encoded_like_others(bert):
    annotated = list(tagger_pipeline(bert, layer=1).pipe([text for text, _ in SENTENCES]))
    nlp = classifier(bert)
    for index, doc in enumerate(annotated):
        doc.cats = {"X": float(index % 2), "Y": float(1 - index % 2)}
    nlp.initialize(lambda: [Example(doc, doc) for doc in annotated])
    tok2vec = nlp.get_pipe("textcat").model.get_ref("tok2vec")
    transformer = nlp.get_pipe("transformer")
    others = [transformer(nlp.make_doc(doc.text)) for doc in annotated]
    again = [transformer(doc) for doc in annotated]
    for found, expected in zip(tok2vec.predict(again), tok2vec.predict(others), strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-5)
        assert found.any()


def test_a_layer_that_a_stock_transformer_has_not_made(bert, tmp_path):
    (doc,) = stock(bert, tmp_path).pipe([SENTENCES[0][0]])
    tagger = tagger_pipeline(bert).get_pipe("tagger")
    with pytest.raises(ValueError, match=r"reads layer_2, but the transformer gave \['last_hid"):
        tagger(doc)
