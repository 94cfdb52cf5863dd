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
    support_title (str): The title of its column.
    scored (str): What is compared with gold, and by what.
    """

    name: str
    component: str
    metric: str
    metrics: Mapping[str, str]
    support: str
    support_title: str
    scored: str

    @property
    def title(self) -> str:
        """Title of the headline metric."""
        return self.metrics[self.metric]


_CATEGORIES = {"accuracy": "Accuracy", "macro_f1": "Macro F1"}
TASKS = {
    task.name: task
    for task in (
        Task(
            name="ner",
            component="ner",
            metric="f",
            metrics={"p": "P", "r": "R", "f": "F1"},
            support="entities",
            support_title="Ent.",
            scored="entities by characters and label",
        ),
        Task(
            name="tagger",
            component="tagger",
            metric="accuracy",
            metrics={"accuracy": "Accuracy", "seqeval_f1": "Seqeval F1"},
            support="tokens",
            support_title="Tokens",
            scored="gold tokens by characters and tag",
        ),
        Task(
            name="textcat",
            component="textcat",
            metric="accuracy",
            metrics=_CATEGORIES,
            support="docs",
            support_title="Docs",
            scored="documents by label",
        ),
        Task(
            name="pairs",
            component="textcat",
            metric="accuracy",
            metrics=_CATEGORIES,
            support="pairs",
            support_title="Pairs",
            scored="pairs by label",
        ),
    )
}


def task_named(name: str) -> Task:
    """Return a task by its name.

    RAISES (ValueError): If there is no such task.
    """
    if name not in TASKS:
        raise ValueError(Errors.DL312.format(name=name, tasks=", ".join(TASKS)))
    return TASKS[name]
