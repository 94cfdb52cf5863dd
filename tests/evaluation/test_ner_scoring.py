import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc, Span

from spacy_dlfa.evaluation.ner import bare, score_entities


@pytest.fixture
def nlp() -> Language:
    nlp = spacy.blank("xx")
    ruler = nlp.add_pipe("entity_ruler")
    ruler.add_patterns(
        [
            {"label": "LOC", "pattern": "Berlin"},
            {"label": "PER", "pattern": "Ada"},
            {"label": "MISC", "pattern": "Nobel"},
        ]
    )
    return nlp


def gold(nlp, words, ents=(), spaces=None) -> Doc:
    doc = Doc(nlp.vocab, words=words, spaces=spaces)
    doc.ents = [Span(doc, start, end, label=label) for start, end, label in ents]
    return doc


def test_hand_computed_scores(nlp):
    docs = [
        # Ada right; Berlin found as LOC where gold has ORG: a false positive and a false negative.
        gold(nlp, ["Ada", "saw", "Berlin"], [(0, 1, "PER"), (2, 3, "ORG")]),
        # Berlin right; Paris missed.
        gold(nlp, ["Berlin", "or", "Paris"], [(0, 1, "LOC"), (2, 3, "LOC")]),
    ]
    # tp 2, fp 1, fn 2
    expected = pytest.approx((100 * 2 / 3, 50.0, 100 * 4 / 7))
    assert score_entities(nlp, docs, raw_text=False) == expected
    assert score_entities(nlp, docs, raw_text=True) == expected


def test_micro_average_over_documents(nlp):
    docs = [gold(nlp, ["Berlin"], [(0, 1, "LOC")]), gold(nlp, ["Rome", "x"], [(0, 1, "LOC")])]
    assert score_entities(nlp, docs, raw_text=False) == pytest.approx((100.0, 50.0, 200 / 3))


def test_labels_that_gold_lacks_are_false_positives(nlp):
    docs = [gold(nlp, ["Ada", "got", "Nobel"], [(0, 1, "PER")])]
    assert score_entities(nlp, docs, raw_text=False) == pytest.approx((50.0, 100.0, 200 / 3))


def test_no_wrong_and_no_right_answer_is_zero(nlp):
    docs = [gold(nlp, ["Paris"], [(0, 1, "LOC")])]
    assert score_entities(nlp, docs, raw_text=False) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize("raw_text", [False, True])
def test_no_gold_entity_has_no_score(nlp, raw_text):
    docs = [gold(nlp, ["nobody"]), gold(nlp, ["Berlin"])]
    assert score_entities(nlp, docs, raw_text=raw_text) == (None, None, None)


@pytest.mark.parametrize("raw_text", [False, True])
def test_no_document_and_empty_document(nlp, raw_text):
    assert score_entities(nlp, [], raw_text=raw_text) == (None, None, None)
    docs = [gold(nlp, []), gold(nlp, ["Berlin"], [(0, 1, "LOC")])]
    assert score_entities(nlp, docs, raw_text=raw_text) == pytest.approx((100.0,) * 3)


def test_other_tokens_same_characters(nlp):
    # Gold splits where the pipeline does not; its tokens never match, its characters do.
    doc = gold(nlp, ["Ber", "lin", "rocks"], [(0, 2, "LOC")], spaces=[False, True, False])
    assert doc.text == "Berlin rocks"
    assert score_entities(nlp, [doc], raw_text=True) == pytest.approx((100.0,) * 3)
    assert score_entities(nlp, [doc], raw_text=False) == (0.0, 0.0, 0.0)


def test_characters_count_without_spaces(nlp):
    doc = gold(nlp, ["(", "Berlin", ")"], [(1, 2, "LOC")], spaces=[False, False, False])
    assert score_entities(nlp, [doc], raw_text=False) == pytest.approx((100.0,) * 3)
    assert score_entities(nlp, [doc], raw_text=True) == pytest.approx((100.0,) * 3)


@pytest.mark.parametrize("raw_text", [False, True])
def test_gold_never_reaches_the_pipeline(raw_text):
    nlp = spacy.blank("xx")
    doc = gold(nlp, ["Ada", "sleeps"], [(0, 1, "PER")])
    doc[0].tag_ = doc[0].lemma_ = doc[0].pos_ = "NOUN"
    doc[0].ent_id_ = doc[0].ent_kb_id_ = "Q7259"
    doc.user_data["leak"] = True
    doc.spans["gold"] = [doc[0:1]]
    doc[0].is_sent_start = True
    # With no component at all, whatever comes out was put in.
    score = score_entities(nlp, [doc], raw_text=raw_text)
    assert score == (0.0, 0.0, 0.0)
    seen = bare(nlp, doc)
    assert [(t.text, t.whitespace_) for t in seen] == [(t.text, t.whitespace_) for t in doc]
    for name in ("TAG", "LEMMA", "POS", "ENT_IOB", "SENT_START"):
        assert not seen.has_annotation(name), name
    assert not seen.ents
    assert not seen.spans
    assert not seen.user_data
    # The gold document is as it was.
    assert [(ent.text, ent.label_) for ent in doc.ents] == [("Ada", "PER")]
