"""What went wrong, and how: labels that were confused, and ends of entities apart from labels."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable
from typing import Literal, NamedTuple

from typing_extensions import TypedDict

#: First character, end and label
Span = tuple[int, int, str]
MistakeKind = Literal["right", "label", "boundary", "both", "missed", "invented"]


class Mistakes(TypedDict):
    """The mistakes in a test set.

    confusion (Dict[str, Dict[str, int]]): How often, by gold label and predicted one; "" stands
        for nothing, beside an entity that was missed or invented.
    kinds (Dict[MistakeKind, int]): Pairs of spans by kind, see `Pair`.
    """

    confusion: dict[str, dict[str, int]]
    kinds: dict[MistakeKind, int]


class Pair(NamedTuple):
    """A gold span and the predicted one that stands for it.

    kind (MistakeKind): "label": the gold span's ends and another label. "boundary": its label, and
        other ends that overlap it. "both": another label and such ends.
    gold (Optional[Span]): The gold span, None if one was invented.
    found (Optional[Span]): The predicted span, None if the gold one was missed.
    """

    kind: MistakeKind
    gold: Span | None
    found: Span | None


def pair_spans(gold: Iterable[Span], found: Iterable[Span]) -> list[Pair]:
    """Pair gold spans with predicted ones, each with one at most.

    Spans with the same ends come first, then those that overlap and have the same label, then
    others that overlap; of several the ones that share most characters, then the first.

    gold (Iterable[Span]): The gold spans of a sentence, of which no two overlap.
    found (Iterable[Span]): The predicted spans, of which no two overlap.
    RETURNS (List[Pair]): The pairs, by their place in the text.
    """
    ours, theirs = ({span[:2]: span for span in spans} for spans in (gold, found))
    pairs = []
    for ends in ours.keys() & theirs.keys():
        expected, given = ours.pop(ends), theirs.pop(ends)
        pairs.append(Pair("right" if expected == given else "label", expected, given))
    others = sorted(theirs.values())
    starts, stops = [span[0] for span in others], [span[1] for span in others]
    near = [
        (expected[2] != given[2], -_shared(expected, given), expected, given)
        for expected in ours.values()
        for given in others[bisect_right(stops, expected[0]) : bisect_left(starts, expected[1])]
    ]
    for other_label, _, expected, given in sorted(near):
        if expected[:2] in ours and given[:2] in theirs:
            del ours[expected[:2]], theirs[given[:2]]
            pairs.append(Pair("both" if other_label else "boundary", expected, given))
    pairs += [Pair("missed", span, None) for span in ours.values()]
    pairs += [Pair("invented", None, span) for span in theirs.values()]
    return sorted(pairs, key=lambda pair: pair.gold or pair.found or (0, 0, ""))


class MistakeTally:
    """Counts pairs of spans."""

    def __init__(self) -> None:
        self._confusion: Counter[tuple[str, str]] = Counter()
        self._kinds: Counter[MistakeKind] = Counter()

    def add(self, pairs: Iterable[Pair]) -> None:
        """Count the pairs of one sentence."""
        for kind, gold, found in pairs:
            self._kinds[kind] += 1
            self._confusion[gold[2] if gold else "", found[2] if found else ""] += 1

    def record(self) -> Mistakes:
        """Return the counts, without those that are 0."""
        confusion: dict[str, dict[str, int]] = {}
        for (gold, found), count in sorted(self._confusion.items()):
            confusion.setdefault(gold, {})[found] = count
        return {"confusion": confusion, "kinds": dict(sorted(self._kinds.items()))}


def _shared(one: Span, other: Span) -> int:
    return min(one[1], other[1]) - max(one[0], other[0])
