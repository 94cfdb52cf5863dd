"""Baseline, checkpoints, and rules to choose without target labels; light, as help reads it."""

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

#: The last layer alone: what a fusion is compared with, unless said otherwise
BASELINE: Final = "last"
#: The two of a run that are scored
Checkpoint = Literal["best", "average"]
CHECKPOINTS: Final[tuple[Checkpoint, ...]] = ("best", "average")


class Rule(NamedTuple):
    """A way to choose; `pick.CRITERIA` has the function that gives systems their value.

    reads (str): The key of a run that it reads.
    checkpoint (Checkpoint): The checkpoint that is judged, and chosen.
    reason (str): The criterion in words.
    """

    reads: str
    checkpoint: Checkpoint
    reason: str


RULES: Final[Mapping[str, Rule]] = {
    "dev-average": Rule("dev", "average", "score on English dev"),
    "confidence-average": Rule(
        "confidence", "average", "mean top probability on unlabelled target sentences"
    ),
    "consensus": Rule(
        "predictions", "best", "agreement with all other systems on unlabelled target sentences"
    ),
}
DEFAULT_RULE: Final = "dev-average"
