import numpy as np
import pytest

from spacy_dlfa.evaluation.counts import pack, score, unpack
from spacy_dlfa.evaluation.tasks import TASKS

ENTITIES = {"tp": [1, 1, 0], "fp": [1, 0, 0], "fn": [1, 1, 0]}
CORRECT = {"correct": [3, 2, 0], "total": [4, 2, 0]}


def arrays(counts):
    return {kind: np.array(values) for kind, values in counts.items()}


@pytest.mark.parametrize("counts", [[], [0], [1, 0, 12, 3]])
def test_round_trip(counts):
    assert unpack(pack(counts)).tolist() == counts


def test_packed_counts_are_plain_text():
    assert pack([0, 1, 12]) == "0 1 12"


@pytest.mark.parametrize(
    ("task", "counts", "expected"),
    [("ner", ENTITIES, 400 / 7)]
    + [(task, CORRECT, 500 / 6) for task in ("tagger", "textcat", "pairs")],
)
def test_score(task, counts, expected):
    assert score(task, arrays(counts)) == pytest.approx(expected)
    # Of sums too, which have one last column.
    sums = {kind: np.array([sum(values)]) for kind, values in counts.items()}
    assert score(task, sums) == pytest.approx(expected)


@pytest.mark.parametrize("task", TASKS)
def test_score_keeps_leading_axes(task):
    counts = arrays(ENTITIES if task == "ner" else CORRECT)
    stacked = {kind: np.stack([values, values * 0, values]) for kind, values in counts.items()}
    expected = float(score(task, counts))
    # Without gold annotation there is no score.
    assert score(task, stacked) == pytest.approx([expected, np.nan, expected], nan_ok=True)


def test_false_positives_alone_have_no_score():
    assert np.isnan(score("ner", arrays({"tp": [0], "fp": [3], "fn": [0]})))


def test_unknown_task():
    with pytest.raises(ValueError, match=r"'parser'.*choose from ner, tagger, textcat, pairs"):
        score("parser", {})
