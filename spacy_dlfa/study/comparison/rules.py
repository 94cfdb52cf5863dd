"""Rules for choosing without a target label; imports nothing, as the help of commands reads it."""

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

Criterion = Literal["dev", "confidence", "agreement", "consensus"]


class Rule(NamedTuple):
    """A way to choose; with several criteria, by the mean of the ranks.

    reads (Tuple[str]): The keys of a run that the criteria read.
    criteria (Tuple[str]): Each gives systems a value, the higher the better; see `pick.CRITERIA`.
    checkpoint (str): The checkpoint that is judged, and chosen.
    reason (str): The criteria in words.
    """

    reads: tuple[str, ...]
    criteria: tuple[Criterion, ...]
    checkpoint: Literal["best", "average"]
    reason: str


_AGREEMENT = "agreement between seeds on unlabelled target sentences"
_CONSENSUS = "agreement with all other systems on unlabelled target sentences"
_CONFIDENCE = "mean top probability on unlabelled target sentences"
_DEV = "score on English dev"
RULES: Final[Mapping[str, Rule]] = {
    "dev": Rule(("dev",), ("dev",), "best", _DEV),
    "dev-average": Rule(("dev",), ("dev",), "average", _DEV),
    "confidence": Rule(("confidence",), ("confidence",), "best", _CONFIDENCE),
    "confidence-average": Rule(("confidence",), ("confidence",), "average", _CONFIDENCE),
    "agreement": Rule(("predictions",), ("agreement",), "best", _AGREEMENT),
    "agreement-average": Rule(("predictions",), ("agreement",), "average", _AGREEMENT),
    "consensus": Rule(("predictions",), ("consensus",), "best", _CONSENSUS),
    "consensus-average": Rule(("predictions",), ("consensus",), "average", _CONSENSUS),
    "dev-consensus-average": Rule(
        ("dev", "predictions"),
        ("dev", "consensus"),
        "average",
        f"mean rank by {_DEV} and {_CONSENSUS}",
    ),
}
DEFAULT_RULE: Final = "dev-average"
