import os
import pickle
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.cli import app as spacy_app
from spacy.tokens import DocBin
from spacy.vocab import Vocab
from typer.testing import CliRunner

import spacy_dlfa.cli  # noqa: F401, hangs the commands into spaCy's
from spacy_dlfa.corpora.iob2 import convert_iob2, read_iob2, sentence_to_doc
from spacy_dlfa.errors import CorpusError

NER = Path(__file__).parents[2] / "assets" / "ner"
# Sentences, words, PER, ORG and LOC, as published; sentences whose words don't spell the text
FILES = {
    "en_ewt-train": (12543, 204579, 2873, 1434, 2698, 0),
    "en_ewt-dev": (2001, 25149, 343, 224, 399, 0),
    "test/ceb_gja": (188, 1295, 42, 1, 6, 0),
    "test/da_ddt": (565, 10023, 185, 172, 90, 0),
    "test/de_pud": (1000, 21331, 418, 192, 429, 0),
    "test/en_pud": (1000, 21176, 414, 235, 426, 0),
    "test/hr_set": (1136, 24260, 392, 414, 597, 0),
    "test/nno_norne": (1511, 24773, 397, 247, 253, 0),
    "test/nob_norne": (1939, 29966, 564, 335, 360, 0),
    "test/pt_bosque": (1167, 27604, 442, 456, 317, 0),
    "test/pt_pud": (1000, 23407, 413, 198, 488, 0),
    "test/qaf_arabizi": (145, 2179, 113, 31, 50, 2),
    "test/ru_pud": (1000, 19355, 414, 276, 346, 0),
    "test/sk_snk": (1061, 12736, 539, 50, 326, 0),
    "test/sr_set": (520, 11421, 209, 251, 387, 0),
    "test/sv_pud": (1000, 19076, 425, 162, 442, 0),
    "test/sv_talbanken": (1219, 20377, 33, 31, 132, 0),
    "test/tl_trg": (128, 734, 19, 0, 4, 0),
    "test/zh_gsd": (500, 12012, 206, 127, 434, 0),
    "test/zh_gsdsimp": (500, 12012, 205, 129, 429, 0),
    "test/zh_pud": (1000, 21415, 473, 154, 512, 0),
}
GOOD = "# text = Ann ran\n1\tAnn\tB-PER\t-\tx\n2\tran\tO\n\n"


@pytest.fixture
def write(tmp_path):
    def write_file(content, name="a.iob2"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf8"))
        return path

    return write_file


@pytest.fixture
def read(write):
    return lambda content, **kwargs: list(read_iob2(write(content), **kwargs))


def lines(*pairs):
    return "".join(f"{i}\t{form}\t{tag}\t-\t-\n" for i, (form, tag) in enumerate(pairs, 1))


def load(path):
    return list(DocBin().from_disk(path).get_docs(Vocab()))


def entities(doc):
    return tuple((ent.start, ent.end, ent.label_) for ent in doc.ents)


def run(*args):
    return CliRunner().invoke(spacy_app, ["dlfa", "convert", *map(str, args)])


def test_sentence(read):
    ann, bo = read(
        "# newdoc id = d\n# newpar\n# url = http://x?a=b\n# sent_id = d-1\n# text = Ann ran.\n"
        "1\tAnn\tB-PER\t-\tx\n2\tran\tO\n3\t.\tO\n\n# sent_id = d-2\n" + lines(("Bo", "B-LOC"))
    )
    assert (ann.words, ann.spaces) == (("Ann", "ran", "."), (True, False, False))
    assert ann.entities == ((0, 1, "PER"),)
    assert (ann.sent_id, ann.new_doc) == ("d-1", True)
    assert (bo.words, bo.spaces, bo.entities) == (("Bo",), (False,), ((0, 1, "LOC"),))
    assert (bo.sent_id, bo.new_doc) == ("d-2", False)


def test_text_with_an_equals_sign(read):
    (sentence,) = read("# text = a=b\n" + lines(("a", "O"), ("=", "O"), ("b", "O")))
    assert sentence.spaces == (False, False, False)


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ("B-OTH I-OTH O", ()),
        ("B-PER B-O I-O", ((0, 1, "PER"),)),
        ("- B-LOC -", ((1, 2, "LOC"),)),
        ("O I-PER I-PER", ((1, 3, "PER"),)),
        ("B-PER I-LOC I-LOC", ((0, 1, "PER"), (1, 3, "LOC"))),
        ("B-PER I-OTH I-PER", ((0, 1, "PER"), (2, 3, "PER"))),
        ("B-PER - I-PER", ((0, 1, "PER"), (2, 3, "PER"))),
        ("B-ORG B-ORG I-ORG", ((0, 1, "ORG"), (1, 3, "ORG"))),
    ],
)
def test_tags(read, tags, expected):
    (sentence,) = read(lines(*zip("abc", tags.split(), strict=True)))
    assert sentence.entities == expected


def test_labels(read):
    (sentence,) = read(lines(("a", "B-PER"), ("b", "B-OTH"), ("c", "I-OTH")), labels=["OTH"])
    assert sentence.entities == ((1, 3, "OTH"),)


def test_number_sign_as_a_word(read):
    (sentence,) = read("# text = # 1\n1\t#\tO\n2\t1\tO\t-\t-\n")
    assert sentence.words == ("#", "1")


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("# text = t ex, ja\n", ["t ex", ",", "ja"], "t ex, ja"),
        ("# text = a  b \u00a0c\n", ["a", "b", "c"], "a b c"),
        ("# text =   ab \n", ["a", "b"], "ab"),
        ("# text = 日本語。\n", ["日本", "語", "。"], "日本語。"),
        ("# text = do it.\n", ["de", "o", "it", "."], "de o it ."),
        ("# text = a b. and more\n", ["a", "b", "."], "a b ."),
        ("# text = a b.\n", ["a", "b", ".", "c"], "a b . c"),
        ("# text =\n", ["a", "b"], "a b"),
        ("# text_en = ab\n", ["a", "b"], "a b"),
        ("", ["a", "."], "a ."),
    ],
)
def test_spaces(read, text, words, expected):
    (sentence,) = read(text + lines(*((word, "O") for word in words)))
    doc = sentence_to_doc(sentence, Vocab())
    assert doc.text == expected
    assert [token.text for token in doc] == words


@pytest.mark.parametrize(
    "content",
    [
        GOOD.rstrip("\n"),
        GOOD.replace("\n", "\r\n"),
        "\ufeff" + GOOD,
        "\n\n" + GOOD + "\n\n",
        "# about = this file\n\n" + GOOD,
    ],
    ids=["no end", "CRLF", "BOM", "blank lines", "head"],
)
def test_accepted_as_it_stands(read, content):
    assert read(content) == read(GOOD)


def test_newdoc_of_its_own(read):
    assert [sentence.new_doc for sentence in read("# newdoc\n\n" + GOOD + GOOD)] == [True, False]


@pytest.mark.parametrize(
    ("content", "line", "found", "expected"),
    [
        ("1 a O\n", 1, "1 column(s)", "5, or 3"),
        (GOOD + "1\ta\n", 5, "2 column(s)", "5, or 3"),
        ("1\ta\tO\t-\n", 1, "4 column(s)", "5, or 3"),
        ("1\ta\tO\t-\t-\t-\n", 1, "6 column(s)", "5, or 3"),
        ("1\ta\tO\n \n", 2, "1 column(s)", "5, or 3"),
        ("1\ta\tB-PER\n", 1, "3 columns with tag 'B-PER'", "5 columns"),
        ("1\ta\tO\n3\tb\tO\n", 2, "token number '3'", "2, or a blank line"),
        ("1\ta\tO\n# text = b\n1\tb\tO\n", 3, "token number '1'", "2, or a blank line"),
        ("0\ta\tO\n", 1, "token number '0'", "1"),
        ("1-2\ta\tO\n", 1, "token number '1-2'", "1"),
        ("x\ta\tO\n", 1, "token number 'x'", "1"),
        ("1\t\tO\n", 1, "an empty form", "a word"),
        ("1\t \u00a0\tO\n", 1, "an empty form", "a word"),
        ("1\ta\t\n", 1, "tag ''", "O, -, B-LABEL"),
        ("1\ta\tPER\t-\t-\n", 1, "tag 'PER'", "O, -, B-LABEL"),
        ("1\ta\tB-\t-\t-\n", 1, "tag 'B-'", "O, -, B-LABEL"),
        ("1\ta\tb-PER\t-\t-\n", 1, "tag 'b-PER'", "O, -, B-LABEL"),
        ("1\ta\tU-PER\t-\t-\n", 1, "tag 'U-PER'", "O, -, B-LABEL"),
        (GOOD.encode() + b"# text = \xe9\n", 5, "byte 0xe9", "UTF-8"),
        (GOOD.encode("utf-16"), 1, "byte 0xff", "UTF-8"),
        ("", 1, "the end of a file without sentences", "IOB2"),
        ("# newdoc\n\n", 3, "the end of a file without sentences", "IOB2"),
        (GOOD + "# sent_id = 2\n\n" + GOOD, 6, "a sentence's end", "words"),
        (GOOD + "# text = b\n", 6, "a sentence's end", "words"),
    ],
)
def test_error(write, content, line, found, expected):
    path = write(content)
    with pytest.raises(CorpusError) as err:
        list(read_iob2(path))
    message = str(err.value)
    assert message.startswith(f"{path}, line {line}: found {found}")
    assert expected in message.split("; expected ")[1]
    assert "\n" not in message
    assert str(pickle.loads(pickle.dumps(err.value))) == message


@pytest.mark.parametrize("name", FILES)
def test_real_file(name, tmp_path):
    source = NER / f"{name}.iob2"
    sentences, words, per, org, loc, unaligned = FILES[name]
    counts = convert_iob2(source, tmp_path / "a.spacy")
    assert (counts.sentences, counts.words) == (sentences, words)
    assert counts.entities == {"PER": per, "ORG": org, "LOC": loc}
    docs = load(tmp_path / "a.spacy")
    assert sum(map(len, docs)) == words
    assert sum(len(doc.ents) for doc in docs) == per + org + loc
    source_lines = source.read_text(encoding="utf8").split("\n")
    texts = [line[9:] for line in source_lines if line.startswith("# text = ")]
    differing = [
        (doc, text)
        for doc, text in zip(docs, texts, strict=True)
        if doc.text != " ".join(text.split())
    ]
    assert len(differing) == unaligned
    for doc, text in differing:
        assert doc.text == " ".join(token.text for token in doc)
        assert "".join(doc.text.split()) != "".join(text.split())


def test_the_table_has_every_file():
    assert {NER / f"{name}.iob2" for name in FILES} == set(NER.rglob("*.iob2"))


def test_converted_docs(write, tmp_path):
    path = write(GOOD + lines(("in", "O"), ("t ex", "B-LOC"), ("b", "I-LOC"), ("c", "B-OTH")))
    target = tmp_path / "new" / "folder" / "a.spacy"
    counts = convert_iob2(path, target, labels=("LOC", "ORG"))
    assert (counts.sentences, counts.words, counts.entities) == (2, 6, {"LOC": 1, "ORG": 0})
    first, second = load(target)
    assert (first.text, entities(first)) == ("Ann ran", ())
    assert (second.text, entities(second)) == ("in t ex b c", ((1, 3, "LOC"),))
    assert [token.ent_iob_ for token in second] == ["O", "B", "I", "O"]
    assert [token.is_sent_start for token in second] == [True, False, False, False]
    assert second.has_annotation("ENT_IOB")
    assert not second.has_annotation("TAG")
    assert not second.has_annotation("DEP")


def test_a_bad_file_leaves_nothing(write, tmp_path):
    source = write(GOOD + "1\ta\n")
    with pytest.raises(CorpusError):
        convert_iob2(source, tmp_path / "out" / "a.spacy")
    assert list(tmp_path.iterdir()) == [source]


@pytest.mark.parametrize("function", ["fsync", "replace"])
@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_a_failed_write_keeps_the_old_file(write, tmp_path, monkeypatch, function, error):
    def fail(*args):
        raise error("no space left")

    source = write(GOOD)
    target = write(b"old", "a.spacy")
    monkeypatch.setattr(os, function, fail)
    with pytest.raises(error):
        convert_iob2(source, target)
    assert target.read_bytes() == b"old"
    assert set(tmp_path.iterdir()) == {source, target}


def test_a_target_is_replaced(write):
    target = write(b"old", "a.spacy")
    convert_iob2(write(GOOD), target)
    assert [doc.text for doc in load(target)] == ["Ann ran"]


LABEL = st.sampled_from(["PER", "LOC", "ORG"])
# What a line of the file can hold
FORM = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\t\n"), min_size=1, max_size=6
).filter(lambda form: form == form.strip())
WORD = st.tuples(FORM, st.booleans(), st.sampled_from("BIO"), LABEL)


@settings(max_examples=150, deadline=None)
@given(sentences=st.lists(st.lists(WORD, min_size=1, max_size=8), min_size=1, max_size=3))
def test_round_trip(sentences, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / "round_trip.iob2"
    content, expected = "", []
    for sentence in sentences:
        tags, ents, last = [], [], None
        for i, (_, _, iob, label) in enumerate(sentence):
            if iob == "O":
                last = None
            elif iob == "I" and last is not None:
                # Continues the entity, so takes over its label
                ents[-1] = (ents[-1][0], i + 1, last)
            else:
                last = label
                ents.append((i, i + 1, label))
            tags.append("O" if last is None else f"{iob}-{last}")
        forms = [word[0] for word in sentence]
        text = "".join(form + " " * space for form, space, *_ in sentence).rstrip(" ")
        content += f"# text = {text}\n{lines(*zip(forms, tags, strict=True))}\n"
        expected.append((text, forms, tuple(ents)))
    path.write_bytes(content.encode("utf8"))
    convert_iob2(path, path.with_suffix(".spacy"))
    docs = load(path.with_suffix(".spacy"))
    assert [(d.text, [t.text for t in d], entities(d)) for d in docs] == expected


def test_command(write, tmp_path):
    write(GOOD)
    write(lines(("a", "B-LOC"), ("b", "B-OTH")), "b.iob2")
    other = tmp_path / "other"
    other.mkdir()
    result = run(tmp_path, write(GOOD, "other/c.txt"), tmp_path / "a.iob2", "--output", other)
    assert result.exit_code == 0
    table = [line.split() for line in result.stdout.splitlines()]
    assert ["file", "sentences", "words", "PER", "LOC", "ORG"] in table
    assert ["a.iob2", "1", "2", "1", "0", "0"] in table
    assert ["b.iob2", "1", "2", "0", "1", "0"] in table
    assert sorted(path.stem for path in other.glob("*.spacy")) == ["a", "b", "c"]


def test_command_with_labels(write, tmp_path):
    path = write(lines(("a", "B-LOC"), ("b", "B-OTH")))
    assert run(path, "--output", tmp_path, "--labels", "OTH, PER").exit_code == 0
    assert entities(load(tmp_path / "a.spacy")[0]) == ((1, 2, "OTH"),)
    assert run(path, "--output", tmp_path, "--labels", "PER,").exit_code == 2


def test_command_with_a_bad_file(write, tmp_path):
    path = write("1\ta\n")
    result = run(path, "--output", tmp_path / "out")
    assert result.exit_code == 1
    expected = "2 column(s); expected 5, or 3 if the tag is O"
    assert result.stderr == f"{path}, line 1: found {expected}\n"
    assert "Traceback" not in result.output


def test_command_with_bad_sources(write, tmp_path):
    (tmp_path / "other").mkdir()
    result = run(tmp_path / "other", "--output", tmp_path)
    assert result.exit_code == 1
    assert "found no *.iob2 file" in result.stderr
    result = run(write(GOOD), write(GOOD, "other/a.iob2"), "--output", tmp_path / "out")
    assert result.exit_code == 1
    assert "found two sources" in result.stderr
    assert not (tmp_path / "out").exists()
    assert run(tmp_path / "missing", "--output", tmp_path).exit_code == 2
