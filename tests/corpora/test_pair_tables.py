import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spacy_dlfa.corpora.pairs import read_pairs
from spacy_dlfa.corpora.tables import open_table
from spacy_dlfa.errors import CorpusError
from spacy_dlfa.pairs import split_pair
from spacy_dlfa.text.tokenizer import SEPARATOR

PAWS = 'id\tsentence1\tsentence2\tlabel\n4\t"She" ran .\tShe ran\t1\n9\tHe ran\tShe ran\t0\n'
XNLI = (
    "language\tgold_label\tsentence1_parse\tsentence1\tsentence2\tpairID\tgenre\n"
    "de\tneutral\t\tAlso gut.\tNein.\t1\tface-to-face\n"
    "zh\tneutral\t\t好的。\t不。\t1\tface-to-face\n"
    "de\tcontradiction\t\tJa.\tNein.\t2\tface-to-face\n"
)
MNLI = "premise\thypo\tlabel\nShe ran .\tShe sat .\tcontradictory\nA b .\tA .\tentailment\n"


@pytest.fixture
def read(write, nlp):
    return lambda content: list(read_pairs(open_table(write(content, "a.tsv")), nlp))


def content_of(doc):
    labels = [label for label, value in doc.cats.items() if value == 1.0]
    return *split_pair(doc), *labels, doc.user_data


@pytest.mark.parametrize(
    ("content", "labels", "expected"),
    [
        (
            PAWS,
            {"paraphrase", "different"},
            [
                ('"She" ran .', "She ran", "paraphrase", {"id": "4"}),
                ("He ran", "She ran", "different", {"id": "9"}),
            ],
        ),
        (
            XNLI,
            {"entailment", "neutral", "contradiction"},
            [
                ("Also gut.", "Nein.", "neutral", {"id": "1", "language": "de"}),
                ("好的。", "不。", "neutral", {"id": "1", "language": "zh"}),
                ("Ja.", "Nein.", "contradiction", {"id": "2", "language": "de"}),
            ],
        ),
        (
            MNLI,
            {"entailment", "neutral", "contradiction"},
            [
                ("She ran .", "She sat .", "contradiction", {}),
                ("A b .", "A .", "entailment", {}),
            ],
        ),
        (
            "She ran\tShe sat\tneutral\nA\tB\tcontradiction\n",
            {"entailment", "neutral", "contradiction"},
            [("She ran", "She sat", "neutral", {}), ("A", "B", "contradiction", {})],
        ),
        (
            "She ran\tShe sat\t0\n",
            {"paraphrase", "different"},
            [("She ran", "She sat", "different", {})],
        ),
        (
            "id\tsentence1\tsentence2\tlabel\n1\tA\tB\tentailment\n",
            {"entailment", "neutral", "contradiction"},
            [("A", "B", "entailment", {"id": "1"})],
        ),
        # PAWS-X has rows without sentences
        (
            "id\tsentence1\tsentence2\tlabel\n1\tA\t\t1\n2\t\t\t0\n",
            {"paraphrase", "different"},
            [("A", "", "paraphrase", {"id": "1"}), ("", "", "different", {"id": "2"})],
        ),
        # Anybody's: other labels, order, names and columns
        (
            "source\tLabel\tText2\tText1\nweb\tsame\tB\tA\nweb\tother\tD\tC\n",
            {"same", "other"},
            [("A", "B", "same", {}), ("C", "D", "other", {})],
        ),
        (
            "question1\tquestion2\tis_duplicate\nA\tB\t0\nC\tD\t2\n",
            {"0", "2"},
            [("A", "B", "0", {}), ("C", "D", "2", {})],
        ),
        (
            '"id"\t"sentence1"\t"sentence2"\t"label"\n"1"\t"A ""b"""\t"C"\t"1"\n',
            {"paraphrase", "different"},
            [('A "b"', "C", "paraphrase", {"id": "1"})],
        ),
        (
            'id\tsentence1\tsentence2\tlabel\n1\t"A" b\t"""C"""\t1\n',
            {"paraphrase", "different"},
            [('"A" b', '"""C"""', "paraphrase", {"id": "1"})],
        ),
    ],
    ids=[
        "PAWS-X",
        "XNLI",
        "MultiNLI",
        "XTREME XNLI",
        "XTREME PAWS-X",
        "with ids",
        "empty",
        "own",
        "three grades",
        "quoted",
        "not quoted",
    ],
)
def test_layouts(read, content, labels, expected):
    docs = read(content)
    assert list(map(content_of, docs)) == expected
    assert all(set(doc.cats) == labels for doc in docs)
    assert all(sorted(doc.cats.values())[-2:] == [0.0, 1.0] for doc in docs)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("neutral", "agree", ["agree", "neutral"]),
        ("neutral", "entailment", ["contradiction", "entailment", "neutral"]),
        # GLUE's RTE
        ("entailment", "not_entailment", ["entailment", "not_entailment"]),
        ("agree", "contradictory", ["agree", "contradictory"]),
        ("1", "agree", ["1", "agree"]),
        ("0", "2", ["0", "2"]),
    ],
)
def test_the_order_of_rows_says_nothing(read, first, second, expected):
    for labels in ((first, second), (second, first)):
        content = "".join(f"A\tB\t{label}\n" for label in ("label", *labels))
        content = content.replace("A\tB", "sentence1\tsentence2", 1)
        assert [sorted(doc.cats) for doc in read(content)] == [expected] * 2


def test_a_word_beside_labels_of_pawsx_is_a_mistake(read):
    for labels in (("1", "agree"), ("agree", "1")):
        rows = "".join(f"1\tA\tB\t{label}\n" for label in labels)
        with pytest.raises(CorpusError, match="found label 'agree'"):
            read(f"id\tsentence1\tsentence2\tlabel\n{rows}")


def test_a_smaller_file_of_a_scale_has_the_same_labels(read):
    header = "sentence1\tsentence2\tlabel\n"
    small = "A\tB\t0\nC\td\t1\n"
    found = [doc.cats for doc in read(f"{header}{small}E\tF\t2\n")]
    assert [{*cats} for cats in found] == [{"0", "1", "2"}] * 3
    for cats, doc in zip(found, read(header + small), strict=False):
        assert doc.cats.items() <= cats.items()


@pytest.mark.parametrize(
    "content",
    [PAWS.rstrip("\n"), PAWS.replace("\n", "\r\n"), "\ufeff" + PAWS, PAWS + "\n\n"],
    ids=["no end", "CRLF", "BOM", "blank lines"],
)
def test_accepted_as_it_stands(read, content):
    assert list(map(content_of, read(content))) == list(map(content_of, read(PAWS)))


@pytest.mark.parametrize(
    ("content", "line", "found", "expected"),
    [
        ("", 1, "the columns ''", "sentence1 and sentence2), a column label"),
        ("a\tb\tc\td\n", 1, "the columns 'a, b, c, d'", "a header with"),
        ("sentence1\tsentence2\tx\ty\n", 1, "the columns 'sentence1, sentence2, x, y'", "label"),
        ("sentence1\tsentence2\tlabel\tlabel\n", 1, "the columns 'sentence1", "label"),
        # XTREME's test sets have no labels
        ("She ran\tShe sat\n", 1, "the columns 'She ran, She sat'", "a column label"),
        ("id\tsentence1\tsentence2\tlabel\n", 2, "the end of a file without rows", "rows"),
        (PAWS + "10\tA\tB\n", 4, "3 column(s)", "4"),
        (PAWS + "10\tA\tB\tC\t1\n", 4, "5 column(s)", "4"),
        (PAWS + "10\tA\tB\tneutral\n", 4, "label 'neutral'", "1, 0"),
        (PAWS + "10\tA\tB\t\n", 4, "label ''", "characters in column 4"),
        (MNLI + "A\tB\t-\n", 4, "label '-'", "characters in column 3"),
        ("A\tB\tentailment\nA\tB\t1\n", 2, "label '1'", "entailment, neutral"),
        ("A\tB\tneutral\nA\tB\t1\n", 2, "label '1'", "entailment, neutral"),
        ("A\tB\t1\nA\tB\tneutral\n", 2, "label 'neutral'", "1, 0"),
        ("A\tB\t1\nA\tB\t2\n", 2, "label '2'", "1, 0"),
        (XNLI + "../de\tneutral\t\tA\tB\t3\tx\n", 5, "language '../de'", "a code"),
        (XNLI + "\tneutral\t\tA\tB\t3\tx\n", 5, "language ''", "a code"),
        (PAWS.encode() + b"10\t\xe9\tB\t1\n", 4, "byte 0xe9", "UTF-8"),
    ],
)
def test_error(write, nlp, content, line, found, expected):
    path = write(content, "a.tsv")
    with pytest.raises(CorpusError) as err:
        list(read_pairs(open_table(path), nlp))
    assert str(err.value).partition("] ")[2].startswith(f"{path}, line {line}: found {found}")
    assert expected in str(err.value).split("; expected ")[1]


TEXT = (
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\t\r\n"), max_size=20)
    .map(str.strip)
    # Hypothesis tries strings of the source, too; a separator in a text is changed on purpose
    .filter(lambda text: SEPARATOR not in text)
)
ROW = st.tuples(st.integers(0, 99).map(str), TEXT, TEXT, st.sampled_from("01"))


@settings(max_examples=100, deadline=None)
@given(rows=st.lists(ROW, min_size=1, max_size=4))
def test_round_trip(rows, nlp, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / "round_trip.tsv"
    lines = ["\t".join(row) for row in [("id", "sentence1", "sentence2", "label"), *rows]]
    path.write_bytes("\n".join(lines).encode("utf8"))
    assert list(map(content_of, read_pairs(open_table(path), nlp))) == [
        (first, second, ["different", "paraphrase"][int(label)], {"id": index})
        for index, first, second, label in rows
    ]
