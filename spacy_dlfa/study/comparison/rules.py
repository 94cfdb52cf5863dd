"""Rules for choosing without a target label; imports nothing, as the help of commands reads it."""

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple


class Rule(NamedTuple):
    """A way to choose; `pick.CRITERIA` has the function that gives systems their value.

    reads (str): The key of a run that it reads.
    checkpoint (str): The checkpoint that is judged, and chosen.
    reason (str): The criterion in words.
    """

    reads: str
    checkpoint: Literal["best", "average"]
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
