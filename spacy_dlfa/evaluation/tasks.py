"""The tasks that a pipeline is trained and scored on."""

from typing import NamedTuple


class Task(NamedTuple):
    """A task, and what its scores are called.

    name (str): Key in TASKS.
    component (str): The component that does it.
    metric (str): The headline metric, the one with intervals.
    metrics (Tuple[str, ...]): All of them, in the order of the tables; each in per cent.
    titles (Tuple[str, ...]): Their column titles.
    support (str): What the metrics count.
    """

    name: str
    component: str
    metric: str
    metrics: tuple[str, ...]
    titles: tuple[str, ...]
    support: str


TASKS = {
    task.name: task
    for task in (
        Task("ner", "ner", "f", ("p", "r", "f"), ("P", "R", "F1"), "entities"),
        Task(
            "tagger",
            "tagger",
            "accuracy",
            ("accuracy", "seqeval_f1"),
            ("Accuracy", "Seqeval F1"),
            "tokens",
        ),
        Task(
            "textcat",
            "textcat",
            "accuracy",
            ("accuracy", "macro_f1"),
            ("Accuracy", "Macro F1"),
            "docs",
        ),
        Task(
            "pairs",
            "textcat",
            "accuracy",
            ("accuracy", "macro_f1"),
            ("Accuracy", "Macro F1"),
            "pairs",
        ),
    )
}


def task_named(name: str) -> Task:
    """Return a task by its name.

    RAISES (ValueError): If there is no such task.
    """
    if name not in TASKS:
        raise ValueError(f"Task '{name}': there is no such task; choose from {', '.join(TASKS)}")
    return TASKS[name]
