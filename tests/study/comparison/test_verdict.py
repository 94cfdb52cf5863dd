import pytest

from spacy_dlfa.study.comparison.inference import Estimate
from spacy_dlfa.study.comparison.verdict import format_p, title, verdict

LAST = ("last", None)


def say(difference, low, high, p, p_holm, *, seeds=3, systems=9):
    counts = {"ahead": 14, "corpora": 18, "seeds": seeds, "systems": systems}
    return verdict(("dlfa", 5), LAST, Estimate(difference, low, high, p), p_holm, **counts)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (
            say(1.2, 0.7, 1.7, 0.001, 0.003),
            "DLFA at layer 5 beats the last layer by 1.2 points, 95 % interval 0.7 to 1.7, ahead "
            "in 14 of 18 foreign test sets (Holm p = 0.003, 3 seeds)",
        ),
        (
            say(-1.2, -1.7, -0.7, 0.0001, 0.0004),
            "DLFA at layer 5 loses to the last layer by 1.2 points, 95 % interval 0.7 to 1.7, "
            "ahead in 14 of 18 foreign test sets (Holm p < 0.001, 3 seeds)",
        ),
        (
            say(0.3, -0.4, 1.0, 0.4, 1),
            "DLFA at layer 5 can't be told apart from the last layer: +0.3 points, 95 % interval "
            "-0.4 to 1.0, ahead in 14 of 18 foreign test sets (p = 0.4, 3 seeds)",
        ),
        (
            say(0.8, 0.04, 1.56, 0.04, 0.36),
            "DLFA at layer 5, as one of 9 systems, can't be told apart from the last layer: +0.8 "
            "points, 95 % interval 0.04 to 1.6, ahead in 14 of 18 foreign test sets (p = 0.04, "
            "Holm p = 0.36, 3 seeds)",
        ),
        (
            say(1.2, 0.7, 1.7, 0.01, 0.01, seeds=1, systems=1),
            "DLFA at layer 5 beats the last layer by 1.2 points, 95 % interval 0.7 to 1.7, ahead "
            "in 14 of 18 foreign test sets (Holm p = 0.01, 1 seed, so sentences only: another may "
            "differ)",
        ),
    ],
)
def test_wording(found, expected):
    assert found == expected


@pytest.mark.parametrize(
    ("system", "expected"),
    [
        (LAST, "the last layer"),
        (("mean", 3), "the mean of layer 3 and the last one"),
        (("my.Fusion.v1", 4), "my.Fusion.v1 at layer 4"),
        (("my.Fusion.v1", None), "my.Fusion.v1"),
    ],
)
def test_titles(system, expected):
    assert title(system) == expected


@pytest.mark.parametrize(
    ("p", "expected"), [(0.0004, "< 0.001"), (0.001, "0.001"), (0.0496, "0.050"), (1.0, "1.000")]
)
def test_p_values_of_tables(p, expected):
    assert format_p(p) == expected
