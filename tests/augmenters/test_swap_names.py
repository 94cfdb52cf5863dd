from collections import Counter
from pathlib import Path
from random import Random

import pytest
import spacy
from spacy.tokens import Doc, Span

from spacy_dlfa.augmenters.names import Names, read_names
from spacy_dlfa.augmenters.swap_names import create_swap_names, swap_names

VOCAB = spacy.blank("xx").vocab
NAMES = Path(__file__).parent.parent.parent / "assets" / "names"
RUSSIAN = {"RU": {"Cyrl": {"forename": ["Анна"], "surname": ["Петрова"]}}}
CHINESE = {"CN": {"Han": {"forename": ["伟"], "surname": ["王"]}}}
ARABIC = {"EG": {"Latn": {"forename": ["Ahmed"]}}}
PLACES = {1: {"de": ["Wien"]}, 2: {"es": ["Costa Rica"]}}


def sentence(*words, ents, **annotation):
    return Doc(VOCAB, words=list(words), ents=list(ents), **annotation)


def swapped(doc, persons=RUSSIAN, places=PLACES, seed=0):
    return swap_names(doc, Names(persons, places), Random(seed))


@pytest.fixture(scope="module")
def names():
    return read_names(NAMES)


def test_persons_and_places():
    doc = sentence(
        "Mary", "F.", "Lane", "left", "New", "York", "for", "Rome", "with", "Acme", "Inc",
        ents=[
            "B-PER", "I-PER", "I-PER", "O", "B-LOC", "I-LOC", "O", "B-GPE", "O", "B-ORG", "I-ORG"
        ],
        tags=["PROPN"] * 3 + ["VERB"] + ["PROPN"] * 7,
    )  # fmt: skip
    made = swapped(doc)
    assert made.text.strip() == "Анна F. Петрова left Costa Rica for Wien with Acme Inc"
    for attribute in ("ent_iob_", "ent_type_", "tag_", "whitespace_"):
        assert [getattr(t, attribute) for t in made] == [getattr(t, attribute) for t in doc]
    assert doc[0].text == "Mary"


def test_a_name_of_one_word_is_either():
    doc = sentence("Mary", "sings", ents=["B-PERSON", "O"])
    assert {swapped(doc, seed=seed)[0].text for seed in range(20)} == {"Анна", "Петрова"}


def test_chinese_order_and_spaces():
    doc = sentence("Mary", "Lane", "sings", ents=["B-PER", "I-PER", "O"])
    made = swapped(doc, CHINESE)
    assert made.text == "王伟 sings "
    assert [(ent.text, len(ent)) for ent in made.ents] == [("王伟", 2)]
    one = swapped(sentence("Mary", "sings", ents=["B-PER", "O"]), CHINESE)
    assert one.text == "王伟 sings "


def test_a_country_without_surnames():
    doc = sentence("Mary", "Lane", ents=["B-PER", "I-PER"])
    assert swapped(doc, ARABIC).text == "Ahmed Ahmed "


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["mary", "lane"], "анна петрова"),
        (["MARY", "LANE"], "АННА ПЕТРОВА"),
        (["Mary", "Lane"], "Анна Петрова"),
    ],
)
def test_style(words, expected):
    assert swapped(sentence(*words, ents=["B-PER", "I-PER"])).text.strip() == expected


def test_georgian_has_no_capitals():
    georgian = {"GE": {"Geor": {"forename": ["ანა"], "surname": ["კაპანაძე"]}}}
    doc = sentence("MARY", "LANE", ents=["B-PER", "I-PER"])
    assert swapped(doc, georgian).text.strip() == "ანა კაპანაძე"


@pytest.mark.parametrize(("word", "expected"), [("US", "Wien"), ("U.S.", "Wien"), ("OSLO", "WIEN")])
def test_abbreviations_are_no_style(word, expected):
    assert swapped(sentence(word, ents=["B-LOC"])).text.strip() == expected


@pytest.mark.parametrize(
    ("words", "label"),
    [
        (["Isle", "of", "Man"], "LOC"),  # none of three words
        (["X", "-"], "LOC"),
        (["7"], "LOC"),
        (["@"], "PER"),
        (["J.", "R."], "PER"),
        (["Acme"], "ORG"),
    ],
)
def test_what_stays(words, label):
    doc = sentence(*words, ents=[f"B-{label}", *[f"I-{label}"] * (len(words) - 1)])
    made = swapped(doc)
    assert (made.text, [e.text for e in made.ents]) == (doc.text, [e.text for e in doc.ents])


def test_all_annotation_stays():
    doc = sentence(
        "Mary", "Lane", "sings",
        ents=["B-PER", "I-PER", "O"],
        heads=[2, 0, 2],
        deps=["nsubj", "flat", "ROOT"],
        morphs=["Number=Sing", "", ""],
    )  # fmt: skip
    doc.spans["sc"] = [Span(doc, 0, 2, "WHO")]
    doc.cats = {"music": 1.0}
    doc.user_data["id"] = "7"
    made = swapped(doc, CHINESE)
    assert [(t.head.i, t.dep_, str(t.morph)) for t in made] == [
        (t.head.i, t.dep_, str(t.morph)) for t in doc
    ]
    assert [(s.text, s.label_) for s in made.spans["sc"]] == [("王伟", "WHO")]
    assert (made.cats, made.user_data) == (doc.cats, doc.user_data)


def test_the_names_in_assets(names):
    persons = {(c, s): kinds for c, each in names.persons.items() for s, kinds in each.items()}
    assert len(names.persons) > 100
    assert {"Latn", "Cyrl", "Han", "Hang", "Arab", "Grek"} <= {script for _, script in persons}
    assert "王" in persons["CN", "Han"]["surname"]
    assert len(names.places[1]) > 90
    assert "Österreich" in names.places[1]["de"]
    every = [n for kinds in persons.values() for each in kinds.values() for n in each]
    assert len(every) > 5000
    # A name is one word, and may be a token
    assert not [name for name in every if name.split() != [name]]
    assert sum(path.stat().st_size for path in NAMES.iterdir()) < 2_000_000


def test_many_countries(names):
    doc = sentence("Mary", "saw", "Rome", ents=["B-PER", "O", "B-LOC"])
    made = [swap_names(doc, names, Random(seed)) for seed in range(200)]
    assert len({doc[0].text for doc in made}) > 150
    assert len({doc[2].text for doc in made}) > 150
    assert Counter(doc[1].text for doc in made) == {"saw": 200}
    again = [swap_names(doc, names, Random(seed)) for seed in range(200)]
    assert [doc.text for doc in again] == [doc.text for doc in made]


@pytest.mark.parametrize(
    ("persons", "message"),
    [
        (None, "persons.tsv: there is no such file; expected names in country, script, kind, name"),
        ("", "persons.tsv, line 1: found ''; expected the header country script kind name"),
        ("country\tname\nRU\tAnna", "line 1: found 'country"),
        ("country\tscript\tkind\tname\n", "line 1: found .* rows below it"),
        ("country\tscript\tkind\tname\nRU\tCyrl\tforename", "line 2: found 3 column"),
        ("country\tscript\tkind\tname\nRU\tCyrl\tforename\t ", "line 2: found 4 .* none of them"),
        ("country\tscript\tkind\tname\nRU\tCyrl\tname\tX", "line 2: found kind 'name'; expected"),
        (b"\xff", "persons.tsv: found a byte that isn't UTF-8"),
    ],
)
def test_names_that_can_not_be_read(persons, message, tmp_path):
    if persons is not None:
        data = persons if isinstance(persons, bytes) else persons.encode()
        (tmp_path / "persons.tsv").write_bytes(data)
    with pytest.raises(ValueError, match=message) as error:
        read_names(tmp_path)
    assert str(error.value).partition("] ")[2].startswith(str(tmp_path))


def test_wrong_share():
    with pytest.raises(ValueError, match="SwapNames: level = 2, expected a share"):
        create_swap_names(2, NAMES)
