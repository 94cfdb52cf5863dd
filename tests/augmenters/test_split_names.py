import random

import pytest
import spacy
from spacy.tokens import Doc, DocBin
from spacy.training import Corpus

from spacy_dlfa.augmenters.split_names import create_split_names


@pytest.fixture(autouse=True)
def seed():
    random.seed(0)


@pytest.fixture
def nlp():
    return spacy.blank("xx")


@pytest.fixture
def doc(nlp):
    doc = Doc(
        nlp.vocab,
        words=["In", "Sarajevo", "Elisabeth", "Tasman", "sang", "3,000", "songs", "."],
        spaces=[True, True, True, True, True, True, False, False],
        tags=["ADP", "PROPN", "PROPN", "PROPN", "VERB", "NUM", "NOUN", "PUNCT"],
        ents=["O", "B-LOC", "B-PER", "I-PER", "O", "O", "O", "O"],
        sent_starts=[True] + [False] * 7,
    )
    doc.cats = {"music": 1.0}
    doc.user_data["id"] = "7"
    return doc


def augmented(nlp, doc, tmp_path, *, gold=True, **settings):
    DocBin(docs=[doc], store_user_data=True).to_disk(tmp_path / "one.spacy")
    augmenter = create_split_names(**settings)
    return list(Corpus(tmp_path / "one.spacy", gold_preproc=gold, augmenter=augmenter)(nlp))


def test_nothing_is_said_of_sentences_that_are_not_known(nlp, tmp_path):
    doc = Doc(nlp.vocab, words=["Elisabeth", "sang", "."], ents=["B-PER", "O", "O"])
    (example,) = augmented(nlp, doc, tmp_path, level=1.0, names=1.0)
    assert len(example.reference) > len(doc)
    assert not example.reference.has_annotation("SENT_START")


def test_names_are_cut(nlp, doc, tmp_path):
    (example,) = augmented(nlp, doc, tmp_path, level=1.0, names=1.0)
    made = example.reference
    assert made.text.replace(" ", "") == doc.text.replace(" ", "")
    assert made.text.endswith("sang 3,000 songs.")
    assert len(made) >= len(doc) + 6
    assert max(len(t) for t in made[1:-5]) <= 3
    assert [(ent.label_, ent.text.replace(" ", "")) for ent in made.ents] == [
        ("LOC", "Sarajevo"),
        ("PER", "ElisabethTasman"),
    ]
    assert {t.tag_ for ent in made.ents for t in ent} == {"PROPN"}
    assert [t.tag_ for t in made if t.ent_iob_ == "O"] == ["ADP", "VERB", "NUM", "NOUN", "PUNCT"]
    assert [t.i for t in made if t.is_sent_start] == [0]
    # What the pipeline gets has the words, and no annotation
    assert [t.text for t in example.predicted] == [t.text for t in made]
    assert example.predicted.text == made.text
    assert not example.predicted.ents
    assert None not in example.get_aligned_ner()


def test_tokens_of_the_pipeline(nlp, doc, tmp_path):
    """As in evaluation of raw text: here the tokenizer splits what the treebank doesn't."""
    nlp.tokenizer.add_special_case("songs", [{"ORTH": "son"}, {"ORTH": "gs"}])
    (example,) = augmented(nlp, doc, tmp_path, gold=False, level=1.0, names=1.0)
    assert [t.text for t in example.predicted][-4:] == ["3,000", "son", "gs", "."]
    assert example.predicted.text == example.reference.text
    assert len(example.reference) >= len(doc) + 6
    assert example.reference.cats == {"music": 1.0}
    assert example.reference.user_data["id"] == "7"
    assert [ent.label_ for ent in example.reference.ents] == ["LOC", "PER"]


def test_missing_annotation_stays_missing(nlp, tmp_path):
    doc = Doc(nlp.vocab, words=["Elisabeth", "sang"], tags=["PROPN", "VERB"])
    (example,) = augmented(nlp, doc, tmp_path, level=1.0, names=1.0)
    assert len(example.reference) > 2
    assert set(example.get_aligned_ner()) == {None}


@pytest.mark.parametrize("settings", [{"level": 0.0, "names": 1.0}, {"level": 1.0, "names": 0.0}])
def test_nothing_is_cut(nlp, doc, tmp_path, settings):
    (example,) = augmented(nlp, doc, tmp_path, **settings)
    assert [t.text for t in example.reference] == [t.text for t in doc]
    assert [t.ent_iob_ for t in example.reference] == [t.ent_iob_ for t in doc]


def test_shares(nlp, doc, tmp_path):
    counts = [len(augmented(nlp, doc, tmp_path, level=0.5, names=1.0)[0].reference)
              for _ in range(60)]  # fmt: skip
    assert 15 <= sum(count > len(doc) for count in counts) <= 45


def test_annotation_is_not_dropped_in_silence(nlp, doc, tmp_path):
    doc.spans["sc"] = [doc[1:2]]
    doc[4].lemma_ = "sing"
    with pytest.raises(
        ValueError, match=r"'In Sarajevo.* has LEMMA, spans\['sc'\], which can.t be kept"
    ):
        augmented(nlp, doc, tmp_path, gold=False, level=1.0, names=1.0)


@pytest.mark.parametrize("settings", [{"level": 1.5, "names": 0.5}, {"level": 0.5, "names": -1}])
def test_wrong_share(settings):
    with pytest.raises(ValueError, match=r"SplitNames: (level = 1.5|names = -1), expected a share"):
        create_split_names(**settings)


def test_registered():
    assert spacy.registry.augmenters.get("spacy_dlfa.SplitNames.v1") is create_split_names
