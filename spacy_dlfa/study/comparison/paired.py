"""Every system of a sweep against a baseline, on the same seeds and sentences."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spacy_dlfa.evaluation.bootstrap import resample
from spacy_dlfa.evaluation.counts import score
from spacy_dlfa.evaluation.record import Run
from spacy_dlfa.study.comparison.counts import sentences_of, stack_counts
from spacy_dlfa.study.comparison.inference import Estimate, estimate, holm
from spacy_dlfa.study.comparison.rules import BASELINE, Checkpoint
from spacy_dlfa.study.comparison.runs import (
    System,
    by_system,
    find_baseline,
    label,
    order,
    system_label,
    system_of,
    zero_shot,
)
from spacy_dlfa.study.comparison.verdict import verdict
from spacy_dlfa.study.errors import Errors


@dataclass(frozen=True)
class Comparison:
    """A system against the baseline, by the headline metric.

    name (str): Name of the fusion.
    layer (Optional[int]): Its lower layer.
    seeds (List[int]): The seeds that system and baseline share.
    difference (float): System minus baseline, in points: mean over seeds of the plain mean over
        foreign test sets.
    low (float): Lower end of its 95 % interval over seeds and sentences; sentences only if there
        is one seed.
    high (float): Upper end.
    p (float): Two-sided p-value.
    p_holm (float): The same, corrected for all systems compared.
    by_corpus (Dict[str, float]): Differences by test set, English among them, undefined ones not.
    verdict (str): All that in words.
    mean (float): The system's own score, in per cent.
    ahead (int): Foreign test sets where the system is ahead.
    corpora (int): Foreign test sets.
    intervals (Dict[str, List[float]]): Low and high by test set, each for itself.
    """

    name: str
    layer: int | None
    seeds: list[int | None]
    difference: float
    low: float
    high: float
    p: float
    p_holm: float
    by_corpus: dict[str, float]
    verdict: str
    mean: float
    ahead: int
    corpora: int
    intervals: dict[str, list[float]]


@dataclass
class _Pair:
    # Positions among all runs, seed by seed
    system: System
    seeds: list[int | None]
    ours: list[int]
    theirs: list[int]
    by_corpus: dict[str, Estimate] = field(default_factory=dict)

    def estimate(self, scores: NDArray[Any], draws: NDArray[Any]) -> Estimate:
        ours, theirs = self.ours, self.theirs
        return estimate(scores[ours] - scores[theirs], draws[:, ours] - draws[:, theirs])


def compare(
    runs: Sequence[Run],
    *,
    baseline: str = BASELINE,
    checkpoint: Checkpoint = "best",
    resamples: int = 10_000,
) -> list[Comparison]:
    """Compare every system with the baseline.

    The test sets stand for themselves: neither they nor the languages are resampled. Those in a
    language whose labels a run has seen count in no mean.

    runs (Sequence[Run]): As `read_runs` gives them.
    baseline (str): Name of the baseline, with its layer if it has several: `last`, `dlfa-5`.
    checkpoint (str): "best" on English dev, or "average".
    resamples (int): Resamples of the sentences, the same in translations.
    RETURNS (List[Comparison]): One for each system but the baseline, by name and layer.
    RAISES (ValueError): If the baseline, a seed that is shared, a checkpoint or a foreign test
        set is missing, or the runs did not see the same sentences.
    """
    runs = sorted(runs, key=lambda run: (order(system_of(run)), str(run["seed"])))
    against = find_baseline(runs, baseline)
    pairs = _make_pairs(runs, against)
    task = runs[0]["task"]
    targets = zero_shot(runs)
    means, drawn_means = [], np.zeros((resamples, len(runs)))
    defined = np.zeros((resamples, 1))
    sentences = sentences_of(runs)
    for corpus in sorted(sentences):
        counts = stack_counts(runs, corpus, checkpoint)
        scores = score(task, counts)
        if np.isnan(scores).any():
            continue
        draws = resample(task, counts, sentences[corpus], resamples=resamples)
        for pair in pairs:
            pair.by_corpus[corpus] = pair.estimate(scores, draws)
        if corpus in targets:
            means.append(scores)
            # Without an annotation in the resample, the set has no score there for any run.
            known = ~np.isnan(draws).any(axis=1, keepdims=True)
            drawn_means += np.where(known, draws, 0)
            defined += known
    if not means:
        raise ValueError(Errors.DL407.format())
    scores = np.mean(means, axis=0)
    draws = np.divide(
        drawn_means, defined, out=np.full_like(drawn_means, np.nan), where=defined > 0
    )
    estimates = [pair.estimate(scores, draws) for pair in pairs]
    corrected = holm([found.p for found in estimates])
    compared = []
    for pair, found, p_holm in zip(pairs, estimates, corrected, strict=True):
        own = [corpus for corpus in targets if corpus in pair.by_corpus]
        ahead = sum(pair.by_corpus[corpus].difference > 0 for corpus in own)
        said = verdict(
            pair.system,
            against,
            found,
            p_holm,
            ahead=ahead,
            corpora=len(own),
            seeds=len(pair.seeds),
            systems=len(pairs),
        )
        name, layer = pair.system
        compared.append(
            Comparison(
                name=name,
                layer=layer,
                seeds=pair.seeds,
                **found._asdict(),
                p_holm=p_holm,
                by_corpus={corpus: row.difference for corpus, row in pair.by_corpus.items()},
                verdict=said,
                mean=float(scores[pair.ours].mean()),
                ahead=ahead,
                corpora=len(own),
                intervals={corpus: [row.low, row.high] for corpus, row in pair.by_corpus.items()},
            )
        )
    return compared


def _make_pairs(runs: Sequence[Run], against: System) -> list[_Pair]:
    place = {(system_of(run), run["seed"]): i for i, run in enumerate(runs)}
    groups = by_system(runs)
    pairs = []
    for system, members in groups.items():
        if system == against:
            continue
        seeds = [run["seed"] for run in members if (against, run["seed"]) in place]
        if not seeds:
            raise ValueError(
                Errors.DL409.format(
                    system=system_label(system),
                    found=", ".join(map(label, members)),
                    expected=", ".join(map(label, groups[against])),
                )
            )
        ours = [place[system, seed] for seed in seeds]
        pairs.append(_Pair(system, seeds, ours, [place[against, seed] for seed in seeds]))
    if not pairs:
        raise ValueError(Errors.DL408.format(against=system_label(against)))
    return pairs
