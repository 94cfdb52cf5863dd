import pickle
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spacy_dlfa.corpora.iob2 import read_iob2
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
def read(write, vocab):
    return lambda content, **kwargs: list(read_iob2(write(content, "a.iob2"), vocab, **kwargs))


def lines(*pairs):
    return "".join(f"{i}\t{form}\t{tag}\t-\t-\n" for i, (form, tag) in enumerate(pairs, 1))


def words(doc):
    return [token.text for token in doc]


def entities(doc):
    return [(ent.start, ent.end, ent.label_) for ent in doc.ents]


def content_of(doc):
    return doc.text, words(doc), entities(doc), doc.user_data


def test_sentence(read):
    docs = read(
        "# newdoc id = d\n# newpar\n# url = http://x?a=b\n# sent_id = d-1\n# text = Ann ran.\n"
        "1\tAnn\tB-PER\t-\tx\n2\tran\tO\n3\t.\tO\n\n" + lines(("Bo", "B-LOC"))
    )
    assert list(map(content_of, docs)) == [
        ("Ann ran.", ["Ann", "ran", "."], [(0, 1, "PER")], {"id": "d-1"}),
        ("Bo", ["Bo"], [(0, 1, "LOC")], {}),
    ]
    assert [token.ent_iob_ for token in docs[0]] == ["B", "O", "O"]


def test_text_with_an_equals_sign(read):
    (doc,) = read("# text = a=b\n" + lines(("a", "O"), ("=", "O"), ("b", "O")))
    assert doc.text == "a=b"


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ("B-OTH I-OTH O", []),
        ("B-PER B-O I-O", [(0, 1, "PER")]),
        ("- B-LOC -", [(1, 2, "LOC")]),
        ("O I-PER I-PER", [(1, 3, "PER")]),
        ("B-PER I-LOC I-LOC", [(0, 1, "PER"), (1, 3, "LOC")]),
        ("B-PER I-OTH I-PER", [(0, 1, "PER"), (2, 3, "PER")]),
        ("B-PER - I-PER", [(0, 1, "PER"), (2, 3, "PER")]),
        ("B-ORG B-ORG I-ORG", [(0, 1, "ORG"), (1, 3, "ORG")]),
        # IOBES and BILOU
        ("S-ORG S-ORG O", [(0, 1, "ORG"), (1, 2, "ORG")]),
        ("U-ORG I-ORG O", [(0, 1, "ORG"), (1, 2, "ORG")]),
        ("B-ORG I-ORG E-ORG", [(0, 3, "ORG")]),
        ("B-ORG L-ORG I-ORG", [(0, 2, "ORG"), (2, 3, "ORG")]),
        ("O L-ORG E-LOC", [(1, 2, "ORG"), (2, 3, "LOC")]),
        ("B-PERSON I-PERSON B-GPE", [(0, 2, "PERSON"), (2, 3, "GPE")]),
    ],
)
def test_tags(read, tags, expected):
    (doc,) = read(lines(*zip("abc", tags.split(), strict=True)))
    assert entities(doc) == expected


def test_labels(read):
    (doc,) = read(lines(("a", "B-PER"), ("b", "B-OTH"), ("c", "I-OTH")), labels=["OTH"])
    assert entities(doc) == [(1, 3, "OTH")]


@pytest.mark.parametrize(
    ("labels", "kept", "dropped"),
    [
        (None, ["PERSON"], {"OTH": 2, "O": 1}),
        (["PERSON", "OTH"], ["PERSON", "OTH", "OTH"], {"O": 1}),
        (["all"], ["PERSON", "OTH", "O", "OTH"], {}),
        (["PER"], [], {"PERSON": 1, "OTH": 2, "O": 1}),
    ],
)
def test_what_is_dropped_is_counted(read, labels, kept, dropped):
    found = Counter()
    tags = ["B-PERSON", "I-PERSON", "B-OTH", "B-O", "-", "B-OTH"]
    (doc,) = read(lines(*zip("abcdef", tags, strict=True)), labels=labels, dropped=found)
    assert [ent.label_ for ent in doc.ents] == kept
    assert found == dropped


CONLL_2003 = (
    "-DOCSTART- -X- O O\n\nEU NNP I-NP I-ORG\nrejects VBZ I-VP O\n\n"
    "# NN B-NP O\n1996 CD I-NP B-MISC\n"
)


@pytest.mark.parametrize(
    "content",
    [
        CONLL_2003,
        CONLL_2003.replace(" ", "\t"),
        CONLL_2003.replace(" ", "   ").replace("\n", " \r\n"),
        "# global.columns = word tag\n\nEU\tI-ORG\nrejects\tO\n\n#\tO\n1996\tB-MISC",
        "EU O x I-ORG y\nrejects O x O y\n\n# O x O y\n1996 O x B-MISC y\n",
    ],
    ids=["spaces", "tabs", "many spaces", "two columns", "tags within"],
)
def test_a_word_and_its_tag_on_each_line(read, content):
    assert list(map(content_of, read(content))) == [
        ("EU rejects", ["EU", "rejects"], [(0, 1, "ORG")], {}),
        ("# 1996", ["#", "1996"], [(1, 2, "MISC")], {}),
    ]


@pytest.mark.parametrize("separator", [" ", "\t", "  "])
@pytest.mark.parametrize("space", "\u00a0\u202f\u3000\x0c\u2028")
def test_other_white_space_is_part_of_a_word(read, separator, space):
    content = f"10{space}000 B-NUM\nEuro O\n".replace(" ", separator)
    (doc,) = read(content)
    assert words(doc) == [f"10{space}000", "Euro"]
    assert entities(doc) == [(0, 1, "NUM")]


def test_hashtags_are_words_and_comments_are_not(read):
    ann, bo = read(
        "# sent_id = 1\n# text = @ann#x O\n@ann\tB-person\n#x\tO\nO\tO\n\nBo\tB-person\n"
    )
    assert content_of(ann) == ("@ann#x O", ["@ann", "#x", "O"], [(0, 1, "person")], {"id": "1"})
    assert bo.text == "Bo"


def test_number_sign_as_a_word(read):
    (doc,) = read("# text = # 1\n1\t#\tO\n2\t1\tO\t-\t-\n")
    assert words(doc) == ["#", "1"]


@pytest.mark.parametrize(
    ("text", "forms", "expected"),
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
def test_spaces(read, text, forms, expected):
    (doc,) = read(text + lines(*((form, "O") for form in forms)))
    assert doc.text == expected
    assert words(doc) == forms


@pytest.mark.parametrize(
    "content",
    [
        GOOD.rstrip("\n"),
        GOOD.replace("\n", "\r\n"),
        "\ufeff" + GOOD,
        "\n\n" + GOOD + "\n\n",
        "# about = this file\n\n" + GOOD,
        GOOD + " \n\t\n",
    ],
    ids=["no end", "CRLF", "BOM", "blank lines", "head", "white space"],
)
def test_accepted_as_it_stands(read, content):
    assert list(map(content_of, read(content))) == list(map(content_of, read(GOOD)))


@pytest.mark.parametrize(
    ("content", "line", "found", "expected"),
    [
        ("1 a O\n", 1, "1 column(s)", "set apart by tabs"),
        (GOOD + "1\ta\n", 5, "2 column(s)", "5, or 3"),
        ("1\ta\tO\t-\n", 1, "4 column(s)", "5, or 3"),
        ("1\ta\tO\t-\t-\t-\n", 1, "6 column(s)", "5, or 3"),
        ("Ann|PER ran|O\n", 1, "no column of tags in 'Ann|PER ran|O'", "spacy convert"),
        ("1\tAnn\n2\tran\n", 1, "no column of tags in '1", "five columns"),
        ("Ann\tPER\nran\tO\n", 1, "no column of tags in 'Ann", "B-LABEL"),
        ("Ann B-PER\nran fast O\nin O\n", 2, "3 column(s)", "2, as above, set apart by spaces"),
        ("a b\tO\nb\tO\nc\n", 3, "1 column(s)", "2, as above, set apart by tabs"),
        ("Ann B-PER\nran O\nin X-LOC\n", 3, "tag 'X-LOC'", "in column 2"),
        ("a\tO\nb\tO\n \tO\n", 3, "an empty form", "column 1"),
        ("-DOCSTART- O\n\n-DOCSTART- O\n", 1, "lines of -DOCSTART- alone", "IOB2"),
        ("1\ta\tB-PER\n", 1, "3 columns with tag 'B-PER'", "5 columns"),
        ("1\ta\tO\n3\tb\tO\n", 2, "token number '3'", "2, or a blank line"),
        ("1\ta\tO\n# text = b\n1\tb\tO\n", 3, "token number '1'", "2, or a blank line"),
        ("0\ta\tO\n", 1, "token number '0'", "1"),
        ("1-2\ta\tO\n", 1, "token number '1-2'", "1"),
        (lines(("a", "O"), ("b", "O")) + "x\tc\tO\n", 3, "token number 'x'", "3"),
        ("1\t\tO\n", 1, "an empty form", "a word"),
        ("1\t \u00a0\tO\n", 1, "an empty form", "a word"),
        ("1\ta\t\n", 1, "tag ''", "O, -, B-LABEL"),
        ("1\ta\tPER\t-\t-\n", 1, "tag 'PER'", "O, -, B-LABEL"),
        ("1\ta\tB-\t-\t-\n", 1, "tag 'B-'", "O, -, B-LABEL"),
        ("1\ta\tb-PER\t-\t-\n", 1, "tag 'b-PER'", "O, -, B-LABEL"),
        ("1\ta\tX-PER\t-\t-\n", 1, "tag 'X-PER'", "O, -, B-LABEL"),
        (GOOD.encode() + b"# text = \xe9\n", 5, "byte 0xe9", "UTF-8"),
        (GOOD.encode("utf-16"), 1, "byte 0xff", "UTF-8"),
        ("Ann B-PER\rran O\r\rBob B-PER\r", 1, "a carriage return", "LF or CRLF"),
        ("Ann B-PER\nran O\rBob B-PER\n", 2, "a carriage return", "LF or CRLF"),
        ("", 1, "the end of a file without sentences", "IOB2"),
        ("# newdoc\n\n", 3, "the end of a file without sentences", "IOB2"),
        (GOOD + "# sent_id = 2\n\n" + GOOD, 6, "a sentence's end", "words"),
        (GOOD + "# text = b\n", 6, "a sentence's end", "words"),
    ],
)
def test_error(write, vocab, content, line, found, expected):
    path = write(content, "a.iob2")
    with pytest.raises(CorpusError) as err:
        list(read_iob2(path, vocab))
    message = str(err.value)
    assert message.partition("] ")[2].startswith(f"{path}, line {line}: found {found}")
    assert expected in message.split("; expected ")[1]
    assert "\n" not in message
    assert str(pickle.loads(pickle.dumps(err.value))) == message


@pytest.mark.parametrize("name", FILES)
def test_real_file(name, vocab):
    source = NER / f"{name}.iob2"
    *counts, unaligned = FILES[name]
    docs = list(read_iob2(source, vocab))
    labels = [ent.label_ for doc in docs for ent in doc.ents]
    assert counts == [len(docs), sum(map(len, docs)), *map(labels.count, ["PER", "ORG", "LOC"])]
    comments = [line.split(" = ", 1) for line in source.read_text(encoding="utf8").split("\n")]
    texts = [line[1] for line in comments if line[0] == "# text"]
    ids = [line[1] for line in comments if line[0] == "# sent_id"]
    assert [doc.user_data["id"] for doc in docs] == ids
    differing = [
        (doc, text)
        for doc, text in zip(docs, texts, strict=True)
        if doc.text != " ".join(text.split())
    ]
    assert len(differing) == unaligned
    for doc, text in differing:
        assert doc.text == " ".join(words(doc))
        assert "".join(doc.text.split()) != "".join(text.split())


def test_the_table_has_every_file():
    assert {NER / f"{name}.iob2" for name in FILES} == set(NER.rglob("*.iob2"))


LABEL = st.sampled_from(["PER", "LOC", "ORG"])
# What a line of the file can hold
FORM = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\t\n"), min_size=1, max_size=6
).filter(lambda form: form == form.strip())
WORD = st.tuples(FORM, st.booleans(), st.sampled_from("BIO"), LABEL)


@settings(max_examples=150, deadline=None)
@given(sentences=st.lists(st.lists(WORD, min_size=1, max_size=8), min_size=1, max_size=3))
def test_round_trip(sentences, vocab, tmp_path_factory):
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
        expected.append((text, forms, ents, {}))
    path.write_bytes(content.encode("utf8"))
    assert list(map(content_of, read_iob2(path, vocab))) == expected


def test_wikianns_mark_of_the_language_is_taken_off(read):
    first, second = read("en:R.H.\tB-ORG\nen:Saunders\tI-ORG\nen::\tO\n\nen:en:x\tO\n")
    assert words(first) == ["R.H.", "Saunders", ":"]
    assert entities(first) == [(0, 2, "ORG")]
    assert words(second) == ["en:x"]


@pytest.mark.parametrize("other", ["de:Ann", "Ann", "en", ":"])
def test_a_mark_that_not_each_word_has_is_a_part_of_it(read, other):
    content = f"en:R.H.\tB-ORG\n\n{other}\tO\n"
    assert [words(doc) for doc in read(content)] == [["en:R.H."], [other]]


def test_a_mark_that_is_no_language_is_a_part_of_the_word(read):
    assert words(read("qq:a\tO\nqq:b\tO\n")[0]) == ["qq:a", "qq:b"]
