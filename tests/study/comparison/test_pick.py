import copy

import numpy as np
import pytest

from spacy_dlfa.study.comparison.consensus import consensus
from spacy_dlfa.study.comparison.pick import RuleError, pick, regrets, target_scores
from spacy_dlfa.study.comparison.rules import RULES
from tests.study.comparison.sweeps import CORPORA, make_run

LABELS = np.array(list("ABCDE"))


def make_predictions(quality, rng, gold, wrong=LABELS):
    return {
        corpus: "".join(np.where(rng.random(len(row)) < quality, row, rng.choice(wrong, len(row))))
        for corpus, row in gold.items()
    }


def make_judged(systems, *, seeds=3, rng=None):
    """Runs by (quality, English dev, confidence) of each system; quality is what targets show."""
    rng = np.random.default_rng(0) if rng is None else rng
    gold = {corpus: rng.choice(LABELS, 300) for corpus in CORPORA}
    runs = []
    for (name, layer), (quality, dev, confidence) in systems.items():
        for seed in range(seeds):
            correct = {corpus: rng.binomial(10, quality, 50) for corpus in CORPORA}
            predictions = make_predictions(quality, rng, gold)
            kinds = {"dev": dev, "predictions": predictions, "confidence": confidence}
            runs.append(make_run(name, layer, seed, correct, **kinds))
    return runs


#: The best on the targets, on English dev and by confidence are three different ones.
SYSTEMS = {
    ("dlfa", 2): (0.9, 50.0, 0.6),
    ("dlfa", 5): (0.6, 70.0, 0.7),
    ("last", None): (0.5, 60.0, 0.9),
    ("mean", 3): (0.4, 40.0, 0.5),
}
EXPECTED = {
    "dev-average": ("dlfa", 5),
    "confidence-average": ("last", None),
    "consensus": ("dlfa", 2),
}


@pytest.mark.parametrize("rule", RULES)
def test_each_rule(rule):
    found = pick(make_judged(SYSTEMS), rule)
    assert (found.name, found.layer) == EXPECTED[rule]
    assert found.rule == rule
    assert found.checkpoint == ("average" if rule.endswith("average") else "best")
    assert f"({found.checkpoint} checkpoint)" in found.reason


@pytest.mark.parametrize("rule", RULES)
def test_no_rule_sees_a_target_score(rule):
    runs = make_judged(SYSTEMS)
    blind = copy.deepcopy(runs)
    rng = np.random.default_rng(1)
    for run in blind:
        for part in (run, run["average"]):
            for row in part["scores"].values():
                row["accuracy"] = rng.uniform(0, 100)
            part["averages"]["all"]["accuracy"] = rng.uniform(0, 100)
            for counts in part["counts"].values():
                counts["correct"] = " ".join(map(str, rng.integers(0, 10, 50)))
    assert pick(blind, rule) == pick(runs, rule)
    for run in blind:
        for part in (run, run["average"]):
            for key in ("scores", "averages", "counts"):
                del part[key]
    assert pick(blind, rule) == pick(runs, rule)


@pytest.mark.parametrize("rule", RULES)
def test_the_order_of_runs_does_not_matter(rule):
    runs = make_judged(SYSTEMS)
    assert pick(runs[::-1], rule) == pick(runs, rule)


def test_equal_systems_are_taken_in_order():
    runs = make_judged({("mix", 10): (0.5, 50, 0.5), ("mix", 9): (0.5, 50, 0.5)})
    assert pick(runs).layer == 9


def test_seeds_are_averaged():
    runs = make_judged({("dlfa", 1): (0.5, 0, 0.5), ("dlfa", 2): (0.5, 0, 0.5)}, seeds=2)
    for run, dev in zip(runs, (80, 40, 65, 60)):
        run["average"]["dev"] = {"accuracy": dev}
    found = pick(runs)
    assert found.layer == 2
    assert "62.5" in found.reason


def test_seeds_that_a_system_lacks_do_not_count():
    # The first system has more seeds; with them it would be behind, and without them it is ahead.
    runs = make_judged({("dlfa", 1): (0.5, 70, 0.5), ("dlfa", 2): (0.5, 60, 0.5)}, seeds=2)
    more = make_judged({("dlfa", 1): (0.5, 10, 0.5)}, seeds=4)[2:]
    assert pick([*runs, *more]).layer == 1
    assert target_scores([*runs, *more]) == target_scores(runs)
    # Without a seed in common, all count.
    apart = [{**run, "seed": run["seed"] + 10} if run["layer"] == 2 else run for run in runs]
    assert pick([*apart, *more]).layer == 2


def test_rounding_breaks_no_tie():
    runs = make_judged({("dlfa", layer): (0.5, 0, 0.5) for layer in range(3)})
    for run in runs:
        run["average"]["dev"] = {"accuracy": 48.1481481481 + 1e-10 * run["layer"]}
    assert pick(runs).layer == 0


def test_layers_of_one_fusion():
    runs = make_judged(SYSTEMS)
    assert pick(runs, "confidence-average", name="dlfa").layer == 5
    assert pick(runs, "consensus", name="mean").layer == 3


def test_consensus_of_entities_ignores_what_is_outside():
    # One system finds next to nothing, as most words of the others are; "D" stands for outside.
    rng = np.random.default_rng(0)
    gold = {c: np.where(rng.random(400) < 0.2, rng.choice(LABELS[:3], 400), "D") for c in CORPORA}
    nothing = {c: "D" * 399 + "A" for c in CORPORA}
    runs = []
    for layer, quality in ((1, None), (2, 0.9), (3, 0.9)):
        found = nothing if quality is None else make_predictions(quality, rng, gold)
        runs.append(make_run("dlfa", layer, 0, {c: [1] for c in CORPORA}, predictions=found))
    for task, low, high in (("ner", 0, 10), ("tagger", 60, 90)):
        for run in runs:
            run["task"] = task
        assert low <= consensus(runs, "best")["dlfa", 1] <= high


def test_a_system_has_one_vote_whatever_its_seeds():
    # Two systems say A; the third says B, with more seeds than both.
    correct = {corpus: [1] for corpus in CORPORA}

    def runs_of(name, letter, seeds):
        said = {corpus: letter * 40 for corpus in CORPORA}
        return [make_run(name, None, seed, correct, predictions=said) for seed in range(seeds)]

    runs = [*runs_of("last", "A", 3), *runs_of("aif", "A", 2), *runs_of("mix-all", "B", 9)]
    found = {name: value for (name, _), value in consensus(runs, "best").items()}
    assert found == {"aif": 100, "last": 100, "mix-all": 0}


def test_regret_is_what_the_oracle_has_more():
    runs = make_judged(SYSTEMS)
    scores = target_scores(runs)
    assert len(scores) == 8
    assert regrets(runs)["consensus"] == 0
    best, picked = scores[("dlfa", 2), "best"], scores[("dlfa", 5), "average"]
    assert regrets(runs)["dev-average"] == pytest.approx(best - picked)
    assert regrets(runs, name="dlfa")["dev-average"] == pytest.approx(best - picked)
    assert regrets(runs, name="mean")["dev-average"] == 0


def test_regret_counts_the_checkpoint():
    systems = {("last", None): (0.5, 50, 0.5), ("dlfa", 2): (0.5, 50, 0.5)}
    runs = make_judged(systems)
    for run in runs:
        run["averages"]["all"]["accuracy"] = 50.0
        run["average"]["averages"]["all"]["accuracy"] = 80.0
    assert regrets(runs)["dev-average"] == 0
    assert regrets(runs)["consensus"] == pytest.approx(30)


def test_regrets_of_all_rules():
    runs, single = make_judged(SYSTEMS), make_judged(SYSTEMS, seeds=1)
    found = regrets(runs)
    assert set(found) == {*RULES, "blind"}
    assert found["blind"] > found["consensus"]
    for run in single:
        run["average"]["confidence"] = None
    found = regrets(single)
    assert found["confidence-average"] is None
    assert found["consensus"] == 0


@pytest.mark.parametrize("rule", RULES)
def test_runs_without_what_a_rule_reads(rule):
    runs = make_judged(SYSTEMS)
    key, checkpoint, _ = RULES[rule]
    del (runs[1] if checkpoint == "best" else runs[1]["average"])[key]
    found = f"'{rule}': found no {key} of the {checkpoint} .* in run dlfa-2-1"
    with pytest.raises(RuleError, match=found):
        pick(runs, rule)


@pytest.mark.parametrize("rule", ["confidence-average", "consensus"])
@pytest.mark.parametrize("task", ["ner", "tagger"])
def test_runs_on_english_alone(rule, task):
    runs = make_judged(SYSTEMS)
    for run in runs:
        run["task"] = task
        for part in (run, run["average"]):
            for key in ("predictions", "confidence"):
                part[key] = {"en_pud": part[key]["en_pud"]}
    with pytest.raises(RuleError, match=f"'{rule}': found .* of English alone in run dlfa-2-0"):
        pick(runs, rule)
    assert pick(runs).layer == 5


def test_runs_without_an_average():
    runs = make_judged(SYSTEMS)
    del runs[0]["average"]
    with pytest.raises(RuleError, match="average checkpoint"):
        pick(runs, "dev-average")
    assert len(target_scores(runs)) == 4


def test_nobody_to_agree_with():
    with pytest.raises(RuleError, match="expected two or more"):
        pick(make_judged({("last", None): (0.5, 50, 0.5)}), "consensus")


def test_unknown_names():
    runs = make_judged(SYSTEMS)
    with pytest.raises(ValueError, match=f"no such rule; expected one of {', '.join(RULES)}"):
        pick(runs, "oracle")
    with pytest.raises(ValueError, match="'aif': found only dlfa, last, mean"):
        pick(runs, name="aif")


def test_predictions_on_other_sentences():
    runs = make_judged(SYSTEMS)
    runs[0]["predictions"]["ru_pud"] = "AB"
    with pytest.raises(ValueError, match=r"ru_pud: found predictions of \[2, 300\] labels"):
        pick(runs, "consensus")
