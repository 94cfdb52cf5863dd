import pytest
import spacy
from spacy.tokens import Doc, Span

from spacy_dlfa.evaluation.ner import EntityTally

VOCAB = spacy.blank("xx").vocab
NONE = {"p": None, "r": None, "f": None}
FULL = {"p": 100.0, "r": 100.0, "f": 100.0}


def make(words, ents=(), spaces=None) -> Doc:
    doc = Doc(VOCAB, words=words.split() if isinstance(words, str) else words, spaces=spaces)
    doc.ents = [Span(doc, start, end, label=label) for start, end, label in ents]
    return doc


def tally(*pairs):
    result = EntityTally()
    for predicted, gold in pairs:
        result.add(predicted, gold)
    return result


def test_hand_computed_scores():
    found = tally(
        # Ada right; Berlin found as LOC where gold has ORG: a false positive and a false negative.
        (
            make("Ada saw Berlin", [(0, 1, "PER"), (2, 3, "LOC")]),
            make("Ada saw Berlin", [(0, 1, "PER"), (2, 3, "ORG")]),
        ),
        # Berlin right; Paris missed.
        (
            make("Berlin or Paris", [(0, 1, "LOC")]),
            make("Berlin or Paris", [(0, 1, "LOC"), (2, 3, "LOC")]),
        ),
    )
    assert found.metrics() == pytest.approx({"p": 200 / 3, "r": 50.0, "f": 400 / 7})
    assert found.counts == {"tp": [1, 1], "fp": [1, 0], "fn": [1, 1]}
    assert found.support == 4


def test_labels_that_gold_lacks_are_false_positives():
    predicted = make("Ada got Nobel", [(0, 1, "PER"), (2, 3, "MISC")])
    found = tally((predicted, make("Ada got Nobel", [(0, 1, "PER")])))
    assert found.metrics() == pytest.approx({"p": 50.0, "r": 100.0, "f": 200 / 3})


def test_half_an_entity_is_wrong():
    found = tally((make("New York", [(0, 1, "LOC")]), make("New York", [(0, 2, "LOC")])))
    assert found.counts == {"tp": [0], "fp": [1], "fn": [1]}


def test_no_wrong_and_no_right_answer_is_zero():
    found = tally((make("Paris"), make("Paris", [(0, 1, "LOC")])))
    assert found.metrics() == {"p": 0.0, "r": 0.0, "f": 0.0}


def test_no_gold_entity_has_no_score():
    assert tally().metrics() == NONE
    assert tally((make("Berlin", [(0, 1, "LOC")]), make("Berlin"))).metrics() == NONE


def test_empty_document():
    right = make("Berlin", [(0, 1, "LOC")])
    assert tally((make(""), make("")), (right, right)).metrics() == FULL


def test_other_tokens_same_characters():
    gold = make(["Ber", "lin", "rocks"], [(0, 2, "LOC")], spaces=[False, True, False])
    assert tally((make("Berlin rocks", [(0, 1, "LOC")]), gold)).metrics() == FULL


def test_documents_without_annotation_are_left_out():
    right = make("Ada slept", [(0, 1, "PER")])
    found = tally(
        (right, right), (make("Otto slept", [(0, 1, "PER")]), Doc(VOCAB, ["Otto", "slept"]))
    )
    assert found.counts == {"tp": [1, 0], "fp": [0, 0], "fn": [0, 0]}
    assert found.metrics() == FULL


@pytest.mark.parametrize(
    ("words", "spaces", "ents", "counts"),
    [
        ("Ada and Otto slept", None, [(0, 1, "PER"), (2, 3, "PER")], (1, 0, 0)),
        # Touches the missing token, and is no right answer either
        ("Ada and Otto slept", None, [(0, 3, "PER")], (0, 0, 1)),
        ("Ada and Otto slept", None, [(0, 1, "PER"), (3, 4, "PER")], (1, 1, 0)),
        # Other tokens
        ("Ada and Ot to slept", [True, True, False, True, False], [(2, 3, "PER")], (0, 0, 1)),
    ],
)
def test_tokens_without_annotation_are_left_out(words, spaces, ents, counts):
    gold = Doc(VOCAB, ["Ada", "and", "Otto", "slept"])
    gold.set_ents([Span(gold, 0, 1, "PER")], missing=[gold[2:3]], default="outside")
    found = tally((make(words, ents, spaces), gold))
    assert found.counts == {k: [n] for k, n in zip(("tp", "fp", "fn"), counts, strict=True)}
