import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spacy_dlfa.corpora.tables import open_table
from spacy_dlfa.corpora.texts import TOPICS, read_texts
from spacy_dlfa.errors import CorpusError

HEADER = "index_id\tcategory\ttext\n"
GOOD = HEADER + '7\tsports\tShe ran.\n12\ttravel\t"""Go"", he said."\n'


@pytest.fixture
def read(write, nlp):
    return lambda content: list(read_texts(open_table(write(content, "a.tsv")), nlp))


def content_of(doc):
    return doc.text, doc.cats, doc.user_data


@pytest.mark.parametrize(
    "content",
    [GOOD, GOOD.rstrip("\n"), GOOD.replace("\n", "\r\n"), "\ufeff" + GOOD, GOOD + "\n\n"],
    ids=["good", "no end", "CRLF", "BOM", "blank lines"],
)
def test_sentences(read, content):
    ran, go = read(content)
    assert [token.text for token in ran] == ["She", "ran", "."]
    assert {label for label, value in ran.cats.items() if value == 1.0} == {"sports"}
    assert set(ran.cats) == set(TOPICS)
    assert sum(ran.cats.values()) == 1.0
    assert ran.user_data == {"id": "7"}
    assert (go.text, go.cats["travel"], go.user_data) == ('"Go", he said.', 1.0, {"id": "12"})


@pytest.mark.parametrize(
    ("content", "texts", "user_data"),
    [
        ("text\tlabel\nShe ran.\tspam\n", ["She ran."], {}),
        ("Label\tsource\tText\nspam\tweb\tShe ran.\n", ["She ran."], {}),
        ("id\tmood\tsentence\nx1\tspam\tShe ran.\n", ["She ran."], {"id": "x1"}),
        ("mail\tclass\nShe ran.\tspam\n", ["She ran."], {}),
        ("text\tlabel\tlang\nShe ran.\tspam\tde\n", ["She ran."], {"language": "de"}),
        ("index_id\tcategory\ttext\n1\tspam\tShe ran.\n", ["She ran."], {"id": "1"}),
        # Quoted, because of the header, of marks inside; or not at all
        ('"text"\t"label"\n"She ran."\t"spam"\n', ["She ran."], {}),
        ('text\tlabel\n"She ""ran""."\tspam\nA "b".\tspam\n', ['She "ran".', 'A "b".'], {}),
        ('text\tlabel\n"She ran."\tspam\n"A" b\tspam\n', ['"She ran."', '"A" b'], {}),
        ('text\tlabel\n"She ran."\tspam\n', ['"She ran."'], {}),
        # Tabs inside, and what only looks so
        ('text\tlabel\n"She\tran."\tspam\n"Go"\tspam\n', ["She\tran.", "Go"], {}),
        ('id\ttext\tlabel\n"x\ty"\tspam\n', ['y"'], {"id": '"x'}),
    ],
)
def test_own_tables(read, content, texts, user_data):
    docs = read(content)
    assert [doc.text for doc in docs] == texts
    assert all(doc.cats == {"spam": 1.0} for doc in docs)
    assert docs[0].user_data == user_data


def test_own_topics_that_are_called_like_known_ones(read):
    docs = read("text\tlabel\nShe ran.\tsports\nShe voted.\tpolitics\n")
    assert [doc.cats for doc in docs] == [
        {"sports": 1.0, "politics": 0.0},
        {"sports": 0.0, "politics": 1.0},
    ]


def test_own_topics_beside_known_ones(read):
    assert [doc.cats for doc in read(GOOD + "1\tSports\ta\n")][-1] == {
        "sports": 0.0,
        "travel": 0.0,
        "Sports": 1.0,
    }


def test_words_of_the_pipelines_tokenizer(read):
    (doc,) = read(HEADER + "1\ttravel\t我住在北京。\n")
    assert [token.text for token in doc] == ["我", "住在", "北京", "。"]


def test_white_space_at_the_ends(read):
    (doc,) = read(HEADER + "1\ttravel\t Go  on. \n")
    assert doc.text == "Go  on."


def test_a_quotation_mark_within(read):
    (doc,) = read(HEADER + '1\thealth\t5" wide "and" high\n')
    assert doc.text == '5" wide "and" high'


@pytest.mark.parametrize(
    ("content", "line", "found", "expected"),
    [
        ("", 1, "the columns ''", "a column text"),
        ("a\tb\n", 1, "the columns 'a, b'", "a column text"),
        ("id\ttext\tmood\tsource\n", 1, "the columns 'id, text, mood, source'", "a column label"),
        ("text\ttopic\tclass\n", 1, "the columns 'text, topic, class'", "a column label"),
        ("text\tsentence\tlabel\n", 1, "the columns 'text, sentence, label'", "a column text"),
        ("text,label\nShe ran.,a\n", 1, "the columns 'text,label'", "set apart by tabs"),
        ('"text"\t"label"\n"a\tb\n', 2, "a row that can't be read", "quotation"),
        (HEADER + f"1\t{'x' * 101}\ta\n", 2, "label 'xxx", "no more than 100 characters"),
        (
            HEADER + "".join(f"{i}\t{i}\ta\n" for i in range(1001)),
            1002,
            "more than 1000 labels in column 2",
            "the same",
        ),
        (HEADER, 2, "the end of a file without rows", "rows"),
        (GOOD + "1\tsports\n", 4, "2 column(s)", "3"),
        (GOOD + "1\tsports\ta\tb\n", 4, "4 column(s)", "3"),
        ('text\tlabel\n"a\tb"\tspam\n"a" b\tspam\n', 2, "3 column(s)", "2"),
        ('text\tlabel\n"a\tb"\tspam\na\n', 3, "1 column(s)", "2"),
        (GOOD + "1\t\ta\n", 4, "label ''", "characters in column 2"),
        (GOOD + "1\tsports\t \n", 4, "an empty text", "a text in column 3"),
        (GOOD + '1\tsports\t"a\n2\tsports\tb"\n', 4, "a row that can't be read", "quotation"),
        (GOOD + '1\tsports\t"a" b\n', 4, "a row that can't be read", "quotation"),
        (GOOD.encode() + b"1\tsports\t\xe9\n", 4, "byte 0xe9", "UTF-8"),
    ],
)
def test_error(write, nlp, content, line, found, expected):
    path = write(content, "a.tsv")
    with pytest.raises(CorpusError) as err:
        list(read_texts(open_table(path), nlp))
    assert str(err.value).partition("] ")[2].startswith(f"{path}, line {line}: found {found}")
    assert expected in str(err.value).split("; expected ")[1]


TEXT = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\0"), min_size=1, max_size=20
).filter(str.strip)
ROW = st.tuples(st.integers(0, 2000), st.sampled_from(TOPICS), TEXT)


@settings(max_examples=100, deadline=None)
@given(rows=st.lists(ROW, min_size=1, max_size=4))
def test_round_trip(rows, nlp, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / "round_trip.tsv"
    buffer = io.StringIO()
    csv.writer(buffer, delimiter="\t", lineterminator="\n").writerows(rows)
    path.write_bytes((HEADER + buffer.getvalue()).encode("utf8"))
    assert list(map(content_of, read_texts(open_table(path), nlp))) == [
        (text.strip(), {other: float(other == topic) for other in TOPICS}, {"id": str(index)})
        for index, topic, text in rows
    ]
