"""What counts the right and wrong predictions of a task."""

from typing import Protocol

from spacy.tokens import Doc


class Tally(Protocol):
    """Counts predictions against gold annotation, sentence by sentence.

    counts (Dict[str, List[int]]): By kind, one number for each sentence, see
        `spacy_dlfa.evaluation.counts.score`.
    """

    counts: dict[str, list[int]]

    @property
    def support(self) -> int:
        """Number of gold annotations."""

    def add(self, predicted: Doc, gold: Doc) -> None:
        """Count one sentence."""

    def metrics(self) -> dict[str, float | None]:
        """Return the task's metrics in per cent, None where there is no gold annotation."""


def f_score(tp: int, fp: int, fn: int) -> float | None:
    """Return the F1 in per cent, or None without gold annotation."""
    return 200 * tp / (2 * tp + fp + fn) if tp + fn else None
