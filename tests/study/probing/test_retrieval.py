import numpy
import pytest
from spacy.tokens import Doc, DocBin
from spacy.vocab import Vocab

from spacy_dlfa.study.probing.data import prepare
from spacy_dlfa.study.probing.parallel import collections, read_english, read_parallel
from spacy_dlfa.study.probing.retrieval import accuracy, retrieval
from tests.checkpoints import LAYERS
from tests.study.probing.corpora import write_data


def test_identical_sentences_are_found():
    x = numpy.random.default_rng(0).normal(size=(50, 8))
    assert accuracy(x, x) == 100


def test_what_a_language_has_in_common_is_no_hindrance():
    x = numpy.random.default_rng(0).normal(size=(50, 8))
    assert accuracy(x, x + 100) == 100


def test_unrelated_sentences_are_at_chance():
    rng = numpy.random.default_rng(0)
    found = [accuracy(rng.normal(size=(100, 8)), rng.normal(size=(100, 8))) for _ in range(20)]
    assert numpy.mean(found) == pytest.approx(1, abs=0.5)


def test_the_two_directions_are_averaged():
    x = numpy.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 0.1], [0.0, -0.1]])
    y = x[[0, 1, 3, 2]]
    assert accuracy(x, y) == 50


def test_by_layer(bert, tmp_path):
    data = write_data(tmp_path / "data")
    # A translation that is the same text, of which all layers think the same
    english = (data / "pos" / "test" / "en_pud.conllu").read_text()
    (data / "pos" / "test" / "sv_pud.conllu").write_text(english)
    sets = collections(prepare(data, tmp_path / "corpus"))
    found = retrieval(bert, LAYERS, sets)
    assert set(found) == {"PUD", "SIB-200"}
    assert found["PUD"]["sentences"] == 8
    assert found["PUD"]["chance"] == 12.5
    assert found["PUD"]["by_corpus"]["sv_pud"] == [100] * (LAYERS + 1)
    assert set(found["SIB-200"]["by_corpus"]) == {"deu_Latn", "swe_Latn"}


def test_no_shared_sentence(bert, tmp_path):
    data = write_data(tmp_path / "data")
    path = data / "pos" / "test" / "de_pud.conllu"
    path.write_text(path.read_text().replace("sent_id = ", "sent_id = other"))
    sets = collections(prepare(data, tmp_path / "corpus"))
    with pytest.raises(ValueError, match=r"de_pud.*0 sentences with the id of an English one"):
        retrieval(bert, LAYERS, sets)


def test_ids_that_begin_anew_in_each_document_pair_nothing(tmp_path):
    paths = []
    for language in ("de", "en"):
        docs = [Doc(Vocab(), words=[language, str(number)]) for number in range(36)]
        for number, doc in enumerate(docs):
            doc.user_data["id"] = str(number % 3)
        paths.append(tmp_path / f"{language}_gum.spacy")
        DocBin(docs=docs, store_user_data=True).to_disk(paths[-1])
    with pytest.raises(ValueError, match=r"de_gum.*0 sentences with the id of an English one"):
        list(read_parallel(paths, read_english(paths)))


def test_missing_data(tmp_path):
    with pytest.raises(ValueError, match=r"found no file; expected an English and a foreign"):
        prepare(tmp_path, tmp_path / "corpus")
    data = write_data(tmp_path / "data")
    (data / "ner" / "en_ewt-train.iob2").unlink()
    with pytest.raises(ValueError, match=r"en_ewt-train.iob2: there is no such file"):
        prepare(data, tmp_path / "corpus")
