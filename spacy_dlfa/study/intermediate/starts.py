"""What an encoder can be trained on before its task, and for which tasks that is measured."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from spacy_dlfa.study.comparison.verdict import NO_INTERMEDIATE
from spacy_dlfa.study.errors import Errors

#: Part-of-speech tags in many languages, none of which is English.
MANY: Final = "tagger-many"
_SEPARATOR: Final = "+"


class Target(NamedTuple):
    """A task that is trained after the intermediate ones, in English.

    task (str): A key of `spacy_dlfa.evaluation.tasks.TASKS`.
    config (str): Name of its config.
    """

    task: str
    config: str


#: By the name of the folder with their corpora.
TARGETS: Final = {
    "ner": Target("ner", "ner"),
    "tagger": Target("tagger", "tagger"),
    "textcat": Target("textcat", "textcat"),
    "pairs": Target("pairs", "pairs"),
    "nli": Target("pairs", "pairs"),
    "intents": Target("textcat", "textcat"),
}

#: Of the intermediate config, the component that learns from the data of each part.
COMPONENTS: Final = {
    MANY: "tagger",
    "tagger": "tagger",
    **dict.fromkeys(("textcat", "pairs", "nli", "intents"), "textcat_multilabel"),
}
_ALONE = ("tagger", MANY, "nli", "intents")
#: What is joined, in this order: two or four that are not the target
_JOINED = (MANY, "intents", "pairs", "nli", "textcat")


def default_starts(target: str) -> list[str]:
    """List the starts of a target: none, tasks alone, two and four together."""
    others = [part for part in _JOINED if part != target]
    joined = [_SEPARATOR.join(others[:count]) for count in (2, 4)]
    return [NO_INTERMEDIATE, *(part for part in _ALONE if part != target), *joined]


def check_start(start: str, target: str) -> None:
    """Check the name of a start: `none`, a task, or some with `+` between them.

    RAISES (ValueError): If there is no such task, one is named twice, or it is the target.
    """
    if start == NO_INTERMEDIATE:
        return
    parts = parts_of(start)
    for part in parts:
        if part not in COMPONENTS:
            raise ValueError(
                Errors.DL480.format(
                    part=part,
                    none=NO_INTERMEDIATE,
                    tasks=", ".join(COMPONENTS),
                    separator=_SEPARATOR,
                )
            )
    if len({*parts}) < len(parts) or target in parts:
        raise ValueError(Errors.DL481.format(start=start, target=target))


def parts_of(start: str) -> Sequence[str]:
    """Return the tasks that a start is made of."""
    return () if start == NO_INTERMEDIATE else start.split(_SEPARATOR)
