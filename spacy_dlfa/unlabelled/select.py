"""Which labelled sentences are trained on."""

from collections import Counter
from collections.abc import Iterable
from random import Random
from typing import Literal, NamedTuple, TypeAlias

from spacy.tokens import Doc

from spacy_dlfa.corpora.held_out import HeldOut
from spacy_dlfa.unlabelled.label import AGREED

Keep: TypeAlias = Literal["all", "agreed"]
#: Why sentences are dropped, in the order in which it is asked.
REASONS = ("held out", "double", "disagreed", "without entities", "beyond --per-language")


class Rules(NamedTuple):
    """What is kept.

    task (str): Name of the task.
    keep (str): "agreed", what both systems say the same of, or "all".
    per_language (Optional[int]): Sentences of a language, at most.
    seed (int): Of the draw.
    """

    task: str
    keep: Keep = "agreed"
    per_language: int | None = None
    seed: int = 0


def select(
    docs: Iterable[Doc], language: str, held_out: HeldOut, rules: Rules
) -> tuple[list[Doc], dict[str, int]]:
    """Choose among the sentences of a language.

    Test sentences and doubles are dropped first. Two systems agree on nothing most easily: of what
    they agree on, sentences without entities are as many as those with some, at most. The rest is
    balanced by a draw.

    docs (Iterable[Doc]): As `label_files` made them.
    language (str): Code of the language, which the draw hangs on, too.
    RETURNS (Tuple[List[Doc], Dict[str, int]]): The sentences in random order, and how many were
        `read`, dropped for each of REASONS, and `kept`.
    """
    counts: Counter[str] = Counter()
    left: list[Doc] = []
    texts: set[str] = set()
    for doc in docs:
        counts["read"] += 1
        if held_out.contains(doc.text, language):
            counts["held out"] += 1
        elif doc.text in texts:
            counts["double"] += 1
        elif rules.keep == "agreed" and not doc.user_data[AGREED]:
            counts["disagreed"] += 1
        else:
            left.append(doc)
        texts.add(doc.text)
    rng = Random(f"{rules.seed} {language}")
    rng.shuffle(left)
    if rules.task == "ner" and rules.keep == "agreed":
        named = [doc for doc in left if doc.ents]
        empty = [doc for doc in left if not doc.ents]
        counts["without entities"] = len(empty[len(named) :])
        left = [*named, *empty[: len(named)]]
        rng.shuffle(left)
    kept = left[: rules.per_language]
    counts["beyond --per-language"] = len(left) - len(kept)
    counts["kept"] = len(kept)
    return kept, {name: counts[name] for name in ("read", *REASONS, "kept")}
