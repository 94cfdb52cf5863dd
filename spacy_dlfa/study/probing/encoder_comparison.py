"""Which of two encoders is better on the mean of the three tasks, and how sure that is."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from spacy_dlfa.evaluation.bootstrap import resample
from spacy_dlfa.evaluation.counts import score
from spacy_dlfa.evaluation.record import Run
from spacy_dlfa.study.comparison.counts import sentences_of, stack_counts
from spacy_dlfa.study.comparison.inference import Estimate, estimate, holm
from spacy_dlfa.study.comparison.verdict import LEVEL, p_value

RESAMPLES = 2000
MEAN = "mean"

#: The runs of each seed, by task.
Runs = Mapping[str, Sequence[dict[str, Any]]]


class EncoderComparison(NamedTuple):
    """An encoder against another one.

    name (str): The encoder.
    against (str): The other one.
    seeds (int): Seeds that both were fine-tuned with.
    estimates (Dict[str, Estimate]): The difference in points by task, and `mean`, of all three.
    p_holm (float): The p-value of the mean, corrected for the number of comparisons.
    """

    name: str
    against: str
    seeds: int
    estimates: dict[str, Estimate]
    p_holm: float

    @property
    def verdict(self) -> str:
        """The comparison in words."""
        difference, low, high, _ = self.estimates[MEAN]
        found = "can't be told apart from"
        if (low > 0 or high < 0) and self.p_holm < LEVEL:
            found = "is better than" if low > 0 else "is worse than"
        seeds = f"{self.seeds} seeds"
        if self.seeds == 1:
            seeds = "1 seed, so sentences only: another may differ"
        return (
            f"{self.name} {found} {self.against} on the mean of the three tasks: "
            f"{difference:+.1f} points, 95 % interval {low:+.1f} to {high:+.1f} "
            f"(Holm p {p_value(self.p_holm)}, {seeds})"
        )


def compare_encoders(
    runs: Mapping[str, Runs], pairs: Sequence[tuple[str, str]], corpora: Mapping[str, Sequence[str]]
) -> list[EncoderComparison]:
    """Compare encoders on the same seeds and the same resampled sentences.

    runs (Mapping[str, Runs]): By name of the encoder, with the same tasks and seeds each.
    pairs (Sequence[Tuple[str, str]]): Names of an encoder and of the one that it is compared with.
    corpora (Mapping[str, Sequence[str]]): The test sets by task, over which a plain mean is taken.
    RETURNS (List[EncoderComparison]): One for each pair.
    RAISES (ValueError): If the runs did not see the same sentences.
    """
    place = {name: i for i, name in enumerate(runs)}
    measured = {
        task: _score([list(runs[name][task]) for name in runs], task, names)
        for task, names in corpora.items()
    }
    scores, draws = zip(*measured.values(), strict=True)
    measured[MEAN] = np.mean(scores, axis=0), np.mean(draws, axis=0)
    found = [
        {
            task: estimate(
                values[place[name]] - values[place[against]],
                drawn[:, place[name]] - drawn[:, place[against]],
            )
            for task, (values, drawn) in measured.items()
        }
        for name, against in pairs
    ]
    corrected = holm([estimates[MEAN].p for estimates in found])
    return [
        EncoderComparison(name, against, scores[0].shape[1], estimates, p_holm)
        for (name, against), estimates, p_holm in zip(pairs, found, corrected, strict=True)
    ]


def _score(
    runs: Sequence[Sequence[dict[str, Any]]], task: str, corpora: Sequence[str]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the means over test sets, (E, S) encoders by seeds, and on resamples, (B, E, S)."""
    # Of `evaluate`, and of this very version
    flat = [cast(Run, run) for seeds in runs for run in seeds]
    shape = (len(runs), len(runs[0]))
    scores, draws = [], []
    sentences = sentences_of(flat)
    for corpus in corpora:
        counts = stack_counts(flat, corpus)
        scores.append(score(task, counts))
        draws.append(resample(task, counts, sentences[corpus], resamples=RESAMPLES))
    means = np.nanmean(np.stack(draws), axis=0)
    return np.nanmean(np.stack(scores), axis=0).reshape(shape), means.reshape(-1, *shape)
