import numpy as np
import pytest
from scipy import stats

from spacy_dlfa.study.comparison.inference import estimate, holm


@pytest.mark.parametrize(
    ("p", "expected"),
    [
        ([0.01, 0.04, 0.03, 0.005], [0.03, 0.06, 0.06, 0.02]),
        ([0.2, 0.9, 0.5], [0.6, 1.0, 1.0]),
        ([0.03], [0.03]),
        ([], []),
    ],
)
def test_holm_by_hand(p, expected):
    assert holm(p) == pytest.approx(expected)


def test_without_spread_over_sentences_it_is_the_paired_t_test():
    differences = np.array([1.0, 2.0, 4.0, 2.5])
    found = estimate(differences, np.tile(differences, (20_000, 1)))
    expected = stats.ttest_1samp(differences, 0)
    assert found.difference == pytest.approx(differences.mean())
    assert found.p == pytest.approx(expected.pvalue, abs=1e-3)
    interval = expected.confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high), abs=0.01)


@pytest.mark.parametrize("seeds", [1, 3])
def test_without_spread_over_seeds_it_is_the_bootstrap(seeds):
    draws = np.random.default_rng(0).normal(2, 1, (20_000, 1)).repeat(seeds, axis=1)
    found = estimate(np.full(seeds, 2.0), draws)
    assert (found.low, found.high) == pytest.approx((0.04, 3.96), abs=0.05)
    assert found.p == pytest.approx(0.0455, abs=0.005)


def test_equal_systems():
    found = estimate(np.zeros(3), np.zeros((100, 3)))
    assert found == (0, 0, 0, 1)


def test_undefined_resamples_are_left_out():
    draws = np.random.default_rng(0).normal(1, 1, (1000, 3))
    broken = np.concatenate([draws, np.full((10, 3), np.nan)])
    assert estimate(np.ones(3), broken) == estimate(np.ones(3), draws)


@pytest.mark.parametrize("spread", [(1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 1), (1, 2, 0)])
@pytest.mark.parametrize("seeds", [3, 5, 10])
def test_intervals_cover_the_truth(seeds, spread):
    # Sentences common to the seeds, seeds, and what sentences do to single seeds
    common, own, mixed = spread
    rng = np.random.default_rng(seeds)
    missed, differ, rounds = 0, 0, 1000
    for _ in range(rounds):
        noise = common * rng.normal(size=1) + own * rng.normal(size=seeds)
        differences = 1 + noise + mixed * rng.normal(size=seeds)
        resampled = common * rng.normal(size=(500, 1)) + mixed * rng.normal(size=(500, seeds))
        found = estimate(differences, differences + resampled)
        missed += not found.low <= 1 <= found.high
        differ += (found.p < 0.05) == (found.low <= 0 <= found.high)
    assert 0.01 <= missed / rounds <= 0.07
    assert differ / rounds < 0.04
