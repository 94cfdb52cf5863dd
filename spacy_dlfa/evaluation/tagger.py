"""Score tags by characters, so that any tokenisation can be compared."""

from spacy.tokens import Doc

from spacy_dlfa.evaluation.tally import f_score

Spans = set[tuple[int, int, str]]


class TagTally:
    """Token accuracy, and XTREME's F1 over runs of equal tags.

    Accuracy is the share of gold tokens whose characters and tag are right, which on gold tokens
    is token accuracy; on raw text a token that is cut elsewhere is wrong.
    """

    def __init__(self) -> None:
        self.counts: dict[str, list[int]] = {"correct": [], "total": []}
        self._chunks = [0, 0, 0]

    @property
    def support(self) -> int:
        """Number of gold tokens with a tag."""
        return sum(self.counts["total"])

    def add(self, predicted: Doc, gold: Doc) -> None:
        """Count the tags of one sentence."""
        found, expected = tags(predicted), tags(gold)
        self.counts["correct"].append(len({*found} & {*expected}))
        self.counts["total"].append(len(expected))
        runs, gold_runs = merge(found), merge(expected)
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
    return [(token.idx, token.idx + len(token), token.tag_) for token in doc if token.tag_]


def merge(tags: list[tuple[int, int, str]]) -> Spans:
    """Merge adjacent equal tags into chunks, as seqeval 0.0.12 does, which XTREME took."""
    merged: list[tuple[int, int, str]] = []
    for start, end, tag in tags:
        # To seqeval a first letter S is IOBES's mark of a single: SCONJ and SYM never merge.
        if merged and merged[-1][2] == tag and tag[0] not in "BS":
            start = merged.pop()[0]
        merged.append((start, end, tag))
    return set(merged)
