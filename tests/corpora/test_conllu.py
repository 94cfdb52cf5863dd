import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spacy_dlfa.corpora.conllu import UPOS, read_conllu
from spacy_dlfa.errors import CorpusError


@pytest.fixture
def read(write, vocab):
    return lambda content: list(read_conllu(write(content, "a.conllu"), vocab))


def row(index, form, upos="_", head="_", misc="_"):
    return f"{index}\t{form}\t_\t{upos}\t_\t_\t{head}\t_\t_\t{misc}\n"


def tagged(doc):
    return [(token.text, token.tag_) for token in doc]


GLUED = "SpaceAfter=No"
GOOD = (
    "# sent_id = s-1\n# text = Ann ran.\n"
    + row(1, "Ann", "PROPN", 2)
    + row(2, "ran", "VERB", 0, f"Gloss=x|{GLUED}")
    + row(3, ".", "PUNCT", 2, GLUED)
    + "\n"
)


def test_sentence(read):
    ann, bo = read("# newdoc id = d\n" + GOOD + "# text = Bo\n" + row(1, "Bo", "PROPN"))
    assert ann.text == "Ann ran."
    assert tagged(ann) == [("Ann", "PROPN"), ("ran", "VERB"), (".", "PUNCT")]
    assert [token.pos_ for token in ann] == ["PROPN", "VERB", "PUNCT"]
    assert [token.is_sent_start for token in ann] == [True, False, False]
    assert ann.user_data == {"id": "s-1"}
    assert (bo.text, tagged(bo), bo.user_data) == ("Bo", [("Bo", "PROPN")], {})


@pytest.mark.parametrize(
    "content",
    [
        GOOD.rstrip("\n"),
        GOOD.replace("\n", "\r\n"),
        "\ufeff" + GOOD,
        "\n\n" + GOOD + "\n\n",
        GOOD + " \n\t\n",
        "# newdoc\n\n" + GOOD,
        GOOD.replace("# sent_id = s-1", "#sent_id=s-1"),
        GOOD.replace("3\t.", "2.1\t_\t_\tVERB\t_\t_\t_\t_\t_\tCopyOf=2\n3\t."),
        GOOD.replace("1\tAnn", "0.1\t_\t_\t_\t_\t_\t_\t_\t_\t_\n1\tAnn"),
        GOOD.replace(f"2\t_\t_\t{GLUED}\n\n", "2\t_\t_\t_\n\n"),
    ],
    ids=[
        "no end",
        "CRLF",
        "BOM",
        "blank lines",
        "white space",
        "head",
        "tight",
        "empty",
        "empty 0",
        "last space",
    ],
)
def test_accepted_as_it_stands(read, content):
    (doc,), (expected,) = read(content), read(GOOD)
    assert (doc.text, tagged(doc), doc.user_data) == (
        expected.text,
        tagged(expected),
        expected.user_data,
    )


@pytest.mark.parametrize(
    ("rows", "text", "expected"),
    [
        # The words spell the surface: they are tokens
        (
            row("1-2", "don't", misc=GLUED) + row(1, "do", "AUX", 3) + row(2, "n't", "PART", 3),
            "don't.",
            "do/AUX n't/PART ./PUNCT",
        ),
        (
            row("1-2", "don't") + row(1, "do", "AUX", 3, GLUED) + row(2, "n't", "PART", 3, GLUED),
            "don't .",
            "do/AUX n't/PART ./PUNCT",
        ),
        (
            row("1-2", "_x") + row(1, "_", "SYM", 2) + row(2, "x", "NOUN", 0),
            "_x .",
            "_/SYM x/NOUN ./PUNCT",
        ),
        # They don't: the surface is one, with the tag of its head
        (
            row("1-2", "du") + row(1, "de", "ADP", 3) + row(2, "le", "DET", 3),
            "du .",
            "du/ADP ./PUNCT",
        ),
        (
            row("1-2", "zum", misc=GLUED) + row(1, "zu", "ADP", 2) + row(2, "dem", "DET", 3),
            "zum.",
            "zum/DET ./PUNCT",
        ),
        (
            row("1-2", "dámelo") + row(1, "da", "VERB", 0) + row(2, "me", "PRON", 1),
            "dámelo .",
            "dámelo/VERB ./PUNCT",
        ),
        (row("1-2", "du") + row(1, "de", "ADP") + row(2, "le", "DET"), "du .", "du/ADP ./PUNCT"),
        (
            row("1-2", "a b") + row(1, "a", "NOUN", 2) + row(2, "b", "VERB", 0),
            "a b .",
            "a b/VERB ./PUNCT",
        ),
        # An empty node among its words
        (
            row("1-2", "du") + row(1, "de", "ADP", 2) + row("1.1", "_") + row(2, "le", "DET", 3),
            "du .",
            "du/DET ./PUNCT",
        ),
    ],
)
def test_multiword_tokens(read, rows, text, expected):
    (doc,) = read(rows + row(3, ".", "PUNCT", 0))
    assert doc.text == text
    assert " ".join(f"{token.text}/{token.tag_}" for token in doc) == expected


def test_multiword_tokens_side_by_side(read):
    pair = row("{0}-{1}", "du") + row("{0}", "de", "ADP", 0) + row("{1}", "le", "DET", 0)
    (doc,) = read(pair.format(1, 2) + pair.format(3, 4))
    assert tagged(doc) == [("du", "ADP"), ("du", "ADP")]


@pytest.mark.parametrize(
    "misc",
    [GLUED, f"Gloss=x|{GLUED}", f"name=O {GLUED}", f"{GLUED} name=O", f"Gloss=x; {GLUED}, name=O"],
)
def test_a_word_without_a_space_after_it(read, misc):
    (doc,) = read(row(1, "a", "X", misc=misc) + row(2, "b", "X"))
    assert doc.text == "ab"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("ab c", "ab c"), ("a \u3000b  c", "a b c"), ("a b", "a bc"), ("abcd", "a bc")],
    ids=["text", "white space", "not all words", "more than the words"],
)
def test_spaces_of_the_text(read, text, expected):
    """The comment is the source's own; what doesn't spell the words is no help."""
    words = row(1, "a", "X") + row(2, "b", "X", misc=GLUED) + row(3, "c", "X")
    (doc,) = read(f"# text = {text}\n{words}")
    assert doc.text == expected


@pytest.mark.parametrize("misc", ["CorrectSpaceAfter=No", "SpaceAfter=Nobody", "xSpaceAfter=No"])
def test_items_that_are_not_about_spaces(read, misc):
    (doc,) = read(row(1, "a", "X", misc=misc) + row(2, "b", "X"))
    assert doc.text == "a b"


def test_words_without_a_tag(read):
    (doc,) = read(row(1, "a") + row(2, "b", "X"))
    assert tagged(doc) == [("a", ""), ("b", "X")]


def test_spaces_and_underscores_in_words(read):
    (doc,) = read(row(1, "t ex", "ADV", 2) + row(2, "_", "SYM", 0, GLUED) + row(3, "#", "SYM", 2))
    assert doc.text == "t ex _#"
    assert tagged(doc) == [("t ex", "ADV"), ("_", "SYM"), ("#", "SYM")]


@pytest.mark.parametrize(
    ("content", "line", "found", "expected"),
    [
        ("1 a\n", 1, "1 column(s)", "10"),
        (GOOD + row(1, "a", "X")[:-3] + "\n", 7, "9 column(s)", "10"),
        (row(1, "a", "X") + "2\ta", 2, "2 column(s)", "10"),
        (row(1, "", "X"), 1, "an empty form", "a word"),
        (row(1, "a") + "\n" + row(1, "b"), 3, "the tag _ alone in all of the file", "ADJ ADP"),
        (row(1, "a", "NN"), 1, "tag 'NN'", "ADJ ADP"),
        (row(1, "a", "X", "x"), 1, "head 'x'", "0 or _"),
        (row(1, "a", "X") + row(3, "b", "X"), 2, "id '3'", "2, or a blank line"),
        (row(1, "a", "X") + row(1, "b", "X"), 2, "id '1'", "2, or a blank line"),
        (row("x", "a", "X"), 1, "id 'x'", "1, or"),
        (row(1, "a", "X") + row("2.1", "b"), 2, "id '2.1'", "2, or"),
        (row(1, "a", "X") + row("1.", "b"), 2, "id '1.'", "2, or"),
        (row(1, "a", "X") + row("1-2", "b"), 2, "id '1-2'", "2, or"),
        (row("1-1", "a") + row(1, "a", "X"), 1, "id '1-1'", "1, or"),
        (row("2-1", "a") + row(1, "a", "X"), 1, "id '2-1'", "1, or"),
        (row("1-3", "a") + row(1, "a", "X") + row(2, "b", "X"), 1, "multiword token 1-3", "below"),
        (row("1-2", "a") * 2 + row(1, "a", "X") + row(2, "b", "X"), 1, "multiword", "below"),
        (row("0.1", "a"), 1, "a sentence without words", "id 1"),
        (row(1, "a", "X") + "\n" + row("1-2", "a"), 3, "a sentence without words", "id 1"),
        (GOOD.encode() + b"# text = \xe9\n", 7, "byte 0xe9", "UTF-8"),
        (GOOD.encode("utf-16"), 1, "byte 0xff", "UTF-8"),
        ("", 1, "the end of a file without sentences", "CoNLL-U"),
        ("# newdoc\n\n", 3, "the end of a file without sentences", "CoNLL-U"),
        (GOOD + "# sent_id = 2\n\n" + GOOD, 8, "a sentence's end", "words"),
    ],
)
def test_error(write, vocab, content, line, found, expected):
    path = write(content, "a.conllu")
    with pytest.raises(CorpusError) as err:
        list(read_conllu(path, vocab))
    assert str(err.value).partition("] ")[2].startswith(f"{path}, line {line}: found {found}")
    assert expected in str(err.value).split("; expected ")[1]


# What a column can hold
FORM = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\t\n"), min_size=1, max_size=6
).filter(lambda form: form == form.strip())
WORDS = st.lists(st.tuples(FORM, st.sampled_from(UPOS)), min_size=1, max_size=3)
TOKEN = st.tuples(WORDS, st.none() | FORM, st.booleans())


@settings(max_examples=150, deadline=None)
@given(sentences=st.lists(st.lists(TOKEN, min_size=1, max_size=5), min_size=1, max_size=3))
def test_round_trip(sentences, vocab, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / "round_trip.conllu"
    content, expected = "", []
    for number, sentence in enumerate(sentences):
        content += f"# sent_id = s{number}\n"
        text, tokens, last = "", [], 0
        for words, surface, space in sentence:
            spelled = "".join(form for form, _ in words)
            surface = spelled if len(words) == 1 else surface or spelled
            misc = "_" if space else GLUED
            if len(words) > 1:
                content += row(f"{last + 1}-{last + len(words)}", surface, misc=misc)
            for form, upos in words:
                last += 1
                content += row(last, form, upos, 0, misc if len(words) == 1 else "_")
            tokens += words if surface == spelled else [(surface, words[0][1])]
            text += surface + " " * space
        content += "\n"
        expected.append((text.removesuffix(" "), tokens, {"id": f"s{number}"}))
    path.write_bytes(content.encode("utf8"))
    docs = read_conllu(path, vocab)
    assert [(doc.text, tagged(doc), doc.user_data) for doc in docs] == expected
