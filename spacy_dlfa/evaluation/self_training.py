"""What says that a pipeline has seen unlabelled text of the languages that it is scored on."""

from collections.abc import Mapping
from typing import Any

from typing_extensions import TypedDict

#: Where it stands in a pipeline's meta.json: `meta["dlfa"]["self_training"]`.
META, KEY = "dlfa", "self_training"


class SelfTraining(TypedDict):
    """How a pipeline was trained on labels of another one.

    pipeline (str): The pipeline whose labels they are, as it was called.
    second (Optional[str]): The one that was asked besides.
    keep (str): "agreed", or "all".
    per_language (Optional[int]): Sentences of a language, at most.
    languages (Dict[str, int]): Sentences by the name of their language.
    """

    pipeline: str
    second: str | None
    keep: str
    per_language: int | None
    languages: dict[str, int]


def find_self_training(meta: Mapping[str, Any]) -> SelfTraining | None:
    """Return what a pipeline's meta data say; None if it was not trained so."""
    ours = meta.get(META)
    return ours.get(KEY) if isinstance(ours, dict) else None


def note(found: SelfTraining) -> str:
    """Say it in a sentence."""
    languages = found["languages"]
    number = f"{len(languages)} language{'s' * (len(languages) != 1)}"
    sentences = f"{sum(languages.values()):,} unlabelled sentences"
    return f"Self-trained on {sentences} of {number}, so this is not strict zero-shot"


def suffix(found: SelfTraining) -> str:
    """Return what the name of a system has at its end: `self-agreed-200`."""
    parts = ["self", found["keep"], found["per_language"]]
    return "-".join(str(part) for part in parts if part is not None)
