import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spacy_dlfa.corpora.sib200 import TOPICS, read_sib200
from spacy_dlfa.errors import CorpusError

HEADER = "index_id\tcategory\ttext\n"
GOOD = HEADER + '7\tsports\tShe ran.\n12\ttravel\t"""Go"", he said."\n'


@pytest.fixture
def read(write, nlp):
    return lambda content: list(read_sib200(write(content, "a.tsv"), nlp))


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
        ("", 1, "the header ''", "index_id, category, text"),
        ("id\tcategory\ttext\n", 1, "the header 'id", "index_id, category, text"),
        (HEADER, 2, "the end of a file without sentences", "rows"),
        (GOOD + "1\tsports\n", 4, "2 column(s)", "3"),
        (GOOD + "1\tsports\ta\tb\n", 4, "4 column(s)", "3"),
        (GOOD + "1\tSports\ta\n", 4, "topic 'Sports'", "science/technology"),
        (GOOD + "1\tsports\t \n", 4, "an empty text", "a sentence"),
        (GOOD + '1\tsports\t"a\n2\tsports\tb"\n', 4, "a row that can't be read", "quotation"),
        (GOOD + '1\tsports\t"a" b\n', 4, "a row that can't be read", "quotation"),
        (GOOD.encode() + b"1\tsports\t\xe9\n", 4, "byte 0xe9", "UTF-8"),
    ],
)
def test_error(write, nlp, content, line, found, expected):
    path = write(content, "a.tsv")
    with pytest.raises(CorpusError) as err:
        list(read_sib200(path, nlp))
    assert str(err.value).startswith(f"{path}, line {line}: found {found}")
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
    assert list(map(content_of, read_sib200(path, nlp))) == [
        (text.strip(), {other: float(other == topic) for other in TOPICS}, {"id": str(index)})
        for index, topic, text in rows
    ]
