import unicodedata
from random import Random

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.tokens import Doc, Span

from spacy_dlfa.augmenters.kinds import KINDS, check_kinds, damage
from spacy_dlfa.augmenters.letters import elongation, homoglyphs, strip_diacritics, typos
from spacy_dlfa.pairs import make_pair, split_pair

VOCAB = spacy.blank("xx").vocab
#: Kinds whose words are the tokens, one for one
SAME_WORDS = ("typos", "casing", "diacritics", "homoglyphs", "elongation")


def sentence():
    doc = Doc(
        VOCAB,
        words=["In", "São", "Paulo", ",", "José", "\"", "Pelé", "\"", "won", "3,000", "games", "."],
        spaces=[True, True, False, True, True, False, False, True, True, True, False, False],
        tags=["ADP", "PROPN", "PROPN", "PUNCT", "PROPN", "PUNCT", "PROPN", "PUNCT", "VERB", "NUM",
              "NOUN", "PUNCT"],
        ents=["O", "B-LOC", "I-LOC", "O", "B-PER", "I-PER", "I-PER", "O", "O", "O", "O", "O"],
        sent_starts=[True] + [False] * 11,
        user_data={"id": "7"},
    )  # fmt: skip
    doc.cats = {"sports": 1.0, "travel": 0.0}
    return doc


def damaged(doc, kind, amount=1.0, seed=0):
    return damage(doc, kind, amount, Random(seed))


def ents(doc):
    return [(ent.text, ent.label_) for ent in doc.ents]


EXPECTED = {
    "casing": (
        'IN SÃO PAULO, JOSÉ "PELÉ" WON 3,000 GAMES.',
        [("SÃO PAULO", "LOC"), ('JOSÉ "PELÉ', "PER")],
    ),
    "diacritics": (
        'In Sao Paulo, Jose "Pele" won 3,000 games.',
        [("Sao Paulo", "LOC"), ('Jose "Pele', "PER")],
    ),
    "punctuation": (
        "In São Paulo José Pelé won 3,000 games",
        [("São Paulo", "LOC"), ("José Pelé", "PER")],
    ),
}


@pytest.mark.parametrize("kind", EXPECTED)
def test_text_and_entities(kind):
    made = {d.text: ents(d) for d in (damaged(sentence(), kind, seed=i) for i in range(20))}
    text, entities = EXPECTED[kind]
    assert made[text] == entities
    # Nothing is drawn but the case
    assert {*made} == ({text, text.lower()} if kind == "casing" else {text})


@pytest.mark.parametrize("kind", KINDS)
def test_ids_of_entities_and_spans_are_kept(kind):
    doc = sentence()
    doc.ents = [Span(doc, 1, 3, "LOC", kb_id="Q174", span_id="a"), Span(doc, 4, 7, "PER")]
    doc.spans["sc"] = [Span(doc, 0, 3, "PLACE", kb_id="Q1", span_id="b"), Span(doc, 4, 5, "NAME")]
    doc.spans["sc"].attrs["source"] = "hand"
    made = damaged(doc, kind)
    assert [(e.label_, e.kb_id_, e.ent_id_) for e in made.ents] == [
        ("LOC", "Q174", "a"),
        ("PER", "", ""),
    ]
    if kind in SAME_WORDS:
        group = made.spans["sc"]
        assert [(s.start, s.end, s.label_, s.kb_id_, s.id_) for s in group] == [
            (0, 3, "PLACE", "Q1", "b"),
            (4, 5, "NAME", "", ""),
        ]
        assert group.attrs == {"source": "hand"}
        assert not any(span.has_vector for span in group)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_kept(kind):
    doc = sentence()
    made = damaged(doc, kind)
    assert made.text != doc.text
    assert [ent.label_ for ent in made.ents] == ["LOC", "PER"]
    assert (made.cats, made.user_data) == (doc.cats, doc.user_data)
    kept = [t.tag_ for t in doc if kind != "punctuation" or t.tag_ != "PUNCT"]
    assert [t.tag_ for t in made if not t.is_space] == kept
    assert [t.i for t in made if t.is_sent_start] == [0]
    # The one that came in stays as it was
    assert doc.text == sentence().text


@pytest.mark.parametrize("kind", KINDS)
def test_one_seed_one_text(kind):
    made = [damaged(sentence(), kind, 0.5, seed).to_bytes() for seed in (3, 3)]
    assert made[0] == made[1]


@pytest.mark.parametrize("kind", ["typos", "spaces", "homoglyphs", "elongation"])
def test_another_seed_another_text(kind):
    assert len({damaged(sentence(), kind, 0.5, seed).text for seed in range(20)}) > 5


@pytest.mark.parametrize(("amount", "number"), [(0.0, 0), (0.01, 1), (0.5, 4), (1.0, 7)])
def test_amount(amount, number):
    doc, made = sentence(), damaged(sentence(), "elongation", amount)
    # All seven words of two letters or more
    assert sum(a.text != b.text for a, b in zip(doc, made)) == number


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("words", [[], ["…"], ["1984", "=", "2"], [" "], ["\n", "."]])
def test_nothing_to_damage(kind, words):
    doc = Doc(VOCAB, words=words, spaces=[False] * len(words))
    made = damaged(doc, kind)
    expected = "1984=2" if words[:1] == ["1984"] else doc.text
    assert made.text == expected


@pytest.mark.parametrize("kind", KINDS)
def test_the_separator_of_a_pair_stays(kind):
    nlp = spacy.blank("xx")
    nlp.tokenizer.add_special_case("[SEP]", [{"ORTH": "[SEP]"}])
    for seed in range(5):
        made = damaged(make_pair(nlp, "Él vino, tarde.", "?!"), kind, seed=seed)
        first, second = split_pair(made)
        assert first != "Él vino, tarde."
        # Nothing but punctuation is left to it
        assert second == "?!"
        assert " [SEP] " in made.text


def test_missing_annotation_stays_missing():
    doc = Doc(VOCAB, words=["Anna", ",", "hi"])
    for kind in KINDS:
        made = damaged(doc, kind)
        for attribute in ("TAG", "ENT_IOB", "SENT_START", "LEMMA", "DEP"):
            assert not made.has_annotation(attribute), (kind, attribute)


def test_an_entity_whose_first_token_goes():
    doc = Doc(
        VOCAB,
        words=["«", "Die", "Zeit", "»", "(", "Berlin", ")"],
        ents=["B-ORG", "I-ORG", "I-ORG", "I-ORG", "O", "B-LOC", "B-LOC"],
        sent_starts=[True, False, False, False, True, False, False],
    )
    made = damaged(doc, "punctuation")
    assert ents(made) == [("Die Zeit", "ORG"), ("Berlin", "LOC")]
    assert [t.i for t in made if t.is_sent_start] == [0, 2]


def test_spaces_are_doubled_or_dropped():
    doc = Doc(
        VOCAB,
        words=["Anna", "Maria", "Lee", "sings"],
        ents=["B-PER", "I-PER", "B-PER", "O"],
        tags=["N"] * 4,
        sent_starts=[True, False, False, False],
    )
    texts = {damaged(doc, "spaces", seed=seed).text for seed in range(99)}
    gaps = ("", "  ")
    # The last space has no word behind it
    assert texts == {f"Anna{a}Maria{b}Lee{c}sings " for a in gaps for b in gaps for c in gaps}
    for seed in range(30):
        made = damaged(doc, "spaces", seed=seed)
        assert [ent.text.split() for ent in made.ents if " " in ent.text] in (
            [["Anna", "Maria"]],
            [],
        )
        assert [t.text for ent in made.ents for t in ent if not t.is_space] == [
            "Anna",
            "Maria",
            "Lee",
        ]
        assert len(made.ents) == 2
        # What spaCy itself makes of white space
        spaces = [t for t in made if t.is_space]
        assert not any(t.tag_ for t in spaces)
        assert all(t.ent_iob_ == ("I" if t.i == 1 else "O") for t in spaces)


def test_annotation_of_words_that_stay():
    doc = Doc(
        VOCAB,
        words=["Anna", "sings", "loudly"],
        lemmas=["Anna", "sing", "loudly"],
        morphs=["Number=Sing", "", ""],
        heads=[1, 1, 1],
        deps=["nsubj", "ROOT", "advmod"],
        ents=["B-PER", "O", "O"],
    )
    doc.spans["sc"] = [Span(doc, 0, 2, "CLAUSE")]
    for kind in SAME_WORDS:
        made = damaged(doc, kind)
        assert [t.lemma_ for t in made] == [t.lemma_ for t in doc]
        assert [str(t.morph) for t in made] == ["Number=Sing", "", ""]
        assert [(t.head.i, t.dep_) for t in made] == [(t.head.i, t.dep_) for t in doc]
        assert [(s.start, s.end, s.label_) for s in made.spans["sc"]] == [(0, 2, "CLAUSE")]


ANY_WORD = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8)


@st.composite
def docs(draw):
    words = draw(st.lists(ANY_WORD, max_size=8))
    spaces = [draw(st.booleans()) for _ in words]
    doc = Doc(VOCAB, words=words, spaces=spaces, tags=[f"T{i}" for i in range(len(words))])
    cuts = sorted(draw(st.sets(st.integers(0, len(words)), max_size=6)))
    doc.ents = [
        Span(doc, start, end, label=f"E{start}")
        for start, end in zip(cuts[::2], cuts[1::2])
        # As spaCy's own: no entity begins or ends with white space
        if not doc[start].is_space and not doc[end - 1].is_space
    ]
    return doc


@settings(max_examples=150, deadline=None)
@given(docs(), st.sampled_from(sorted(KINDS)), st.floats(0, 1), st.integers(0, 99))
def test_any_text_stays_aligned(doc, kind, amount, seed):
    made = damaged(doc, kind, amount, seed)
    owners = {t.tag_: t for t in doc}
    for token in made:
        if token.tag_:
            # In the entity of its own word
            assert token.ent_type_ == owners[token.tag_].ent_type_
        else:
            assert token.text == " "
    tags = [t.tag_ for t in made if t.tag_]
    assert tags == [t.tag_ for t in doc if t.tag_ in tags]
    if kind != "punctuation":
        assert len(tags) == len(doc)
    assert [e.label_ for e in made.ents] == [
        e.label_ for e in doc.ents if any(t.tag_ in tags for t in e)
    ]
    assert bool(doc.text.strip()) == bool(made.text.strip())
    assert damaged(doc, kind, amount, seed).text == made.text


@settings(deadline=None)
@given(st.text(min_size=1, max_size=8))
def test_typos_change_a_word_and_leave_some_of_it(word):
    for outcome in (o for way in typos(word) for o in way):
        assert outcome
        assert abs(len(outcome) - len(word)) <= len(word)
    assert bool([o for way in typos(word) for o in way]) == any(map(str.isalpha, word))


def test_typos_by_way():
    key, swapped, dropped, doubled = typos("Ab")
    assert {"Sb", "Qb", "Zb"} <= {*key}
    assert {"An", "Av"} <= {*key}
    assert "Lb" not in key
    assert (swapped, dropped, doubled) == (["bA"], ["b", "A"], ["AAb", "Abb"])


@pytest.mark.parametrize(
    ("word", "slip"), [("мир", "иир"), ("θεός", "ηεός"), ("שלום", "דלום"), ("سلام", "يلام")]
)
def test_keyboards(word, slip):
    assert slip in typos(word)[0]


@pytest.mark.parametrize("word", ["नमस्ते", "ที่นี่", "한국", "日本", "e\u0301te\u0301"])
def test_marks_stay_with_their_letter(word):
    for outcome in (o for way in typos(word)[1:] for o in way):
        assert unicodedata.category(outcome[0])[0] == "L"
        assert sorted(set(outcome)) == sorted(set(outcome) & set(word))


@pytest.mark.parametrize(
    ("word", "bare"),
    [
        ("Łódź", "Lodz"), ("Tromsø", "Tromso"), ("Việt", "Viet"), ("çağ", "cag"), ("ёлка", "елка"),
        ("άλφα", "αλφα"), ("e\u0301", "e"), ("مُحَمَّد", "محمد"), ("שָׁלוֹם", "שלום"),
        # Letters of their script
        ("が", "が"), ("हिन्दी", "हिन्दी"), ("ที่", "ที่"), ("한국", "한국"), ("straße", "straße"),
        # Nothing else would be left
        ("\u0301", "\u0301"),
    ],
)  # fmt: skip
def test_diacritics(word, bare):
    assert strip_diacritics(word) == bare


def test_homoglyphs_look_the_same_and_are_not():
    assert homoglyphs("pan") == [["рan", "pаn"]]
    assert {"Mocквa", "Мoсква"} & {*homoglyphs("Москва")[0]}
    assert homoglyphs("日本") == [[]]
    for outcome in homoglyphs("Boston")[0]:
        assert outcome != "Boston"
        assert len(outcome) == 6


def test_elongation():
    assert elongation("so!") == [["sooo!", "soooo!", "sooooo!"]]
    assert elongation("I") == []


def test_georgian_has_no_capitals():
    doc = Doc(VOCAB, words=["თბილისი", "Rustavi"], spaces=[True, False])
    texts = {damaged(doc, "casing", seed=seed).text for seed in range(20)}
    assert texts == {"თბილისი rustavi", "თბილისი RUSTAVI"}


@pytest.mark.parametrize(("kinds", "found"), [(["typo", "casing"], "'typo'"), ([], "none")])
def test_unknown_kind(kinds, found):
    with pytest.raises(ValueError, match=f"found {found}; choose from typos, casing, diacritics"):
        check_kinds(kinds)
