import numpy
import pytest
import spacy
from spacy.tokens import Doc, DocBin

from spacy_dlfa.study.inside.look import Look
from spacy_dlfa.study.inside.reading import read_gates
from spacy_dlfa.study.inside.translations import by_family, compare_translations, mean_likeness
from tests.pipelines import DLFA, tagger_pipeline

VOCAB = spacy.blank("xx").vocab


def seen(vectors, ids):
    docs = [Doc(VOCAB, words=["x"], user_data={"id": id} if id else {}) for id in ids]
    vectors = numpy.asarray(vectors, dtype="float32")
    return Look(docs, 0.5, [[0.5]] * len(docs), 1, (1.0, 1.0), vectors, -vectors, vectors[::-1])


def test_translations_are_found_by_their_ids():
    vectors = numpy.random.default_rng(0).normal(size=(4, 8))
    english = seen(vectors, ["1", "2", "3", "4"])
    found = compare_translations(english, seen(vectors[[2, 0, 1]], ["3", "1", "2"]))
    # The fused ones stand in another order
    assert found.cosines[:2] == pytest.approx([1, 1])
    assert found.cosines[2] < 0.9
    assert found.found[:2] == [100, 100]


@pytest.mark.parametrize("ids", [["5", "6"], ["1", "6"], [None, None]])
def test_fewer_than_two_translations_are_none(ids):
    english = seen(numpy.eye(2), ["1", "2"])
    assert compare_translations(english, seen(numpy.eye(2), ids)) is None


def test_ids_that_begin_anew_in_each_document_pair_nothing(bert, tmp_path):
    """The sentences that are looked at alone do not show it."""
    paths = []
    for language in ("de", "en"):
        docs = [Doc(VOCAB, words=[language, str(n)], pos=["X", "NUM"]) for n in range(36)]
        for number, doc in enumerate(docs):
            doc.user_data["id"] = str(number % 3)
        paths.append(tmp_path / f"{language}_gum.spacy")
        DocBin(docs=docs, attrs=["POS"], store_user_data=True).to_disk(paths[-1])
    (reading,) = read_gates(tagger_pipeline(bert, fusion=DLFA), paths, [], 9)
    assert {*reading.corpora} == {"de_gum", "en_gum"}
    assert reading.translations == {}


def test_means_by_family():
    eye = seen(numpy.eye(2), ["1", "2"])
    likeness = compare_translations(eye, eye)
    found = by_family(dict.fromkeys(("sv_pud", "de_pud", "zz_pud", "ru_pud"), likeness))
    assert {family: len(own) for family, own in found.items()} == {
        "Germanic": 2,
        "Slavic": 1,
        "not known": 1,
    }
    assert mean_likeness(found["Germanic"]) == likeness
