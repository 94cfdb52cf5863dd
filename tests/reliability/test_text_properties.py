"""Any text and any tokens, found by hypothesis."""

import numpy
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from spacy.tokens import Doc

from tests.reliability.pipelines import assert_same, labels, vectors

# A batch that only succeeds one by one would hide a fault.
pytestmark = pytest.mark.filterwarnings("error:.*failed together")
SETTINGS = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

# All of Unicode that a str of spaCy can hold, and more often what is near to trouble
NASTY = ["[SEP]", "[CLS]", "##a", "\u200d", "\ufeff", "\u202e", "\x00", " ", "\n", "ﷺ", "👨‍👩‍👧"]
CHARS = st.characters(exclude_categories=["Cs"])
TEXTS = st.lists(st.one_of(st.sampled_from(NASTY), st.text(CHARS, max_size=30)), max_size=8).map(
    "".join
)
WORDS = st.one_of(st.sampled_from([each for each in NASTY if each]), st.text(CHARS, min_size=1))
TOKENS = st.lists(st.tuples(WORDS, st.booleans()), max_size=20)


def check(nlp, doc):
    found = vectors(nlp, doc)
    assert found.shape[0] == len(doc)
    assert numpy.isfinite(found).all()


@SETTINGS
@given(texts=st.lists(TEXTS, max_size=6))
def test_any_texts(trained, texts):
    """As many documents come out as go in, with their texts, as if each had been alone."""
    docs = list(trained.pipe(texts, batch_size=4))
    assert [doc.text for doc in docs] == texts
    for doc in docs:
        check(trained, doc)
    assert_same(trained, docs, [trained(text) for text in texts])


@SETTINGS
@given(texts=st.lists(TEXTS, min_size=2, max_size=5), data=st.data())
def test_any_order(trained, texts, data):
    """The order of documents changes nothing."""
    order = data.draw(st.permutations(range(len(texts))))
    docs = list(trained.pipe(texts))
    shuffled = list(trained.pipe([texts[i] for i in order]))
    assert_same(trained, shuffled, [docs[i] for i in order])


@SETTINGS
@given(documents=st.lists(TOKENS, max_size=4))
def test_any_tokens(trained, documents):
    """Tokens from elsewhere: of white space, with spaces inside, without spaces between."""

    def make(tokens):
        words, spaces = [word for word, _ in tokens], [space for _, space in tokens]
        return Doc(trained.vocab, words=words, spaces=spaces)

    texts = [make(tokens).text for tokens in documents]
    docs = list(trained.pipe(map(make, documents)))
    assert [doc.text for doc in docs] == texts
    for doc, tokens in zip(docs, documents, strict=True):
        assert [token.text for token in doc] == [word for word, _ in tokens]
        check(trained, doc)
        assert labels(doc) == labels(trained(make(tokens)))
