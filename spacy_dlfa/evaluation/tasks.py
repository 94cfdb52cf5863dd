"""The tasks that a pipeline is trained and scored on."""

from collections.abc import Mapping
from typing import NamedTuple

from spacy_dlfa.errors import Errors


class Task(NamedTuple):
    """A task, and what its scores are called.

    name (str): Key in TASKS.
    component (str): The component that does it.
    metric (str): The headline metric, the one with intervals.
    metrics (Dict[str, str]): All of them, each in per cent, with the titles of their columns.
    support (str): What the metrics count.
    """

    name: str
    component: str
    metric: str
    metrics: Mapping[str, str]
    support: str

    @property
    def title(self) -> str:
        """Title of the headline metric."""
        return self.metrics[self.metric]


_TAGS = {"accuracy": "Accuracy", "seqeval_f1": "Seqeval F1"}
_CATEGORIES = {"accuracy": "Accuracy", "macro_f1": "Macro F1"}
TASKS = {
    task.name: task
    for task in (
        Task("ner", "ner", "f", {"p": "P", "r": "R", "f": "F1"}, "entities"),
        Task("tagger", "tagger", "accuracy", _TAGS, "tokens"),
        Task("textcat", "textcat", "accuracy", _CATEGORIES, "docs"),
        Task("pairs", "textcat", "accuracy", _CATEGORIES, "pairs"),
    )
}


def task_named(name: str) -> Task:
    """Return a task by its name.

    RAISES (ValueError): If there is no such task.
    """
    if name not in TASKS:
        raise ValueError(Errors.DL312.format(name=name, tasks=", ".join(TASKS)))
    return TASKS[name]
