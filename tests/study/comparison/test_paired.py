import copy
import random

import numpy as np
import pytest

from spacy_dlfa.evaluation.sentences import number_sentences
from spacy_dlfa.study.comparison.paired import compare
from spacy_dlfa.study.comparison.runs import find_baseline
from tests.study.comparison.sweeps import CORPORA, make_run, make_sweep, pack

LAST, DLFA = ("last", None), ("dlfa", 5)


def ner_run(name, seed, rows):
    """A run from (tp, fp, fn) by sentence and test set."""
    counts = {
        corpus: {key: pack(column) for key, column in zip(("tp", "fp", "fn"), zip(*sentences))}
        for corpus, sentences in rows.items()
    }
    run = make_run(name, None, seed, {corpus: np.zeros(len(rows[corpus])) for corpus in rows})
    return {**run, "task": "ner", "metric": "f", "counts": counts}


def test_a_known_difference_is_found():
    runs = make_sweep({LAST: 0.5, ("dlfa", 2): 0.6, ("dlfa", 5): 0.4}, spread=0.002)
    better, worse = compare(runs, resamples=2000)
    assert (better.name, better.layer, better.seeds) == ("dlfa", 2, [0, 1, 2])
    assert 5 < better.low < better.difference < better.high < 15
    assert better.p_holm < 0.05
    assert (better.ahead, better.corpora) == (4, 4)
    assert "DLFA at layer 2 beats the last layer by" in better.verdict
    assert "ahead in 4 of 4 foreign test sets" in better.verdict
    assert "3 seeds" in better.verdict
    assert worse.high < 0
    assert "DLFA at layer 5 loses to the last layer by" in worse.verdict


def test_differences_are_means_over_seeds_and_foreign_sets():
    runs = make_sweep({LAST: 0.5, DLFA: 0.55}, spread=0.02)
    (found,) = compare(runs, resamples=100)

    def mean(name, corpus):
        return np.mean([r["scores"][corpus]["accuracy"] for r in runs if r["name"] == name])

    expected = {corpus: mean("dlfa", corpus) - mean("last", corpus) for corpus in CORPORA}
    assert found.by_corpus == pytest.approx(expected)
    foreign = [value for corpus, value in expected.items() if corpus != "en_pud"]
    assert found.difference == pytest.approx(np.mean(foreign))
    for corpus, (low, high) in found.intervals.items():
        assert low < expected[corpus] < high


@pytest.mark.parametrize(("seeds", "spread"), [(1, 0), (3, 0), (3, 0.02), (5, 0.02)])
def test_false_positives_on_nulls(seeds, spread):
    rng = np.random.default_rng(seeds)
    found = []
    for _ in range(300):
        runs = make_sweep(
            {LAST: 0.5, DLFA: 0.5},
            seeds=seeds,
            spread=spread,
            sentences=30,
            corpora=("de_pud", "ru_pud"),
            rng=rng,
        )
        found += compare(runs, resamples=300)
    rate = np.mean([row.p < 0.05 for row in found])
    assert 0.01 <= rate <= 0.085
    covered = np.mean([row.low <= 0 <= row.high for row in found])
    assert covered >= 0.915
    quiet = [row for row in found if row.low <= 0 <= row.high]
    assert all("can't be told apart" in row.verdict for row in quiet)


def test_seeds_that_disagree_are_not_a_finding():
    # Thousands of tokens make sentences alone sure of a difference that three seeds don't share.
    runs = make_sweep({LAST: 0.5}, sentences=500)
    for seed, accuracy in enumerate([0.5, 0.5, 0.62]):
        runs += [
            {**run, "seed": seed} for run in make_sweep({DLFA: accuracy}, seeds=1, sentences=500)
        ]
    (found,) = compare(runs, resamples=1000)
    assert found.low < 0 < found.high
    assert "can't be told apart from the last layer: +" in found.verdict


def test_one_seed_says_so():
    runs = make_sweep({LAST: 0.4, DLFA: 0.6}, seeds=1)
    (found,) = compare(runs, resamples=500)
    assert found.p_holm < 0.05
    assert "1 seed, so sentences only" in found.verdict


def test_only_shared_seeds_count():
    runs = make_sweep({LAST: 0.5, DLFA: 0.55}, seeds=3)
    less = [run for run in runs if (run["name"], run["seed"]) != ("last", 1)]
    (found,) = compare(less, resamples=100)
    assert found.seeds == [0, 2]


def width(ids, sentences=60):
    """Width of the interval of two systems on test sets that go alike wherever ids are the same."""
    rng = np.random.default_rng(0)
    rows = {name: rng.binomial(10, p, sentences) for name, p in (("last", 0.5), ("dlfa", 0.55))}
    runs = []
    for name, row in rows.items():
        correct = {c: row[[int(id) % sentences for id in own]] for c, own in ids.items()}
        runs.append({**make_run(name, None, 0, correct), "ids": number_sentences(ids)})
    (found,) = compare(runs, resamples=2000)
    return found.high - found.low


SAME = [str(number) for number in range(60)]
TRANSLATIONS = ("de_pud", "pt_pud", "ru_pud", "zh_pud")


def test_translations_are_not_more_sentences():
    # Four test sets on which everything goes alike know no more than one of them.
    assert width(dict.fromkeys(TRANSLATIONS, SAME)) == pytest.approx(width({"de_pud": SAME}))


def test_translations_that_lack_some_sentences_are_not_more_either():
    ids = {c: [id for id in SAME if int(id) % 20 != i] for i, c in enumerate(TRANSLATIONS)}
    shuffled = {c: random.Random(i).sample(own, len(own)) for i, (c, own) in enumerate(ids.items())}
    assert width(shuffled) == pytest.approx(width({"de_pud": SAME}), rel=0.1)


def test_other_sentences_are_more():
    ids = {c: [str(60 * i + number) for number in range(60)] for i, c in enumerate(TRANSLATIONS)}
    assert width(ids) == pytest.approx(width({"de_pud": SAME}) / 2, rel=0.15)


def test_runs_without_ids_take_those_of_the_others():
    ids = number_sentences({c: range(59, -1, -1) for c in ("de_pud", "ru_pud")})
    runs = make_sweep({LAST: 0.5, DLFA: 0.55}, seeds=1, corpora=("de_pud", "ru_pud"))
    expected = compare([{**run, "ids": ids} for run in runs], resamples=200)
    assert compare([{**runs[0], "ids": ids}, runs[1]], resamples=200) == expected


def test_many_systems_are_corrected():
    runs = make_sweep({LAST: 0.5, **{("dlfa", k): 0.5 + 0.01 * k for k in range(6)}})
    found = compare(runs, resamples=500)
    assert [row.layer for row in found] == list(range(6))
    for row in found:
        assert row.p <= row.p_holm <= 1
    smallest = min(found, key=lambda row: row.p)
    assert smallest.p_holm == pytest.approx(min(1, 6 * smallest.p))


def test_what_holds_alone_only_is_not_claimed():
    systems = {LAST: 0.5, **{("dlfa", k): 0.5 + 0.02 * (k == 1) for k in range(30)}}
    found = compare(make_sweep(systems, seeds=5), resamples=500)[1]
    assert found.low > 0
    assert found.p < 0.05 < found.p_holm
    assert "as one of 30 systems, can't be told apart" in found.verdict


def test_the_order_of_runs_does_not_matter():
    runs = make_sweep({LAST: 0.5, DLFA: 0.55, ("mix", 3): 0.5}, spread=0.01)
    shuffled = random.Random(0).sample(runs, len(runs))
    assert compare(runs, resamples=200) == compare(shuffled, resamples=200)


def test_the_averaged_checkpoint():
    runs = make_sweep({LAST: 0.5, DLFA: 0.5})
    better = make_sweep({DLFA: 0.7})
    for run, other in zip(runs[3:], better):
        run["average"] = other["average"]
    assert compare(runs, resamples=100, checkpoint="average")[0].difference > 15
    assert compare(runs, resamples=100)[0].difference < 5
    del runs[0]["average"]
    with pytest.raises(ValueError, match="Run last-0: found no averaged checkpoint"):
        compare(runs, resamples=100, checkpoint="average")


def test_f1_is_micro_averaged():
    # 4 of 6 right with 2 too many, against 3 of 6 and none too many
    ours = [(4, 2, 0), (0, 0, 2)]
    theirs = [(3, 0, 1), (0, 0, 2)]
    runs = [ner_run("last", 0, {"de_pud": theirs}), ner_run("dlfa", 0, {"de_pud": ours})]
    (found,) = compare(runs, resamples=200)
    assert found.mean == pytest.approx(100 * 8 / (8 + 2 + 2))
    assert found.difference == pytest.approx(100 * 8 / 12 - 100 * 6 / 9)


def test_a_set_without_entities_has_no_part():
    rows = {"de_pud": [(1, 0, 0), (0, 1, 1)], "ru_pud": [(0, 0, 0), (0, 0, 0)]}
    runs = [ner_run(name, seed, rows) for name in ("last", "dlfa") for seed in (0, 1)]
    (found,) = compare(runs, resamples=200)
    assert set(found.by_corpus) == {"de_pud"}
    assert (found.difference, found.p, found.corpora) == (0, 1, 1)
    with pytest.raises(ValueError, match="no foreign test set with a score"):
        compare([ner_run(n, 0, {"ru_pud": rows["ru_pud"]}) for n in ("last", "dlfa")])


def test_a_resample_without_entities_is_left_out():
    rows = {"de_pud": [(1, 0, 0)] + [(0, 0, 0)] * 3, "ru_pud": [(1, 0, 1)] * 4}
    runs = [ner_run(name, seed, rows) for name in ("last", "dlfa") for seed in (0, 1)]
    (found,) = compare(runs, resamples=200)
    assert (found.low, found.high) == (0, 0)


def test_other_sentences():
    runs = [make_run(*LAST, 0, {"de_pud": [5] * 10}), make_run(*DLFA, 0, {"de_pud": [5] * 9})]
    with pytest.raises(ValueError, match=r"de_pud: found 10 sentences in run last-0 and 9 in dlfa"):
        compare(runs)


def test_other_gold():
    total = {"de_pud": np.array([10, 9, 10])}
    runs = [
        make_run(*LAST, 0, {"de_pud": [5] * 3}),
        make_run(*DLFA, 0, {"de_pud": [5] * 3}, total=total),
    ]
    with pytest.raises(ValueError, match="de_pud, sentence 2: found 10 gold"):
        compare(runs)


def with_checksums(run, **checksums):
    run = copy.deepcopy(run)
    for part in (run, run["average"]):
        for corpus, row in part["scores"].items():
            row["checksum"] = checksums.get(corpus, "same")
    return run


@pytest.mark.parametrize("checkpoint", ["best", "average"])
def test_texts_that_are_other_ones_by_their_checksums(checkpoint):
    last, dlfa = make_sweep({LAST: 0.5, DLFA: 0.55}, seeds=1)
    expected = compare([last, dlfa], resamples=100, checkpoint=checkpoint)
    # Older runs have none
    for runs in ([with_checksums(last), with_checksums(dlfa)], [with_checksums(last), dlfa]):
        assert compare(runs, resamples=100, checkpoint=checkpoint) == expected
    runs = [with_checksums(last), with_checksums(dlfa, ru_pud="other")]
    message = "ru_pud: found other texts or gold annotations in run last-0 than in dlfa-5-0"
    with pytest.raises(ValueError, match=message):
        compare(runs, resamples=100, checkpoint=checkpoint)


def test_sentences_that_are_other_ones_by_their_ids():
    runs = make_sweep({LAST: 0.5, DLFA: 0.55}, seeds=1, corpora=("de_pud", "ru_pud"))
    ids = {"de_pud": list(range(60)), "ru_pud": list(range(60))}
    swapped = {**ids, "ru_pud": [*range(58), 59, 58]}

    def found(theirs):
        own = [number_sentences(each) for each in (ids, theirs)]
        return compare(
            [{**run, "ids": each} for run, each in zip(runs, own, strict=True)], resamples=100
        )

    # Numbers are others where test sets were scored in another order
    assert found({name: ids[name] for name in ("ru_pud", "de_pud")}) == found(ids)
    # Fewer translations are known without ids, and to other versions
    found({**ids, "ru_pud": [None] * 60})
    with pytest.raises(ValueError, match="ru_pud: found other ids in run last-0 than in dlfa-5-0"):
        found(swapped)


def test_baselines():
    runs = make_sweep({LAST: 0.5, ("dlfa", 2): 0.5, ("dlfa", 5): 0.5, ("mean", 4): 0.5})
    assert find_baseline(runs, "last") == LAST
    assert find_baseline(runs, "dlfa-5") == DLFA
    assert find_baseline(runs, "mean") == ("mean", 4)
    with pytest.raises(
        ValueError, match="several such systems in the runs; expected one of dlfa-2"
    ):
        find_baseline(runs, "dlfa")
    with pytest.raises(ValueError, match=r"'aif': found no such .*dlfa-2, dlfa-5, last, mean-4"):
        find_baseline(runs, "aif")


def test_nothing_to_compare():
    with pytest.raises(ValueError, match="runs of last only"):
        compare(make_sweep({LAST: 0.5}))


def test_no_shared_seed():
    runs = make_sweep({LAST: 0.5}, seeds=1)
    runs += [{**run, "seed": 7} for run in make_sweep({DLFA: 0.5}, seeds=1)]
    with pytest.raises(ValueError, match="dlfa-5-7; expected a seed of last-0"):
        compare(runs)
