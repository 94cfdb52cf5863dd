"""What counts the right and wrong predictions of a task."""

from abc import ABC, abstractmethod
from typing import ClassVar

from spacy.tokens import Doc


class Tally(ABC):
    """Counts predictions against gold annotation, sentence by sentence.

    kinds (Tuple[str, ...]): What is counted.
    annotated (Tuple[str, ...]): The kinds that make up the gold annotations.
    counts (Dict[str, List[int]]): By kind, one number for each sentence, see
        `spacy_dlfa.evaluation.counts.score`.
    """

    kinds: ClassVar[tuple[str, ...]] = ("correct", "total")
    annotated: ClassVar[tuple[str, ...]] = ("total",)

    def __init__(self) -> None:
        self.counts: dict[str, list[int]] = {kind: [] for kind in self.kinds}

    @property
    def support(self) -> int:
        """Number of gold annotations."""
        return sum(sum(self.counts[kind]) for kind in self.annotated)

    @abstractmethod
    def add(self, predicted: Doc, gold: Doc) -> None:
        """Count one sentence."""

    @abstractmethod
    def metrics(self) -> dict[str, float | None]:
        """Return the task's metrics in per cent, None where there is no gold annotation."""


def f_score(tp: int, fp: int, fn: int) -> float | None:
    """Return the F1 in per cent, or None without gold annotation."""
    return 200 * tp / (2 * tp + fp + fn) if tp + fn else None
