"""What a page shows of texts: sentences as displaCy renders them, and confusions of labels."""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from markupsafe import Markup, escape
from spacy import displacy

from spacy_dlfa.evaluation.examples import Example, unpack_span
from spacy_dlfa.evaluation.mistakes import MistakeKind, Mistakes, Pair, Span, pair_spans
from spacy_dlfa.evaluation.record import Run
from spacy_dlfa.languages import is_foreign
from spacy_dlfa.text.tokenizer import SEPARATOR

#: Titles of the columns, by kind
KINDS: dict[MistakeKind, str] = {
    "right": "Right",
    "boundary": "Boundary",
    "label": "Label",
    "both": "Both",
    "missed": "Missed",
    "invented": "Invented",
}
_NOTHING = "nothing"
_SIGNS: dict[MistakeKind, str] = {
    "right": "✓",
    "boundary": "✗ boundary",
    "label": "✗ label",
    "both": "✗ both",
    "missed": "missed",
    "invented": "invented",
}
_ENTITY = (
    '<mark class="span {kind}">{text}<span dir="ltr"><b>{label}</b>{sign}</span></mark>{kb_link}'
)


class Confusion(NamedTuple):
    """A table of labels.

    labels (Sequence[str]): Titles of the columns: predicted labels.
    rows (Sequence): Title of each row, a gold label, and for each cell the count and its share of
        the row.
    """

    labels: Sequence[str]
    rows: Sequence[tuple[str, Sequence[tuple[int, float]]]]


def language_parts(run: Run, labels: Mapping[str, str]) -> list[dict[str, Any]]:
    """Say for each test set what its part of the page shows, by the name of the language.

    labels (Mapping[str, str]): What test sets are called.
    """
    examples, mistakes = run.get("examples", {}), run.get("mistakes", {})
    names = sorted({*examples, *mistakes}, key=lambda name: (labels[name], name))
    return [
        {
            "name": name,
            "label": labels[name],
            "row": run["scores"][name],
            "examples": [_example(each, run["task"]) for each in examples.get(name, ())],
            "confusion": confusion([mistakes[name]] if name in mistakes else []),
            "kinds": kind_counts([mistakes[name]] if name in mistakes else []),
        }
        for name in names
    ]


def foreign_mistakes(run: Run) -> list[Mistakes]:
    """List the mistakes in foreign test sets, or in all if none is foreign."""
    found = run.get("mistakes", {})
    return [each for name, each in found.items() if is_foreign(name)] or [*found.values()]


def confusion(mistakes: Iterable[Mistakes]) -> Confusion | None:
    """Add up confusions of labels; None if there is nothing."""
    counts = Counter[tuple[str, str]]()
    for each in mistakes:
        for gold, row in each["confusion"].items():
            counts.update({(gold, found): count for found, count in row.items()})
    if not counts:
        return None
    golds, founds = ({pair[side] for pair in counts} for side in (0, 1))
    # Nothing comes last
    columns, titles = (
        sorted(each, key=lambda label: (not label, label)) for each in (founds, golds)
    )
    rows = []
    for gold in titles:
        total = sum(counts[gold, found] for found in columns)
        cells = [(counts[gold, found], counts[gold, found] / max(total, 1)) for found in columns]
        rows.append((gold or _NOTHING, cells))
    return Confusion([label or _NOTHING for label in columns], rows)


def kind_counts(mistakes: Iterable[Mistakes]) -> list[int]:
    """Count mistakes by kind, in the order of `KINDS`."""
    counts = Counter[str]()
    for each in mistakes:
        counts.update(each["kinds"])
    return [counts[kind] for kind in KINDS]


def direction(text: str) -> str:
    """Return "rtl" for a text with more letters of scripts that go leftwards, "ltr" for others."""
    kinds = Counter(map(unicodedata.bidirectional, text))
    return "rtl" if kinds["R"] + kinds["AL"] > kinds["L"] else "ltr"


def render_spans(text: str, spans: Iterable[tuple[Span, str, str]]) -> Markup:
    """Render a text with displaCy.

    text (str): The text, which is escaped.
    spans (Iterable[Tuple[Span, str, str]]): Spans, each with a CSS class and a sign.
    """
    ents = [
        {
            "start": start,
            "end": end,
            "label": escape(label),
            # A space at the end would take the place of the one behind the span
            "params": {"kind": kind, "sign": escape(f" {sign}" if sign else "")},
        }
        for (start, end, label), kind, sign in sorted(spans)
    ]
    doc = {"text": text, "ents": ents, "settings": {"direction": direction(text)}}
    options = {"template": _ENTITY}
    return Markup(displacy.render(doc, style="ent", manual=True, jupyter=False, options=options))


def _example(example: Example, task: str) -> dict[str, Any]:
    text = example["text"]
    pairs = pair_spans(map(unpack_span, example["gold"]), map(unpack_span, example["found"]))
    shown: dict[str, Any] = {"kind": example["kind"], "direction": direction(text)}
    if task == "ner":
        gold = [(pair.gold, *_mark(pair, gold=True)) for pair in pairs if pair.gold]
        found = [(pair.found, *_mark(pair, gold=False)) for pair in pairs if pair.found]
        shown["panes"] = {"Gold": render_spans(text, gold), "Predicted": render_spans(text, found)}
    elif task == "tagger":
        spans = [
            (pair.gold, "wrong", f"gold, {pair.found[2] if pair.found else _NOTHING} predicted")
            for pair in pairs
            if pair.gold
        ]
        shown["panes"] = {"": render_spans(text, spans)}
    else:
        shown["texts"] = text.split(f" {SEPARATOR} ") if task == "pairs" else [text]
        shown["gold"] = next((pair.gold[2] for pair in pairs if pair.gold), _NOTHING)
        shown["found"] = next((pair.found[2] for pair in pairs if pair.found), _NOTHING)
        shown["scores"] = example.get("scores", {})
    return shown


def _mark(pair: Pair, *, gold: bool) -> tuple[str, str]:
    wrong = pair.kind in ("boundary", "label", "both")
    # What is wrong is said once, where the prediction is
    return ("wrong" if wrong else pair.kind), ("✗" if wrong and gold else _SIGNS[pair.kind])
