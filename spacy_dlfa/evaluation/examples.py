"""A few sentences of each test set to look at, chosen by a fixed rule."""

from collections.abc import Callable, Iterable
from hashlib import sha256
from typing import Literal, NotRequired

from spacy.tokens import Doc
from typing_extensions import TypedDict

from spacy_dlfa.errors import Errors
from spacy_dlfa.evaluation.mistakes import Mistakes, MistakeTally, Pair, Span, pair_spans
from spacy_dlfa.evaluation.ner import entities, scored_entities
from spacy_dlfa.evaluation.tagger import tags
from spacy_dlfa.evaluation.textcat import best_category

ExampleKind = Literal["right", "wrong", "missed"]

#: The rule, for those who read a page
RULE = (
    "Of those of 300 characters at most, by the hash (SHA-256) of their id, or of their text if "
    "they have none: the first two that are all right and have something to find, the first two "
    "with a wrong label or boundary, and of the others the first two with something missed or "
    "invented."
)
_OF_A_KIND = 2
_MAX_CHARACTERS = 300
_SCORES = 3


class Example(TypedDict):
    """A sentence.

    kind (ExampleKind): Why it was chosen.
    text (str): Its text.
    gold (List[str]): Gold spans, as `pack_span` has them; of tags those that were wrong alone.
    found (List[str]): The predicted ones.
    scores (Dict[str, float]): Of categories, the three highest scores by label.
    """

    kind: ExampleKind
    text: str
    gold: list[str]
    found: list[str]
    scores: NotRequired[dict[str, float]]


class Chooser:
    """Sees each sentence of a test set, keeps a few and counts mistakes.

    task (str): Name of the task.
    """

    def __init__(self, task: str) -> None:
        self._task = task
        self._kept: dict[ExampleKind, list[tuple[str, Example]]] = {
            "right": [],
            "wrong": [],
            "missed": [],
        }
        self._tally = MistakeTally()

    def add(self, predicted: Doc, gold: Doc) -> None:
        """Look at one sentence."""
        spans = SPANS[self._task]
        if self._task == "ner":
            pairs = pair_spans(spans(gold), scored_entities(predicted, gold))
        else:
            # What has no gold label, or what was cut elsewhere, is no mistake of a label
            pairs = [pair for pair in pair_spans(spans(gold), spans(predicted)) if pair.gold]
        self._tally.add(pairs)
        kind = _kind(pairs)
        if kind is None or len(gold.text) > _MAX_CHARACTERS:
            return
        key = sha256(str(gold.user_data.get("id") or gold.text).encode()).hexdigest()
        kept = self._kept[kind]
        if len(kept) < _OF_A_KIND or key < kept[-1][0]:
            kept.append((key, self._example(kind, predicted, gold.text, pairs)))
            kept.sort(key=lambda item: item[0])
            del kept[_OF_A_KIND:]

    def examples(self) -> list[Example]:
        """Return what was kept, right sentences first."""
        return [example for kept in self._kept.values() for _, example in kept]

    def mistakes(self) -> Mistakes:
        """Return what was counted."""
        return self._tally.record()

    def _example(self, kind: ExampleKind, doc: Doc, text: str, pairs: list[Pair]) -> Example:
        if self._task == "tagger":
            pairs = [pair for pair in pairs if pair.kind != "right"]
        example: Example = {
            "kind": kind,
            "text": text,
            "gold": [pack_span(pair.gold) for pair in pairs if pair.gold],
            "found": [pack_span(pair.found) for pair in pairs if pair.found],
        }
        if SPANS[self._task] is _categories:
            best = sorted(doc.cats.items(), key=lambda item: -item[1])[:_SCORES]
            example["scores"] = {label: round(float(value), 3) for label, value in best}
        return example


def pack_span(span: Span) -> str:
    """Write a span as one string, which keeps a JSON file short."""
    return " ".join(map(str, span))


def unpack_span(text: str) -> Span:
    """Read what `pack_span` wrote.

    RAISES (ValueError): If it is none.
    """
    parts = text.split(" ", 2)
    if len(parts) != 3 or not (parts[0].isdecimal() and parts[1].isdecimal()):
        raise ValueError(Errors.DL326.format(text=text))
    return int(parts[0]), int(parts[1]), parts[2]


def _kind(pairs: Iterable[Pair]) -> ExampleKind | None:
    kinds = {pair.kind for pair in pairs}
    if kinds & {"label", "boundary", "both"}:
        return "wrong"
    if kinds & {"missed", "invented"}:
        return "missed"
    return "right" if kinds else None


def _categories(doc: Doc) -> list[Span]:
    return [(0, len(doc.text), best_category(doc))] if doc.cats else []


SPANS: dict[str, Callable[[Doc], Iterable[Span]]] = {
    "ner": entities,
    "tagger": tags,
    "textcat": _categories,
    "pairs": _categories,
}
