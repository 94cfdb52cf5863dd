"""Train on English together with sentences that a pipeline has labelled."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from spacy.tokens import DocBin
from spacy.training.corpus import walk_corpus
from spacy.training.initialize import init_nlp
from spacy.training.loop import train as spacy_train
from spacy.util import load_config
from thinc.api import Config

from spacy_dlfa.atomic import write_bytes
from spacy_dlfa.errors import Errors
from spacy_dlfa.evaluation.file_names import foreign_language_of
from spacy_dlfa.evaluation.self_training import SelfTraining, note_self_training
from spacy_dlfa.evaluation.settings import corpus_setting, find_value
from spacy_dlfa.evaluation.tasks import Task
from spacy_dlfa.files import digest_file, list_files


class Recipe:
    """A config to train with, and the English corpora in it.

    path (Path): The config.
    overrides (Mapping[str, Any]): Settings in place of its own.
    task (Task): What it is to be trained on.
    RAISES (ValueError): If it can't be read, has no such component, or no English corpus, or one
        of training or development is of another language by its name.
    """

    def __init__(self, path: Path, overrides: Mapping[str, Any], task: Task) -> None:
        if not path.is_file():
            raise ValueError(Errors.DL530.format(path=path))
        self.path = path
        self.overrides = dict(overrides)
        config = load_config(path, overrides=self.overrides, interpolate=True)
        components = config["nlp"]["pipeline"]
        if task.component not in components:
            raise ValueError(
                Errors.DL531.format(path=path, found=components, component=task.component)
            )
        #: The setting with the English corpus
        self.setting = corpus_setting(config, "train")
        self.english = _find_files(config, self.setting, path)
        #: Those of development
        self.dev = _files_in(find_value(config, corpus_setting(config, "dev")))
        for file in [*self.english, *(each for each in self.dev if each.suffix == ".spacy")]:
            if language := foreign_language_of(file):
                raise ValueError(Errors.DL534.format(path=file, language=language.name))
        self._config = config

    def key(self, labelled: Sequence[Path], record: SelfTraining) -> str:
        """Return what says whether a pipeline was trained so: 16 hexadecimal digits.

        labelled (Sequence[Path]): Files of labelled sentences.
        record (SelfTraining): What the pipeline is to say of itself.
        """
        made_of = json.dumps([self._config.to_str(), record], sort_keys=True)
        digest = hashlib.blake2b(made_of.encode("utf8"), digest_size=8)
        others = [*self.dev, *_encoder_files(self._config["components"])]
        for path in [*self.english, *labelled, *others]:
            digest_file(digest, path)
        return digest.hexdigest()

    def add_english(self, folder: Path, sentences: int) -> int:
        """Write the English corpus beside labelled sentences, as often as it is needed.

        It is repeated up to their number: with half of the labels gold, errors of the pipeline that
        labelled do not outweigh.

        folder (Path): Where the labelled ones are.
        sentences (int): Their number.
        RETURNS (int): How often it is there.
        """
        gold = sum(len(DocBin().from_disk(path)) for path in self.english)
        times = max(1, round(sentences / max(1, gold)))
        for number, path in enumerate(self.english):
            data = path.read_bytes()
            for time in range(times):
                # Files of two folders may have one name
                write_bytes(folder / f"english-{number}-{path.stem}-{time}.spacy", data)
        return times

    def train(self, folder: Path, output: Path, record: SelfTraining, *, gpu_id: int) -> None:
        """Train as `spacy train` does, from the encoder that the config names.

        folder (Path): The sentences, English among them.
        output (Path): Where `model-best` and `model-last` go.
        record (SelfTraining): What the pipeline is to say of itself.
        """
        overrides = {**self.overrides, self.setting: str(folder)}
        nlp = init_nlp(load_config(self.path, overrides=overrides), use_gpu=gpu_id)
        note_self_training(nlp, record)
        spacy_train(nlp, output, use_gpu=gpu_id)


def _find_files(config: Config, setting: str, path: Path) -> list[Path]:
    value = find_value(config, setting)
    if not value or not Path(value).exists():
        raise ValueError(Errors.DL532.format(path=path, setting=setting, value=value))
    files = list(walk_corpus(Path(value), ".spacy"))
    if not files:
        raise ValueError(Errors.DL533.format(path=value))
    return files


def _encoder_files(block: Mapping[str, Any]) -> Iterator[Path]:
    """List the files of encoders and pipelines that components begin with, if they are folders."""
    for name, value in block.items():
        if isinstance(value, dict):
            yield from _encoder_files(value)
        elif name in ("name", "source"):
            yield from _files_in(value)


def _files_in(place: Any) -> list[Path]:
    """List the files of a folder, or the one that it is; names on the hub have none here."""
    if not place or not isinstance(place, str):
        return []
    path = Path(place)
    return [each for each in (list_files(path) if path.is_dir() else [path]) if each.is_file()]
