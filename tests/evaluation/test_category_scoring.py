import pytest
import spacy
from spacy.tokens import Doc

from spacy_dlfa.evaluation.textcat import CategoryTally

VOCAB = spacy.blank("xx").vocab


def make(**cats: float) -> Doc:
    doc = Doc(VOCAB, words=["word"])
    doc.cats = cats
    return doc


def tally(*pairs):
    result = CategoryTally()
    for predicted, gold in pairs:
        result.add(make(**{predicted: 0.4, "other": 0.3}), make(**{gold: 1.0, "other": 0.0}))
    return result


def test_hand_computed_scores():
    found = tally(("a", "a"), ("a", "a"), ("a", "b"), ("b", "b"), ("c", "a"))
    assert found.counts == {"correct": [1, 1, 0, 1, 0], "total": [1] * 5}
    assert found.support == 5
    # F1 of a: tp 2, fp 1, fn 1; of b: tp 1, fp 0, fn 1; of c, which gold lacks: 0
    macro = 100 * (4 / 6 + 2 / 3 + 0) / 3
    assert found.metrics() == pytest.approx({"accuracy": 60.0, "macro_f1": macro})


def test_labels_in_neither_gold_nor_predictions_do_not_count():
    found = CategoryTally()
    found.add(make(a=0.9, b=0.1, c=0.0), make(a=1.0, b=0.0, c=0.0))
    assert found.metrics() == {"accuracy": 100.0, "macro_f1": 100.0}


def test_documents_without_a_label_are_left_out():
    found = tally(("a", "a"))
    found.add(make(a=1.0), make())
    assert found.counts == {"correct": [1, 0], "total": [1, 0]}
    assert found.support == 1
    assert found.metrics()["accuracy"] == 100


def test_no_gold_label_has_no_score():
    assert tally().metrics() == {"accuracy": None, "macro_f1": None}


def test_a_prediction_without_categories_is_wrong():
    found = CategoryTally()
    found.add(make(), make(a=1.0))
    assert found.metrics() == {"accuracy": 0.0, "macro_f1": 0.0}


@pytest.mark.parametrize("cats", [{"a": 1.0, "b": 1.0}, {"a": 0.0, "b": 0.0}])
def test_gold_has_one_label(cats):
    with pytest.raises(ValueError, match=f"found {int(sum(cats.values()))} labels"):
        CategoryTally().add(make(a=1.0), make(**cats))
