"""Texts that hurt; the numbers are those of docs/reliability.md."""

import numpy
import pytest
import spacy
from spacy.tokens import Doc

from spacy_dlfa.pairs import make_pair
from spacy_dlfa.text.windows import MAX_TOKEN_PIECES
from tests.reliability.pipelines import assert_same, examples, ours, vectors
from tests.reliability.texts import CONTROLS, EMOJI, TEXTS

# A batch that only succeeds one by one would hide a fault.
pytestmark = pytest.mark.filterwarnings("error:.*failed together")
SENTENCE = "Anna lives in Oslo ."


def check(nlp, doc):
    """All of the document came through, with a defined vector for each token."""
    found = vectors(nlp, doc)
    assert found.shape == (len(doc), found.shape[1])
    assert numpy.isfinite(found).all()
    assert not [entity for entity in doc.ents if not entity.text.strip()]


def pieces(doc):
    """Number of wordpieces of each token."""
    return doc._.trf_data.align.lengths.tolist()


@pytest.mark.parametrize(("fault", "name", "text"), TEXTS, ids=[name for _, name, _ in TEXTS])
def test_text_alone_and_among_others(trained, fault, name, text):
    """Faults 1, 3 to 5, 9 to 11, 13 to 18, 20: no error, no change of the text or of others."""
    doc = trained(text)
    assert doc.text == text
    check(trained, doc)
    assert_same(trained, [doc], list(trained.pipe([text])))
    before, middle, after = trained.pipe([SENTENCE, text, "Berlin is big"])
    assert_same(
        trained, [before, middle, after], [trained(SENTENCE), doc, trained("Berlin is big")]
    )


def test_no_tokens(trained):
    """Fault 1: an empty text has no tokens and no entities."""
    doc = trained("")
    assert (len(doc), doc.ents, vectors(trained, doc).shape[0]) == (0, (), 0)


@pytest.mark.parametrize("texts", [[""], ["", "", ""]])
def test_only_empty_documents_are_not_encoded(trained, monkeypatch, texts):
    """Fault 2: the encoder does not run on nothing."""
    shim = trained.get_pipe("transformer").model.shim
    monkeypatch.setattr(shim, "predict", lambda *args: pytest.fail("The encoder ran"))
    assert [doc.text for doc in trained.pipe(texts)] == texts


def test_empty_documents_between_others(trained):
    """Fault 3: the others are the same, bit by bit."""
    full = [SENTENCE, "Berlin is big", "She works for Acme"]
    without = list(trained.pipe(full))
    among = [doc for doc in trained.pipe(["", full[0], "", full[1], "", full[2], ""]) if len(doc)]
    for doc, other in zip(among, without, strict=True):
        numpy.testing.assert_array_equal(vectors(trained, doc), vectors(trained, other))


@pytest.mark.parametrize("text", [" ", "\n", "\t \r\n", "\u3000\u2003"])
def test_white_space_keeps_its_tokens(trained, text):
    """Fault 4: white space is a token without an entity, and has the vector of nothing."""
    doc = trained(text)
    assert doc.text == text
    assert not doc.ents
    assert not vectors(trained, doc).any()


def test_white_space_between_words_changes_no_word(trained):
    """Fault 5: words have the vectors of the text with single spaces."""
    spaced, single = trained("Anna \n lives \t\t in   Oslo ."), trained(SENTENCE)
    words = [token.i for token in spaced if not token.is_space]
    assert len(spaced) > len(single)
    numpy.testing.assert_allclose(
        vectors(trained, spaced)[words], vectors(trained, single), atol=1e-5
    )


@pytest.mark.parametrize("size", [2_000, 1_000_000])
def test_one_long_token(trained, size):
    """Fault 6: its first wordpieces are read, and a warning says which token lost some."""
    with pytest.warns(UserWarning, match=f"Token 1, '!!!.* has {size} wordpieces"):
        doc = trained(Doc(trained.vocab, words=["Anna", "!" * size, "Oslo"]))
    first, middle, last = pieces(doc)
    assert (first, last) == (4, 4)
    assert middle == MAX_TOKEN_PIECES
    check(trained, doc)


def test_longer_than_max_length(trained):
    """Fault 7: spaCy's own limit holds."""
    with pytest.raises(ValueError, match="E088"):
        trained("a" * (trained.max_length + 1))


@pytest.mark.slow
def test_a_long_document(trained):
    """Fault 8: 200,000 words, each with its wordpieces and annotated to the end."""
    doc = trained(Doc(trained.vocab, words=SENTENCE.split() * 40_000))
    check(trained, doc)
    assert all(pieces(doc))
    assert vectors(trained, doc)[-100:].any(axis=1).all()
    assert all(token.ent_iob and token.tag_ for token in doc)


@pytest.mark.parametrize("name", ["Chinese", "Japanese", "Thai"])
def test_every_character_is_read(trained, name):
    """Fault 10: each token of a text without spaces has wordpieces."""
    (text,) = [text for _, other, text in TEXTS if other == name]
    assert all(pieces(trained(text)))


@pytest.mark.parametrize("char", CONTROLS, ids=lambda char: f"U+{ord(char):04X}")
def test_control_characters(trained, char):
    """Fault 11: alone, as a token and in a word."""
    for doc in (trained(char), trained(f"Anna{char}lives {char} in Oslo")):
        check(trained, doc)


@pytest.mark.parametrize("text", ["\ud800", "Anna \udfff lives"])
def test_lone_surrogates(text):
    """Fault 12: an error that says where, from the tokenizer."""
    config = {"nlp": {"tokenizer": {"@tokenizers": "spacy_dlfa.MultilingualTokenizer.v1"}}}
    nlp = spacy.blank("xx", config=config)
    with pytest.raises(ValueError, match=f"position {text.index(min(text, key=str.isascii))}"):
        nlp(text)


def test_characters_of_other_planes(trained):
    """Fault 13: offsets count characters, not UTF-16 units or bytes."""
    doc = trained(f"{EMOJI} Anna")
    assert pieces(doc)[-1] == 4
    assert doc.text[doc[-1].idx :] == "Anna"


def test_compositions(trained):
    """Fault 14: a word and its decomposition have one token, and every one has wordpieces."""
    (nfc,), (nfd,) = ([t for _, name, t in TEXTS if name == form] for form in ("NFC", "NFD"))
    composed, decomposed = trained(nfc), trained(nfd)
    assert len(composed) == len(decomposed)
    assert all(pieces(composed) + pieces(decomposed))


def test_direction(trained):
    """Fault 15: words stand where they are in memory, whatever the direction."""
    doc = trained("Anna lives in \u202e. \u202c Oslo")
    words = {token.text: number for token, number in zip(doc, pieces(doc), strict=True)}
    assert [words[word] for word in ("Anna", "lives", "in", "Oslo")] == [4, 5, 2, 4]


@pytest.mark.parametrize("before", ["İİİ", "ıßΣ", "ŉǰΐ", "ﬁﬂ"])
def test_letters_that_grow(trained, before):
    """Fault 16: what stands behind them keeps its place."""
    doc = trained(f"{before} Anna lives")
    assert pieces(doc)[-2:] == [4, 5]


@pytest.mark.parametrize("special", ["[CLS]", "[SEP]", "[MASK]", "[PAD]", "[UNK]"])
def test_special_tokens_are_text(trained, special):
    """Fault 17: the characters of a special token are read, not obeyed."""
    doc = trained(Doc(trained.vocab, words=["Anna", special, "Oslo"]))
    assert pieces(doc) == [4, len(special), 4]


def test_the_separator_of_a_pair_is_not_text(bert):
    """Fault 17: the one exception, for a pipeline that asks for it."""
    nlp = ours(bert, separator="[SEP]")
    nlp.initialize(lambda: examples(nlp))
    doc = nlp.get_pipe("transformer")(make_pair(nlp, "Anna [SEP] lives", "in Oslo"))
    assert [token.text for token in doc if token.text == "[SEP]"] == ["[SEP]"]
    assert pieces(doc)[-3:] == [1, 2, 4]


@pytest.mark.parametrize("value", [None, 5, 1.5, ["Anna"], b"Anna", object()])
def test_what_is_no_text(trained, value):
    """Fault 19: spaCy's own error."""
    with pytest.raises(Exception) as expected:  # noqa: PT011
        spacy.blank("xx")(value)
    with pytest.raises(expected.type) as found:
        trained(value)
    assert str(found.value) == str(expected.value)


@pytest.mark.parametrize(
    ("words", "spaces"),
    [
        ([" ", "\n", "Anna"], None),
        (["\u200b", "Anna", "\u00ad"], None),
        (["do", "n't", "stop", "!"], [False, True, False, False]),
        (["New York", "is", " big  city "], [True, True, False]),
    ],
)
def test_tokens_made_by_hand(trained, words, spaces):
    """Fault 22: tokens of white space, of what nobody sees, of two words, without spaces."""
    doc = trained(Doc(trained.vocab, words=words, spaces=spaces))
    check(trained, doc)
    for token, number in zip(doc, pieces(doc), strict=True):
        assert bool(number) == bool(token.text.strip())


def test_tokens_of_no_character(trained):
    """Fault 21: spaCy's own error."""
    with pytest.raises(ValueError, match="E031"):
        trained(Doc(trained.vocab, words=["Anna", ""]))
