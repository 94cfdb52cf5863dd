import pytest

from spacy_dlfa.evaluation import mistakes
from spacy_dlfa.evaluation.mistakes import MistakeTally, pair_spans

PER, LOC = (0, 5, "PER"), (9, 15, "LOC")


@pytest.mark.parametrize(
    ("gold", "found", "kinds"),
    [
        ([PER, LOC], [LOC, PER], ["right", "right"]),
        ([PER], [(0, 5, "LOC")], ["label"]),
        ([PER], [(0, 3, "PER")], ["boundary"]),
        ([PER], [(3, 8, "LOC")], ["both"]),
        ([PER], [], ["missed"]),
        ([], [PER], ["invented"]),
        # Side by side is not one over the other
        ([PER], [(5, 8, "PER")], ["missed", "invented"]),
        # One is a pair, the other half stands alone
        ([(0, 10, "ORG")], [(0, 4, "ORG"), (5, 10, "ORG")], ["invented", "boundary"]),
        ([(0, 4, "ORG"), (5, 10, "ORG")], [(0, 10, "ORG")], ["missed", "boundary"]),
        # The same label goes before more characters
        ([(0, 10, "ORG")], [(0, 2, "ORG"), (3, 10, "LOC")], ["boundary", "invented"]),
        # The same ends go before all
        ([(0, 4, "PER"), (5, 9, "LOC")], [(0, 4, "LOC"), (5, 9, "LOC")], ["label", "right"]),
        ([], [], []),
    ],
)
def test_kinds(gold, found, kinds):
    pairs = pair_spans(gold, found)
    assert [pair.kind for pair in pairs] == kinds
    # Each once
    assert sorted(pair.gold for pair in pairs if pair.gold) == sorted(gold)
    assert sorted(pair.found for pair in pairs if pair.found) == sorted(found)


def test_most_characters_go_first():
    invented, pair = pair_spans([(0, 10, "ORG")], [(0, 2, "ORG"), (3, 10, "ORG")])
    assert (invented.kind, invented.found) == ("invented", (0, 2, "ORG"))
    assert (pair.kind, pair.found) == ("boundary", (3, 10, "ORG"))


def test_each_span_meets_only_those_that_overlap(monkeypatch):
    compared = []
    monkeypatch.setattr(mistakes, "_shared", lambda *spans: compared.append(spans) or 1)
    gold = [(10 * i, 10 * i + 6, "A") for i in range(1000)]
    found = [(10 * i + 5, 10 * i + 8, "A") for i in range(1000)]
    assert {pair.kind for pair in pair_spans(gold, found)} == {"boundary"}
    assert len(compared) == 1000


def test_what_is_recorded():
    tally = MistakeTally()
    tally.add(pair_spans([PER, LOC], [PER]))
    tally.add(pair_spans([PER], [(0, 5, "LOC"), (9, 12, "ORG")]))
    assert tally.record() == {
        "confusion": {"": {"ORG": 1}, "LOC": {"": 1}, "PER": {"LOC": 1, "PER": 1}},
        "kinds": {"invented": 1, "label": 1, "missed": 1, "right": 1},
    }
