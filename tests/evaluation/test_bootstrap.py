import numpy as np
import pytest

from spacy_dlfa.evaluation.bootstrap import interval, mean_of_resamples
from spacy_dlfa.evaluation.bootstrap import resample as resample_runs
from spacy_dlfa.evaluation.sentences import Sentences


def correct(*values):
    return {"correct": np.array(values), "total": np.ones(len(values), int)}


def resample(task, counts, key, numbers=None, total=None):
    """Resample one run on sentences that no other test set has, unless numbers say so."""
    numbers = np.arange(len(next(iter(counts.values())))) if numbers is None else numbers
    rows = {kind: values[None] for kind, values in counts.items()}
    return resample_runs(task, rows, Sentences(key, numbers, total or len(numbers)))[:, 0]


def test_interval_of_a_proportion():
    # 70 of 100 right: the normal approximation gives 70 ± 1.96 * sqrt(0.7 * 0.3 / 100) * 100.
    low, high = interval(resample("textcat", correct(*[1] * 70, *[0] * 30), "de_test"))
    assert low == pytest.approx(61.0, abs=1.5)
    assert high == pytest.approx(79.0, abs=1.5)


def test_the_same_in_every_run_and_other_sentences_for_another_key():
    counts = correct(*[1, 0, 1] * 20)
    first = resample("textcat", counts, "de_test")
    assert first.shape == (1000,)
    assert np.array_equal(first, resample("textcat", counts, "de_test"))
    assert not np.array_equal(first, resample("textcat", counts, "fr_test"))


def test_resamples_are_drawn_from_the_sentences():
    found = resample("ner", {k: np.array([1, 2]) for k in ("tp", "fp", "fn")}, "de_pud")
    assert set(found) == {50.0}
    found = resample("textcat", correct(1, 0), "de_test")
    assert set(found) == {0.0, 50.0, 100.0}
    assert found.mean() == pytest.approx(50, abs=3)


def test_kinds_of_counts_stay_together():
    # Each sentence is all right or all wrong.
    counts = {"correct": np.array([10, 0]), "total": np.array([10, 1])}
    found = sorted(set(resample("tagger", counts, "x")))
    assert found == pytest.approx([0.0, 1000 / 11, 100.0])


def test_resamples_without_gold_annotation_have_no_score():
    counts = {"tp": np.array([1, 0]), "fp": np.array([0, 0]), "fn": np.array([0, 0])}
    found = resample("ner", counts, "de_pud")
    assert np.isnan(found).any()
    assert interval(found) == [100.0, 100.0]
    nothing = {kind: np.array([0, 0]) for kind in counts}
    assert interval(resample("ner", nothing, "de_pud")) is None


def test_mean_leaves_out_what_is_undefined():
    found = mean_of_resamples([np.array([10.0, np.nan, np.nan]), np.array([30.0, 20.0, np.nan])])
    assert found == pytest.approx([20.0, 20.0, np.nan], nan_ok=True)


def test_translations_move_together():
    # The mean of two independent test sets has a narrower interval than that of translations.
    counts = correct(*[1] * 50, *[0] * 50)

    def width(*keys):
        low, high = interval(mean_of_resamples([resample("pairs", counts, key) for key in keys]))
        return high - low

    assert width("same", "same") == pytest.approx(width("same"))
    assert width("same", "other") == pytest.approx(width("same") / 2**0.5, rel=0.1)


def test_a_test_set_that_lacks_sentences_gets_the_draws_of_the_others():
    # What was drawn of the first two sentences alone, as all others are equal in both sets.
    whole = correct(1, 0, 1, 1)
    found = resample("pairs", whole, "same")
    left_out = {kind: values * [1, 1, 0, 0] for kind, values in whole.items()}
    expected = resample("pairs", left_out, "same")
    part = resample("pairs", correct(0, 1), "same", np.array([1, 0]), 4)
    assert np.array_equal(part, expected, equal_nan=True)
    assert not np.array_equal(part, found)


def test_runs_get_the_same_sentences():
    counts = {"correct": np.array([[1, 0, 1], [0, 1, 0]]), "total": np.ones((2, 3), int)}
    found = resample_runs("pairs", counts, Sentences("x", np.arange(3), 3), resamples=50)
    assert found.shape == (50, 2)
    assert found.sum(axis=1) == pytest.approx(100)


def test_many_sentences_are_drawn_in_parts():
    sentences = Sentences("x", np.arange(3000), 3000)
    counts = {"correct": np.arange(3000)[None] % 2, "total": np.ones((1, 3000), int)}
    found = resample_runs("pairs", counts, sentences, resamples=700)
    assert found.mean() == pytest.approx(50, abs=0.2)
    assert found.std() == pytest.approx(50 / 3000**0.5, rel=0.1)
