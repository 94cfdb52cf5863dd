import os

import pytest
from spacy.tokens import DocBin
from spacy.vocab import Vocab

from spacy_dlfa.corpora.convert import convert
from spacy_dlfa.corpora.texts import TOPICS as SIB_TOPICS
from spacy_dlfa.errors import CorpusError

NER = (
    "# sent_id = s-1\n# text = Ann ran.\n1\tAnn\tB-PER\t-\t-\n2\tran\tO\n3\t.\tO\n\n"
    "1\tt ex\tB-LOC\t-\t-\n2\tb\tI-LOC\t-\t-\n3\tc\tB-OTH\t-\t-\n"
)
TAGS = "# sent_id = s-1\n1\tAnn\t_\tPROPN\t_\t_\t0\t_\t_\t_\n2\tran\t_\tVERB\t_\t_\t1\t_\t_\t_\n"
TOPICS = "index_id\tcategory\ttext\n7\tsports\tShe ran.\n"
PAWS = "id\tsentence1\tsentence2\tlabel\n4\tShe ran\tShe sat\t0\n"
XNLI = (
    "language\tgold_label\tsentence1\tsentence2\tpairID\n"
    "de\tneutral\tAlso gut.\tNein.\t1\n"
    "zh\tentailment\t好的。\t不。\t1\n"
    "de\tneutral\tJa.\tNein.\t2\n"
)


def load(path):
    return list(DocBin().from_disk(path).get_docs(Vocab()))


@pytest.mark.parametrize(
    ("content", "name", "counts", "annotated"),
    [
        (
            NER,
            "a.iob2",
            ({"sentences": 2, "words": 6}, {"PER": 1, "LOC": 1}, {"OTH": 1}),
            {"ENT_IOB", "SENT_START"},
        ),
        (TAGS, "a.conllu", ({"sentences": 1, "tokens": 2}, {}, {}), {"TAG", "POS", "SENT_START"}),
        (
            TOPICS,
            "a.tsv",
            (
                {"texts": 1, "tokens": 3},
                {topic: int(topic == "sports") for topic in SIB_TOPICS},
                {},
            ),
            set(),
        ),
        (
            PAWS,
            "a.tsv",
            ({"pairs": 1, "tokens": 5}, {"paraphrase": 0, "different": 1}, {}),
            set(),
        ),
    ],
)
def test_docs(write, tmp_path, content, name, counts, annotated):
    target = tmp_path / "new" / "folder" / "a.spacy"
    (made,) = convert(write(content, name), target.parent)
    assert made[:4] == (target, *counts)
    doc = load(target)[0]
    known = ("ENT_IOB", "TAG", "POS", "SENT_START", "DEP", "LEMMA", "MORPH")
    assert {attr for attr in known if doc.has_annotation(attr)} == annotated
    assert doc.user_data["id"]
    assert bool(doc.cats) == (not annotated)


@pytest.mark.parametrize(
    ("content", "name"), [(NER, "a.iob2"), (TAGS, "a.conllu"), (TOPICS, "a.tsv"), (XNLI, "x.tsv")]
)
def test_without_ids_all_else_stays(write, tmp_path, content, name):
    source = write(content, name)
    whole, bare = tmp_path / "whole", tmp_path / "bare"
    written = convert(source, whole)
    assert [each.path.name for each in convert(source, bare, ids=False)] == [
        each.path.name for each in written
    ]
    for path, *_ in written:
        pairs = list(zip(load(path), load(bare / path.name), strict=True))
        assert any(own.user_data for own, _ in pairs)
        assert not any(other.user_data for _, other in pairs)
        assert all(own.to_json() == other.to_json() for own, other in pairs)


def test_entities(write, tmp_path):
    convert(write(NER, "a.iob2"), tmp_path, labels=("LOC", "ORG"))
    first, second = load(tmp_path / "a.spacy")
    assert (first.text, first.user_data, list(first.ents)) == ("Ann ran.", {"id": "s-1"}, [])
    assert second.text == "t ex b c"
    assert [token.ent_iob_ for token in second] == ["B", "I", "O"]
    assert [token.is_sent_start for token in second] == [True, False, False]


def test_tags(write, tmp_path):
    convert(write(TAGS, "a.conllu"), tmp_path)
    (doc,) = load(tmp_path / "a.spacy")
    assert [(t.text, t.tag_, t.pos_) for t in doc] == [
        ("Ann", "PROPN", "PROPN"),
        ("ran", "VERB", "VERB"),
    ]
    assert [token.is_sent_start for token in doc] == [True, False]


def test_pairs(write, tmp_path):
    convert(write(PAWS, "a.tsv"), tmp_path)
    (doc,) = load(tmp_path / "a.spacy")
    assert [token.text for token in doc] == ["She", "ran", "[SEP]", "She", "sat"]
    assert (doc.text, doc.user_data) == ("She ran [SEP] She sat", {"id": "4"})
    assert doc.cats == {"paraphrase": 0.0, "different": 1.0}


def test_a_file_for_each_language(write, tmp_path):
    made = convert(write(XNLI, "xnli.dev.tsv"), tmp_path)
    de, zh = tmp_path / "de_xnli.dev.spacy", tmp_path / "zh_xnli.dev.spacy"
    assert {each.path: each.size["pairs"] for each in made} == {de: 2, zh: 1}
    assert [doc.text for doc in load(de)] == ["Also gut. [SEP] Nein.", "Ja. [SEP] Nein."]
    assert [doc.user_data["id"] for doc in load(de)] == ["1", "2"]


def test_a_language_for_a_name(write, tmp_path):
    ((path, *_),) = convert(write(NER, "my.iob2"), tmp_path, language="de")
    assert path == tmp_path / "de_my.spacy"
    with pytest.raises(ValueError, match="found a column of languages, and --language fr"):
        convert(write(XNLI, "xnli.tsv"), tmp_path / "out", language="fr")
    assert not (tmp_path / "out").exists()


def test_no_entity_is_kept(write, tmp_path):
    source = write(NER, "a.iob2")
    with pytest.raises(
        ValueError, match=r"a\.iob2: found no entity to keep, but LOC 1, OTH 1, PER 1"
    ):
        convert(source, tmp_path, labels=["PERSON"])
    assert list(tmp_path.iterdir()) == [source]
    # Where there is none at all, none was dropped
    (made,) = convert(write("1\tran\tO\n", "b.iob2"), tmp_path, labels=["PERSON"])
    assert (made.labels, made.dropped) == ({}, {})


def test_an_unknown_suffix(write, tmp_path):
    with pytest.raises(
        ValueError, match=r"a\.txt: found the suffix '\.txt'; expected one of \.iob2"
    ):
        convert(write(NER, "a.txt"), tmp_path)


@pytest.mark.parametrize(
    ("content", "name"),
    [(NER, "a.iob2"), (TAGS, "a.conllu"), (TOPICS, "a.tsv"), (PAWS, "a.tsv"), (XNLI, "a.tsv")],
)
def test_a_bad_file_leaves_nothing(write, tmp_path, content, name):
    source = write(content + "x\ty\n", name)
    with pytest.raises(CorpusError):
        convert(source, tmp_path / "out")
    assert list(tmp_path.iterdir()) == [source]


@pytest.mark.parametrize("function", ["fsync", "replace"])
@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_a_failed_write_keeps_the_old_file(write, tmp_path, monkeypatch, function, error):
    def fail(*args):
        raise error("no space left")

    source = write(NER, "a.iob2")
    target = write(b"old", "a.spacy")
    monkeypatch.setattr(os, function, fail)
    with pytest.raises(error):
        convert(source, tmp_path)
    assert target.read_bytes() == b"old"
    assert set(tmp_path.iterdir()) == {source, target}


def test_a_target_is_replaced(write, tmp_path):
    target = write(b"old", "a.spacy")
    convert(write(NER, "a.iob2"), tmp_path)
    assert [doc.text for doc in load(target)] == ["Ann ran.", "t ex b c"]
