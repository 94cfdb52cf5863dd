import pytest
import spacy
from spacy.tokens import Doc

from spacy_dlfa.evaluation.tagger import TagTally

VOCAB = spacy.blank("xx").vocab


def make(tags: str, words=None, spaces=None) -> Doc:
    tags = ["" if tag == "-" else tag for tag in tags.split()]
    return Doc(VOCAB, words=words or ["w"] * len(tags), spaces=spaces, tags=tags)


def tally(*pairs):
    result = TagTally()
    for predicted, gold in pairs:
        result.add(make(predicted), make(gold))
    return result


def test_hand_computed_scores():
    found = tally(
        # Chunks D N(2) V in gold, D(2) N V in the prediction: only V is right.
        ("DET DET NOUN VERB", "DET NOUN NOUN VERB"),
        ("PRON VERB", "PRON VERB"),
    )
    assert found.counts == {"correct": [3, 2], "total": [4, 2]}
    assert found.support == 6
    # tp 1 + 2, fp 2, fn 2
    assert found.metrics() == pytest.approx({"accuracy": 500 / 6, "seqeval_f1": 60.0})


@pytest.mark.parametrize(
    ("predicted", "gold", "expected"),
    # By seqeval 0.0.12: `f1_score([gold], [predicted])`
    [
        ("NOUN NOUN", "NOUN NOUN", 100),
        ("NOUN NOUN NOUN", "NOUN NOUN VERB", 0),
        ("NOUN VERB", "NOUN NOUN", 0),
        # Two chunks of one: SCONJ and SYM don't merge.
        ("SCONJ NOUN", "SCONJ SCONJ", 50),
        ("SYM SYM X", "SYM SYM SYM", 200 * 2 / 6),
        ("INTJ INTJ X", "INTJ INTJ INTJ", 0),
    ],
)
def test_f1_over_runs_of_equal_tags(predicted, gold, expected):
    assert tally((predicted, gold)).metrics()["seqeval_f1"] == pytest.approx(expected)


def test_runs_end_with_the_sentence():
    found = tally(("NOUN", "NOUN"), ("VERB NOUN", "NOUN NOUN"))
    # Gold has two chunks; across the border it would be one.
    assert found.metrics()["seqeval_f1"] == pytest.approx(200 * 1 / (2 + 2 + 1))


def test_tokens_without_a_gold_tag_are_left_out():
    found = tally(("NOUN VERB", "NOUN -"))
    assert found.counts == {"correct": [1], "total": [1]}


@pytest.mark.parametrize(
    ("predicted", "gold", "correct", "f1"),
    [
        ("NOUN CCONJ NOUN", "NOUN - NOUN", 2, 100),
        ("NOUN NOUN NOUN", "NOUN - NOUN", 2, 100),
        ("NOUN - NOUN", "NOUN - NOUN", 2, 100),
        ("CCONJ NOUN NOUN", "- NOUN NOUN", 2, 100),
        ("NOUN NOUN CCONJ", "NOUN NOUN -", 2, 100),
        # Two chunks in gold, one of them right
        ("NOUN CCONJ VERB", "NOUN - NOUN", 1, 50),
        # A token that has no tag is no part of a chunk
        ("NOUN - NOUN", "NOUN NOUN NOUN", 2, 0),
    ],
)
def test_tokens_without_a_gold_tag_are_in_no_run(predicted, gold, correct, f1):
    found = tally((predicted, gold))
    assert found.counts["correct"] == [correct]
    assert found.metrics()["seqeval_f1"] == pytest.approx(f1)


def test_tokens_without_a_gold_tag_on_other_tokens():
    gold = make("NOUN - NOUN", ["Ber", "+lin", "rocks"], [False, True, False])
    result = TagTally()
    result.add(
        make("NOUN X Y NOUN", ["Ber", "+", "lin", "rocks"], [False, False, True, False]), gold
    )
    assert result.metrics() == {"accuracy": 100, "seqeval_f1": 100}
    # A token that is partly of a tagged one is wrong
    result.add(make("NOUN NOUN", ["Ber+lin", "rocks"]), gold)
    assert result.counts == {"correct": [2, 1], "total": [2, 2]}
    assert result.metrics()["seqeval_f1"] == pytest.approx(200 * 3 / (4 + 4))


def test_no_gold_tag_has_no_score():
    none = {"accuracy": None, "seqeval_f1": None}
    assert tally().metrics() == none
    assert tally(("NOUN", "-"), ("", "")).metrics() == none


def test_tags_that_gold_lacks_are_wrong():
    assert tally(("FOO NOUN", "DET NOUN")).metrics()["accuracy"] == 50


def test_on_other_tokens_a_gold_token_needs_its_characters_and_tag():
    gold = make("NOUN VERB ADV", ["Ber", "lin", "rocks"], [False, True, False])
    result = TagTally()
    result.add(make("NOUN ADV", ["Berlin", "rocks"]), gold)
    assert result.counts == {"correct": [1], "total": [3]}
    assert result.metrics()["accuracy"] == pytest.approx(100 / 3)


def test_runs_compare_by_characters():
    gold = make("NOUN NOUN ADV", ["Ber", "lin", "rocks"], [False, True, False])
    result = TagTally()
    result.add(make("NOUN ADV", ["Berlin", "rocks"]), gold)
    assert result.metrics() == pytest.approx({"accuracy": 100 / 3, "seqeval_f1": 100.0})
