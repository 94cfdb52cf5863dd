import os
import sys

import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc, DocBin, Span

from spacy_dlfa.evaluation.gold import GoldCorpora, find_corpora, infer_task

GOLD = {
    "ner": {"ents": True},
    "tagger": {"tags": ["PROPN", "VERB", "X", "NOUN"]},
    "textcat": {"cats": {"sports": 1.0, "travel": 0.0}},
    "pairs": {"words": "Ada works [SEP] Berlin", "cats": {"sports": 0.0, "travel": 1.0}},
}


@Language.factory("test_labels", default_config={"labels": []})
class Component:
    def __init__(self, nlp: Language, name: str, labels: list):
        self.labels = tuple(labels)

    def __call__(self, doc: Doc) -> Doc:
        return doc


def pipeline(*names, labels=()) -> Language:
    nlp = spacy.blank("xx")
    for name in names:
        nlp.add_pipe("test_labels", name=name, config={"labels": list(labels)})
    return nlp


@pytest.fixture
def save(tmp_path):
    def save(name: str, words="Ada works in Berlin", tags=None, ents=False, cats=None):
        doc = Doc(spacy.blank("xx").vocab, words=words.split(), tags=tags)
        if ents:
            doc.ents = [Span(doc, 3, 4, label="LOC")]
        doc.cats = cats or {}
        DocBin(docs=[doc], store_user_data=True).to_disk(tmp_path / f"{name}.spacy")
        return tmp_path / f"{name}.spacy"

    return save


ALL = ("ner", "tagger", "textcat")


@pytest.mark.parametrize("task", GOLD)
def test_the_task_is_that_of_the_annotation(task, save):
    paths = [save("de_test", **GOLD[task]), save("fr_test", **GOLD[task])]
    corpora = GoldCorpora(pipeline(*ALL), paths)
    assert infer_task(corpora) == task
    assert infer_task(corpora, task) == task


def test_the_pipeline_decides_between_annotations(save):
    path = save("de_pud", **GOLD["ner"], **GOLD["tagger"])
    assert infer_task(GoldCorpora(pipeline("tagger"), [path])) == "tagger"
    assert infer_task(GoldCorpora(pipeline(*ALL), [path]), "ner") == "ner"
    with pytest.raises(ValueError, match=r"for ner and tagger; .*--task"):
        infer_task(GoldCorpora(pipeline(*ALL), [path]))


def test_test_sets_of_two_tasks(save):
    paths = [save("de_pud", **GOLD["ner"]), save("fr_pud", **GOLD["tagger"])]
    with pytest.raises(ValueError, match="--task"):
        infer_task(GoldCorpora(pipeline(*ALL), paths))
    corpora = GoldCorpora(pipeline(*ALL), paths)
    assert infer_task(corpora, "ner") == "ner"
    (failure,) = corpora.failures
    assert list(corpora) == ["de_pud"]
    assert failure.startswith(f"[DL307] {paths[1]}: ")
    assert "for tagger; expected some for ner" in failure


def test_no_entity_is_annotation_but_none_at_all_is_not(save, tmp_path):
    nlp = pipeline("ner")
    doc = Doc(nlp.vocab, words=["nobody"])
    doc.ents = []
    DocBin(docs=[doc]).to_disk(tmp_path / "de_pud.spacy")
    assert infer_task(GoldCorpora(nlp, [tmp_path / "de_pud.spacy"])) == "ner"
    with pytest.raises(ValueError, match=r"fr_pud\.spacy: found gold annotation for no task"):
        infer_task(GoldCorpora(nlp, [save("fr_pud")]))


def test_a_text_without_words_is_no_annotation(tmp_path):
    nlp = pipeline(*ALL)
    docs = [nlp.make_doc("gut"), nlp.make_doc("")]
    for doc in docs:
        doc.cats = {"sports": 1.0, "travel": 0.0}
    DocBin(docs=docs).to_disk(tmp_path / "de_mails.spacy")
    assert infer_task(GoldCorpora(nlp, [tmp_path / "de_mails.spacy"])) == "textcat"


@pytest.mark.parametrize(
    ("texts", "task"),
    [
        (["It ends in [SEP] here", "Ada"], "textcat"),
        (["One [SEP] two [SEP] three", "Ada [SEP] Berlin"], "textcat"),
        (["Ada [SEP] Berlin", "[SEP]"], "pairs"),
    ],
)
def test_pairs_have_one_separator_each(texts, task, tmp_path):
    nlp = pipeline(*ALL)
    docs = [Doc(nlp.vocab, words=text.split()) for text in texts]
    for doc in docs:
        doc.cats = {"sports": 1.0, "travel": 0.0}
    # A text without a class is not scored
    DocBin(docs=[*docs, nlp.make_doc("Oslo")], store_user_data=True).to_disk(tmp_path / "de.spacy")
    assert infer_task(GoldCorpora(nlp, [tmp_path / "de.spacy"])) == task


def test_an_empty_test_set(tmp_path):
    DocBin().to_disk(tmp_path / "de_pud.spacy")
    with pytest.raises(ValueError, match=r"de_pud\.spacy: found gold annotation for no task"):
        infer_task(GoldCorpora(pipeline("ner"), [tmp_path / "de_pud.spacy"]))


def test_a_damaged_test_set(tmp_path):
    (tmp_path / "de_pud.spacy").write_bytes(b"not a DocBin")
    corpora = GoldCorpora(pipeline("ner"), [tmp_path / "de_pud.spacy"])
    with pytest.raises(ValueError, match=r"de_pud\.spacy: found no documents"):
        infer_task(corpora)


@pytest.mark.parametrize(
    ("components", "task", "expected"),
    [
        ((), None, "'ner' or 'tagger' or 'textcat'"),
        (("tagger",), "ner", "'ner'"),
        (("tagger",), "pairs", "'textcat'"),
    ],
)
def test_a_pipeline_that_lacks_the_component(components, task, expected, save):
    with pytest.raises(ValueError, match=f"expected {expected}; python -m spacy evaluate"):
        infer_task(GoldCorpora(pipeline(*components), [save("de_pud", **GOLD["ner"])]), task)


def test_labels_that_the_pipeline_does_not_know(save):
    path = save("de_pud", **GOLD["ner"])
    assert infer_task(GoldCorpora(pipeline("ner", labels=["LOC", "ORG"]), [path])) == "ner"
    with pytest.raises(ValueError, match="gold labels are LOC, but 'ner' knows GPE, PERSON"):
        infer_task(GoldCorpora(pipeline("ner", labels=["PERSON", "GPE"]), [path]))


def test_a_test_set_with_other_labels_costs_itself(save):
    given = {"textcat": {"sports": 1.0}, "other": {"spam": 1.0}}
    paths = [save(f"de_{name}", cats=cats) for name, cats in given.items()]
    corpora = GoldCorpora(pipeline("textcat", labels=["sports"]), paths)
    assert infer_task(corpora) == "textcat"
    assert list(corpora) == ["de_textcat"]
    assert "the gold labels are spam" in corpora.failures[0].lower()
    assert corpora.unknown == {}


def test_gold_labels_beside_those_of_the_pipeline(tmp_path):
    nlp = pipeline("ner", labels=["LOC"])
    doc = Doc(nlp.vocab, words=["Ada", "Berlin"])
    doc.ents = [Span(doc, 0, 1, label="PERSON"), Span(doc, 1, 2, label="LOC")]
    DocBin(docs=[doc]).to_disk(tmp_path / "de_pud.spacy")
    corpora = GoldCorpora(nlp, [tmp_path / "de_pud.spacy"])
    infer_task(corpora)
    assert corpora.unknown == {"de_pud": ["PERSON"]}


def test_one_language_for_all(save):
    paths = [save("mails", **GOLD["ner"]), save("de_pud", **GOLD["ner"])]
    assert list(GoldCorpora(pipeline("ner"), paths, "de")) == ["de_mails", "de_pud"]
    with pytest.raises(ValueError, match="found the test set de_mails in"):
        GoldCorpora(pipeline("ner"), [paths[0], save("de_mails")], "de")


def test_test_sets_are_read_by_name(save):
    corpora = GoldCorpora(pipeline("ner"), [save("de_pud", **GOLD["ner"]), save("fr_pud")])
    assert list(corpora) == ["de_pud", "fr_pud"]
    assert len(corpora) == 2
    (doc,) = corpora["de_pud"]
    assert [(ent.text, ent.label_) for ent in doc.ents] == [("Berlin", "LOC")]
    assert corpora["de_pud"][0] is not doc


def test_a_file_twice_is_one_test_set(save, tmp_path):
    paths = [save("de_pud"), save("fr_pud")]
    assert find_corpora([tmp_path, paths[1], tmp_path / "de_*.spacy"]) == paths
    other = tmp_path / "other" / "de_pud.spacy"
    other.parent.mkdir()
    other.write_bytes(paths[0].read_bytes())
    with pytest.raises(ValueError, match="found the test set de_pud in"):
        find_corpora([tmp_path, other])


@pytest.mark.skipif(sys.platform != "linux", reason="names must be UTF-8")
def test_a_name_that_is_not_utf8(save, tmp_path):
    path = save(os.fsdecode(b"de_d\xfcr"))
    with pytest.raises(ValueError, match="not UTF-8; rename the file") as error:
        find_corpora([tmp_path])
    assert str(path) in str(error.value)
