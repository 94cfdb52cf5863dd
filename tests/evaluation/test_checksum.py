import pytest
import spacy
from spacy.tokens import Doc, DocBin, Span

from spacy_dlfa.docbin import read_docs
from spacy_dlfa.evaluation.checksum import checksum_of
from spacy_dlfa.evaluation.tasks import TASKS


def make_docs(words=("Ada", "slept"), *, spaces=None, label="PER", tag="X", cat="a", id=None):
    nlp = spacy.blank("xx")
    docs = []
    for each in (words, ["here"]):
        doc = Doc(nlp.vocab, words=each, spaces=spaces, tags=[tag] * len(each))
        doc.ents, doc.cats = [Span(doc, 0, 1, label=label)], {"a": 0.0, "b": 0.0, cat: 1.0}
        doc.user_data["id"] = id
        docs.append(doc)
        spaces = None
    return docs


@pytest.mark.parametrize("task", TASKS)
def test_texts_and_their_order_count(task):
    found = [
        checksum_of(docs, task)
        for docs in (
            make_docs(),
            make_docs(["Ida", "slept"]),
            make_docs(["Adas", "lept"]),
            make_docs(spaces=[False, True]),
            make_docs()[::-1],
            make_docs()[:1],
        )
    ]
    assert len(set(found)) == len(found)


@pytest.mark.parametrize("task", TASKS)
def test_gold_of_the_task_counts(task):
    def differs(**changed):
        return checksum_of(make_docs(**changed), task) != checksum_of(make_docs(), task)

    assert differs(label="LOC") == (task == "ner")
    assert differs(tag="Y") == (task == "tagger")
    assert differs(cat="b") == (task in ("textcat", "pairs"))
    assert not differs(id="7")


@pytest.mark.parametrize("task", TASKS)
def test_files_keep_it(task, tmp_path):
    path = tmp_path / "de_x.spacy"
    DocBin(docs=make_docs(), store_user_data=True).to_disk(path)
    read = read_docs(path, spacy.blank("xx").vocab)
    assert checksum_of(read, task) == checksum_of(make_docs(), task)
