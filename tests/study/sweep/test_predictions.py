import numpy as np
import pytest
import spacy
from spacy.language import Language
from spacy.pipeline import EntityRuler
from spacy.tokens import Doc

from spacy_dlfa.study.sweep.predictions import NUM_SENTENCES, predict
from tests.pipelines import SENTENCES, tag_examples, tagger_pipeline, two_classifiers


class Classifier:
    """Stands in for a trained `textcat`."""

    labels = ("sports", "health", "travel")

    def __call__(self, doc):
        doc.cats = {"sports": 0.2, "health": 0.1, "travel": 0.7}
        if doc[0].text == "ball":
            doc.cats = {"sports": 0.5, "health": 0.1, "travel": 0.4}
        return doc


@Language.factory("test_classifier")
def create_classifier(nlp, name):
    return Classifier()


def docs_of(nlp, *texts):
    return [Doc(nlp.vocab, words=text.split()) for text in texts]


def test_entities_are_iob_tags():
    nlp = spacy.blank("xx")
    ruler: EntityRuler = nlp.add_pipe("entity_ruler", name="ner")
    ruler.add_patterns(
        [{"label": "PER", "pattern": "Anna Lind"}, {"label": "LOC", "pattern": "Oslo"}]
    )
    found = predict(nlp, {"de_pud": docs_of(nlp, "Anna Lind in Oslo", "Oslo Oslo")}, "ner")
    # O, B-LOC, I-LOC, B-PER, I-PER
    assert found == {"predictions": {"de_pud": "DEABBB"}, "confidence": None}


def test_documents_have_one_label_each():
    nlp = spacy.blank("xx")
    nlp.add_pipe("test_classifier", name="textcat")
    found = predict(nlp, {"de_pud": docs_of(nlp, "a b c", "ball")}, "textcat")
    # health, sports, travel
    assert found == {
        "predictions": {"de_pud": "CB"},
        "confidence": {"de_pud": pytest.approx(0.6)},
    }


def test_a_second_text_classifier_has_no_say():
    nlp = spacy.blank("xx")
    two_classifiers(nlp)
    found = predict(nlp, {"de_pud": docs_of(nlp, "a b c")}, "textcat")
    # long, short
    assert found == {"predictions": {"de_pud": "B"}, "confidence": {"de_pud": pytest.approx(0.6)}}


@pytest.mark.parametrize("normalize", [False, True])
def test_tags_have_probabilities(bert, normalize):
    nlp = tagger_pipeline(bert)
    optimizer = nlp.resume_training()
    for _ in range(10):
        nlp.update(tag_examples(nlp), sgd=optimizer)
    tagger = nlp.get_pipe("tagger")
    tagger.model.get_ref("softmax").attrs["softmax_normalize"] = True
    docs = docs_of(nlp, *(text for text, _ in SENTENCES))
    tagged = list(nlp.pipe(doc.copy() for doc in docs))
    rows = np.concatenate(tagger.model.predict(tagged))
    tagger.model.get_ref("softmax").attrs["softmax_normalize"] = normalize
    found = predict(nlp, {"de_pud": docs}, "tagger")
    assert found["confidence"]["de_pud"] == pytest.approx(rows.max(axis=1).mean(), rel=1e-5)
    tags = sorted(tagger.labels)
    expected = [token.tag_ for doc in tagged for token in doc]
    assert [tags["ABCDEFGHIJ".index(c)] for c in found["predictions"]["de_pud"]] == expected


def test_only_the_first_sentences_are_labelled():
    nlp = spacy.blank("xx")
    nlp.add_pipe("test_classifier", name="textcat")
    docs = docs_of(nlp, *["a"] * (NUM_SENTENCES + 1))
    found = predict(nlp, {"de_pud": docs, "fr_pud": docs[:3]}, "textcat")
    assert {name: len(text) for name, text in found["predictions"].items()} == {
        "de_pud": NUM_SENTENCES,
        "fr_pud": 3,
    }


def test_gold_is_not_read():
    nlp = spacy.blank("xx")
    nlp.add_pipe("entity_ruler", name="ner").add_patterns([{"label": "LOC", "pattern": "Oslo"}])
    doc = Doc(nlp.vocab, words=["Rome"], ents=["B-LOC"])
    assert predict(nlp, {"de_pud": [doc]}, "ner")["predictions"] == {"de_pud": "A"}


def test_more_labels_than_letters():
    nlp = spacy.blank("xx")
    ruler = nlp.add_pipe("entity_ruler", name="ner")
    names = [f"w{i:03}" for i in range(200)]
    ruler.add_patterns([{"label": name.upper(), "pattern": name} for name in names])
    docs = docs_of(nlp, *names[175:200])
    found = predict(nlp, {"de_pud": docs}, "ner")["predictions"]["de_pud"]
    assert len(set(found)) == 25
