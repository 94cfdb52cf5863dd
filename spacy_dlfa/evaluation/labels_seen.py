"""Which labels of other languages than English a pipeline was trained on: no zero-shot there."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from spacy.language import Language
from spacy.vocab import Vocab
from thinc.api import Config

from spacy_dlfa.docbin import read_docs
from spacy_dlfa.evaluation.encoder_notes import encoder_configs
from spacy_dlfa.evaluation.file_names import foreign_language_of
from spacy_dlfa.evaluation.gold import annotations
from spacy_dlfa.evaluation.settings import corpus_setting, find_value
from spacy_dlfa.evaluation.tasks import task_named
from spacy_dlfa.files import list_files

#: The setting of an encoder's config, which goes wherever the encoder goes
SEEN: Final = "spacy_dlfa_labels_seen"
#: The key in meta.json
META: Final = "labels_seen"

Labels = dict[str, list[str]]


def note_labels(nlp: Language) -> None:
    """Note in the encoders of a pipeline that is trained the labels that it learns from.

    Those that an encoder has seen before stay, and those that choose its checkpoint count, too. The
    language is that of the file's name, `de_gsd-dev.spacy`, `de.spacy`, `train_de.spacy`; English,
    and files whose names say none, are passed over.

    nlp (Language): The pipeline, with the config of its training; `meta` gets what is found, too.
    """
    new: dict[str, set[str]] = {}
    for path, language in _foreign_files(nlp.config):
        for task in _annotations(path, path.stat().st_mtime_ns):
            if task_named(task).component in nlp.component_names:
                new.setdefault(task, set()).add(language)
    for config in encoder_configs(nlp):
        if labels := _join(new, getattr(config, SEEN, {})):
            setattr(config, SEEN, labels)
    if labels := labels_seen(nlp):
        nlp.meta[META] = labels


def labels_seen(nlp: Language) -> Labels:
    """Return the languages, English left out, whose labels a pipeline has seen, by task."""
    return _join(*(getattr(config, SEEN, {}) for config in encoder_configs(nlp)))


def is_zero_shot(row: Mapping[str, Any]) -> bool:
    """Whether no label of a test set's language and task was seen, by its row of scores."""
    return row.get("zero_shot", True)


def _join(*given: Mapping[str, Iterable[str]]) -> Labels:
    found: dict[str, set[str]] = {}
    for labels in given:
        for task, names in labels.items():
            found.setdefault(task, set()).update(names)
    return {task: sorted(names) for task, names in sorted(found.items())}


@cache
def _annotations(path: Path, changed: int) -> Collection[str]:
    """Return the tasks that a file has annotation of; a training asks at each checkpoint.

    changed (int): When the file was changed, in nanoseconds.
    """
    return annotations(read_docs(path, Vocab()))


def _foreign_files(config: Config) -> Iterator[tuple[Path, str]]:
    """Find the files of training and development that are of another language, by their names."""
    whole = config.interpolate()
    for split in ("train", "dev"):
        # Pipelines that are trained by hand may have no corpora
        place = find_value(whole, corpus_setting(whole, split))
        if not isinstance(place, str):
            continue
        path = Path(place)
        for file in list_files(path) if path.is_dir() else [path]:
            language = foreign_language_of(file)
            # Readers of other packages read other files
            if language and file.suffix == ".spacy" and file.is_file():
                yield file, language.name
