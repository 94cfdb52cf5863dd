import pytest

from spacy_dlfa.study.probing.encoder_comparison import MEAN, compare_encoders
from tests.study.report.runs import make_run

CORPORA = {"ner": ["de_pud", "sv_pud"], "tagger": ["de_pud", "sv_pud"], "textcat": ["ru_pud"]}


def runs_of(gain, seeds):
    return {
        task: [make_run("last", None, seed, task=task, gain=gain) for seed in seeds]
        for task in CORPORA
    }


def compare(gain, seeds=(0, 1, 2)):
    runs = {"old": runs_of(0.0, seeds), "new": runs_of(gain, seeds)}
    (found,) = compare_encoders(runs, [("new", "old")], CORPORA)
    return found


@pytest.mark.parametrize(
    ("gain", "words"),
    [(0.15, "new is better than old"), (-0.15, "new is worse than old"), (0.0, "told apart")],
)
def test_verdicts(gain, words):
    found = compare(gain)
    assert words in found.verdict
    assert "3 seeds" in found.verdict


def test_what_is_better_alone_need_not_be_so_among_many():
    # The least gain that is seen at all
    gain = next(k / 200 for k in range(1, 40) if "is better" in compare(k / 200).verdict)
    alone = compare(gain)
    assert 0.0025 < alone.estimates[MEAN].p < 0.05
    runs = {"old": runs_of(0.0, (0, 1, 2)), "new": runs_of(gain, (0, 1, 2))}
    among = compare_encoders(runs, [("new", "old")] * 20, CORPORA)
    assert {each.estimates[MEAN] for each in among} == {alone.estimates[MEAN]}
    for each in among:
        assert "new can't be told apart from old" in each.verdict
        assert "Holm p" in each.verdict


def test_the_mean_is_that_of_the_tasks():
    found = compare(0.1).estimates
    tasks = [found[task].difference for task in CORPORA]
    assert found[MEAN].difference == pytest.approx(sum(tasks) / 3)
    assert found[MEAN].low < found[MEAN].difference < found[MEAN].high


def test_one_seed_says_nothing_of_others():
    assert "sentences only" in compare(0.15, seeds=(0,)).verdict
