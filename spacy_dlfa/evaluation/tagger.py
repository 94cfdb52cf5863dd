"""Score tags by characters, so that any tokenisation can be compared."""

from spacy.tokens import Doc

from spacy_dlfa.evaluation.tally import Tally, f_score

Spans = set[tuple[int, int, str]]


class TagTally(Tally):
    """Token accuracy, and XTREME's F1 over runs of equal tags.

    Accuracy is the share of gold tokens whose characters and tag are right, which on gold tokens
    is token accuracy; on raw text a token that is cut elsewhere is wrong.
    """

    def __init__(self) -> None:
        super().__init__()
        self._chunks = [0, 0, 0]

    def add(self, predicted: Doc, gold: Doc) -> None:
        """Count the tags of one sentence."""
        found, expected = _all_tags(predicted), _all_tags(gold)
        gaps = [(start, end, tag) for start, end, tag in expected if not tag]
        tagged = {i for start, end, tag in expected if tag for i in range(start, end)}
        # What gold leaves untagged is neither right nor wrong
        found = [each for each in found if not tagged.isdisjoint(range(each[0], each[1]))]
        self.counts["correct"].append(len({*found} & {*expected}))
        self.counts["total"].append(len(expected) - len(gaps))
        runs, gold_runs = merge(sorted([*found, *gaps])), merge(expected)
        tp = len(runs & gold_runs)
        for i, count in enumerate((tp, len(runs) - tp, len(gold_runs) - tp)):
            self._chunks[i] += count

    def metrics(self) -> dict[str, float | None]:
        """Return `accuracy` and `seqeval_f1`."""
        correct, total = sum(self.counts["correct"]), self.support
        accuracy = 100 * correct / total if total else None
        return {"accuracy": accuracy, "seqeval_f1": f_score(*self._chunks)}


def tags(doc: Doc) -> list[tuple[int, int, str]]:
    """Return the tags of a document as (first character, end, tag)."""
    return [each for each in _all_tags(doc) if each[2]]


def _all_tags(doc: Doc) -> list[tuple[int, int, str]]:
    return [(token.idx, token.idx + len(token), token.tag_) for token in doc]


def merge(tags: list[tuple[int, int, str]]) -> Spans:
    """Merge adjacent equal tags into chunks, as seqeval 0.0.12 does, which XTREME took.

    tags (List[Tuple[int, int, str]]): In their order; an empty tag is in no chunk, and ends one.
    """
    merged: list[tuple[int, int, str]] = []
    for start, end, tag in tags:
        # To seqeval a first letter S is IOBES's mark of a single: SCONJ and SYM never merge.
        if merged and merged[-1][2] == tag and tag[:1] not in ("B", "S"):
            start = merged.pop()[0]
        merged.append((start, end, tag))
    return {chunk for chunk in merged if chunk[2]}
