import pytest
from catalogue import Registry
from spacy.tokens import Doc, DocBin
from spacy.vocab import Vocab

from spacy_dlfa.docbin import UserDataBin, read_docs

ATTRS = ["ENT_TYPE", "ENT_IOB", "TAG"]
USER_DATA = [{}, {"id": "s-1"}, {"id": 7, "words": ("a", "b")}, {("._.", "seen", None, None): True}]


@pytest.fixture
def docs():
    """Documents with user data of all kinds, more than fit into the short form of an array."""
    found, vocab = [], Vocab()
    for i in range(20):
        doc = Doc(vocab, words=["Ann", "ran", str(i)], ents=["B-PER", "O", "O"])
        doc.user_data.update(USER_DATA[i % len(USER_DATA)])
        found.append(doc)
    return found


def assert_equal(docs, others):
    docs, others = list(docs), list(others)
    assert [doc.to_json() for doc in docs] == [doc.to_json() for doc in others]
    assert [doc.user_data for doc in docs] == [doc.user_data for doc in others]


def test_writes_what_spacy_writes(docs):
    whole = DocBin(ATTRS, store_user_data=True, docs=docs)
    assert_equal(
        DocBin().from_bytes(UserDataBin(ATTRS, docs).to_bytes()).get_docs(Vocab()),
        DocBin().from_bytes(whole.to_bytes()).get_docs(Vocab()),
    )


@pytest.mark.parametrize("user_data", [True, False])
def test_reads_what_spacy_reads(docs, tmp_path, user_data):
    path = tmp_path / "a.spacy"
    DocBin(ATTRS, store_user_data=user_data, docs=docs).to_disk(path)
    assert_equal(read_docs(path, Vocab()), DocBin().from_disk(path).get_docs(Vocab()))


def test_documents_without_user_data_among_others(docs, tmp_path):
    path = tmp_path / "a.spacy"
    mixed = DocBin(ATTRS, store_user_data=True, docs=docs)
    mixed.user_data[1::2] = [None] * 10
    mixed.to_disk(path)
    assert [doc.user_data for doc in read_docs(path, Vocab())] == [
        {} if i % 2 else doc.user_data for i, doc in enumerate(docs)
    ]


def test_no_documents(tmp_path):
    path = tmp_path / "a.spacy"
    UserDataBin(ATTRS).to_disk(path)
    assert read_docs(path, Vocab()) == []


def test_plugins_are_looked_for_once_for_all_documents(docs, tmp_path, monkeypatch):
    looked = []
    own = Registry.get_entry_points
    monkeypatch.setattr(
        Registry, "get_entry_points", lambda self: looked.append(self.namespace) or own(self)
    )
    path = tmp_path / "a.spacy"
    UserDataBin(ATTRS, docs).to_disk(path)
    assert len(read_docs(path, Vocab())) == 20
    srsly = [namespace for namespace in looked if namespace[0] == "srsly"]
    assert 0 < len(srsly) < 10
