"""What two systems say of one text, and whether it is the same."""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import srsly
from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import get_package_path, is_package, load_config

from spacy_dlfa.errors import Errors
from spacy_dlfa.evaluation.ner import entities
from spacy_dlfa.evaluation.tagger import tags
from spacy_dlfa.evaluation.tasks import TASKS, Task
from spacy_dlfa.evaluation.textcat import best_category, keep_topics

Annotation: TypeAlias = frozenset[tuple[Any, ...]]
#: Pairs are no texts.
KINDS = {name: task for name, task in TASKS.items() if name != "pairs"}


def predict(nlp: Language, texts: Sequence[str], **options: Any) -> Iterator[Doc]:
    """Predict sentences as they are asked for, each of which has one document.

    options (Any): Those of `nlp.pipe`.
    RAISES (ValueError): After the last, if the pipeline lets some fall.
    """
    found = 0
    for doc in nlp.pipe(texts, **options):
        found += 1
        yield keep_topics(nlp, doc)
    if found != len(texts):
        raise ValueError(Errors.DL522.format(found=found, count=len(texts)))


def annotation(doc: Doc, task: str) -> Annotation:
    """Return what a document is annotated with.

    task (str): Name of the task.
    RETURNS (FrozenSet[Tuple[Any, ...]]): Entities or tags as (first character, end, label), which
        systems with other tokens can share; or the one topic.
    """
    if task == "ner":
        return frozenset(entities(doc))
    if task == "tagger":
        return frozenset(tags(doc))
    return frozenset([(best_category(doc),)])


def overlap(pairs: Collection[tuple[Annotation, Annotation]]) -> float | None:
    """Return the F1 of one system's annotations against the other's, over documents.

    With the same tokens it is, of tags and topics, the share that is equal.
    RETURNS (Optional[float]): In per cent; None if there is no annotation.
    """
    total = sum(len(first) + len(second) for first, second in pairs)
    both = sum(len(first & second) for first, second in pairs)
    return 200 * both / total if total else None


def find_task(pipelines: Collection[str], given: str | None) -> Task:
    """Return the one task that pipelines do, without loading them.

    pipelines (Collection[str]): Folders or packages.
    given (Optional[str]): Its name if it is known, which is then checked only.
    RAISES (ValueError): If there is no such task or pipeline, a pipeline is of sentence pairs, or
        all of them do more than one task.
    """
    if given is not None and given not in KINDS:
        raise ValueError(Errors.DL501.format(task=given, tasks=", ".join(KINDS)))
    wanted = [KINDS[given]] if given else list(KINDS.values())
    for name in pipelines:
        components = read_meta(name).get("components") or []
        able = [task for task in wanted if task.component in components]
        if not able:
            expected = " or ".join(f"'{task.component}'" for task in wanted)
            raise ValueError(Errors.DL502.format(name=name, found=components, expected=expected))
        # Texts and pairs have one component
        if KINDS["textcat"] in able and (separator := _separator(name)):
            able.remove(KINDS["textcat"])
            if not able:
                raise ValueError(Errors.DL505.format(name=name, separator=separator))
        wanted = able
    if len(wanted) > 1:
        raise ValueError(
            Errors.DL503.format(
                pipelines=" and ".join(pipelines), tasks=", ".join(task.name for task in wanted)
            )
        )
    return wanted[0]


def read_meta(pipeline: str) -> dict[str, Any]:
    """Read what a pipeline says of itself.

    pipeline (str): Folder or package.
    RAISES (ValueError): If there is no such pipeline.
    """
    path = _folder_of(pipeline) / "meta.json"
    if not path.is_file():
        raise ValueError(Errors.DL212.format(name=pipeline))
    try:
        return {**srsly.read_json(path)}
    except (ValueError, TypeError) as err:
        raise ValueError(Errors.DL504.format(path=path, error=err)) from err


def _separator(pipeline: str) -> str | None:
    """Return the token between two sentences for the encoder of a pipeline; None if it has none."""
    path = _folder_of(pipeline) / "config.cfg"
    return _find_separator(load_config(path)["components"]) if path.is_file() else None


def _find_separator(block: Any) -> str | None:
    if not isinstance(block, dict):
        return None
    if str(block.get("@architectures")).startswith("spacy_dlfa.") and block.get("separator"):
        return block["separator"]
    return next(filter(None, map(_find_separator, block.values())), None)


def _folder_of(pipeline: str) -> Path:
    if not is_package(pipeline):
        return Path(pipeline)
    package = get_package_path(pipeline)
    # The folder with the pipeline has its version in its name
    path = next(iter(sorted(package.glob("*/meta.json"))), package / "meta.json")
    return path.parent
