"""The settings that all runs of a sweep share."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import srsly
from confection import ConfigValidationError
from spacy import util
from spacy.language import DEFAULT_CONFIG
from spacy.schemas import ConfigSchemaTraining
from thinc.api import Config

from spacy_dlfa.evaluation.settings import corpus_setting, find_value
from spacy_dlfa.evaluation.tasks import TASKS
from spacy_dlfa.files import list_files
from spacy_dlfa.fusions.variants import REDUCTION, defaults_of, find_variants
from spacy_dlfa.study.errors import Errors
from spacy_dlfa.study.sweep.cells import Cell
from spacy_dlfa.study.sweep.corpora import keep_in_memory

LISTENER = "spacy_dlfa.DLFAListener.v1"
TRANSFORMER = "spacy_dlfa.TransformerModel.v1"
_VARIABLE = re.compile(r"\$\{([\w.]+)\}")
#: Of the runs; one more where a new version trains or scores otherwise with the same settings.
FORMAT = 3


class Settings(NamedTuple):
    """What the runs of a sweep have in common.

    task (str): Name of the task.
    output (Path): Folder of the runs.
    config (Path): A training config of spaCy's.
    train (Path): English training data.
    dev (Path): English development data.
    tests (Tuple[Path, ...]): Test sets.
    frozen (bool): Whether the encoder stays as it is.
    overrides (Dict[str, Any]): Settings of the config, as `spacy train` takes them.
    """

    task: str
    output: Path
    config: Path
    train: Path
    dev: Path
    tests: tuple[Path, ...]
    frozen: bool
    overrides: dict[str, Any]

    def run_path(self, cell: Cell) -> Path:
        """Return where the JSON of a run is written."""
        return self.output / f"{cell}.json"

    def load_config(self) -> Config:
        """Load the config with its overrides.

        RAISES (ValueError): If it can't be swept: a sweep sets layer and fusion of the task's
            component, gives the component a `transformer`, and trains on what `train` and `dev`
            say.
        """
        config = util.load_config(self.config, overrides=self.overrides, interpolate=False)
        for split, path in (("train", self.train), ("dev", self.dev)):
            section, _, key = find_path(config, split, self.config).rpartition(".")
            find_value(config, section)[key] = str(path)
        component = TASKS[self.task].component
        for name, block, key, wanted in (
            ("transformer", "model", "transformer", TRANSFORMER),
            (component, "model.tok2vec", component, LISTENER),
        ):
            found = find_value(config, f"components.{key}.{block}.@architectures")
            if found != wanted:
                raise ValueError(
                    Errors.DL444.format(
                        config=self.config,
                        name=name,
                        block=block,
                        found=found,
                        task=self.task,
                        wanted=wanted,
                    )
                )
        return config

    def check_overrides(self) -> None:
        """Refuse, before the first run, what each would fail at.

        RAISES (ValueError): If an override is of a variable or a setting of [training] that there
            isn't, or has a value that it can't have.
        """
        config = util.load_config(self.config, interpolate=False)
        known = {
            "vars": config.get("vars", {}),
            "training": {**DEFAULT_CONFIG["training"], **config.get("training", {})},
        }
        for name in self.overrides:
            section, _, key = name.partition(".")
            # spaCy itself takes these in silence
            if section in known and key.split(".")[0] not in known[section]:
                settings = ", ".join(known[section]) or "none"
                raise ValueError(
                    Errors.DL445.format(
                        name=name, section=section, config=self.config, settings=settings
                    )
                )
        component = TASKS[self.task].component
        tok2vec = self.load_config()["components"][component]["model"]["tok2vec"]
        if (upper := tok2vec.get("upper")) is not None:
            raise ValueError(Errors.DL443.format(component=component, upper=upper))
        training = self.load_config().interpolate()["training"]
        try:
            util.registry.resolve(training, schema=ConfigSchemaTraining)
        except ConfigValidationError as err:
            # Not all of it, which shows the whole block
            found = "; ".join(
                f"--{'.'.join(['training', *map(str, each['loc'])])}: {each['msg']}"
                for each in err.errors
            )
            raise ValueError(Errors.DL446.format(found=found)) from err

    def config_of(self, cell: Cell) -> Config:
        """Return the config of one run."""
        config = self.load_config()
        component = config["components"][TASKS[self.task].component]
        variant = find_variants()[cell.name]
        kept = component["model"]["tok2vec"].get("fusion") or {}
        component["model"]["tok2vec"]["fusion"] = variant.config
        if REDUCTION in kept and REDUCTION in defaults_of(variant.registered):
            component["model"]["tok2vec"]["fusion"][REDUCTION] = kept[REDUCTION]
        if cell.layer is not None:
            component["model"]["tok2vec"]["layer"] = cell.layer
        config["training"]["seed"] = cell.seed
        if "system" in config:
            config["system"]["seed"] = cell.seed
        if self.frozen:
            config["components"]["transformer"]["model"]["learn_rate_factor"] = 0.0
        keep_in_memory(config, augment_once=self.frozen)
        return config

    def backbone(self) -> str:
        """Return the encoder's folder or name."""
        return self.load_config().interpolate()["components"]["transformer"]["model"]["name"]

    def num_layers(self) -> int:
        """Return the number of the encoder's layers, of those that the config leaves it.

        RAISES (ValueError): If there is no such encoder.
        """
        from transformers import AutoConfig  # takes a second to import

        model = self.load_config().interpolate()["components"]["transformer"]["model"]
        own = model.get("transformer_config", {})
        try:
            config = AutoConfig.from_pretrained(
                model["name"], **{**own, "trust_remote_code": False}
            )
        except OSError as err:
            raise ValueError(Errors.DL447.format(name=model["name"])) from err
        return config.num_hidden_layers

    def fingerprint(self) -> dict[str, Any]:
        """Return what must be equal for runs to be comparable; files by their checksums."""
        backbone = Path(self.backbone())
        # Those of an augmenter, which sweeps that are older and lack them don't say
        others = {*_paths_in(self.load_config().interpolate()["corpora"])} - {self.train, self.dev}
        # Packages with fusions of their own come and go
        definitions = {
            name: variant.config
            for name, variant in find_variants().items()
            if variant.registered.startswith("spacy_dlfa.")
        }
        return {
            "format": FORMAT,
            "fusions": checksum_text(srsly.json_dumps(definitions, sort_keys=True)),
            "task": self.task,
            "frozen": self.frozen,
            "overrides": self.overrides,
            "config": checksum_text(util.load_config(self.config).to_str(interpolate=False)),
            "backbone": checksum([backbone]) if backbone.is_dir() else str(backbone),
            "train": checksum([self.train]),
            "dev": checksum([self.dev]),
            "test": checksum(self.tests),
            **({"corpora": checksum(sorted(others))} if others else {}),
        }


def find_path(config: Config, split: str, path: Path) -> str:
    """Return the setting that says where a training reads a corpus.

    config (Config): A training config, with variables.
    split (str): "train" or "dev".
    path (Path): Where the config is from, for the error.
    RETURNS (str): `paths.train` if the corpus has that variable as its path, or else the path's own
        name, `corpora.train.path`.
    RAISES (ValueError): If the corpus has no path.
    """
    whole = config.interpolate()
    setting = corpus_setting(whole, split)
    section, _, key = setting.rpartition(".")
    if key not in (find_value(whole, section) or {}):
        raise ValueError(Errors.DL428.format(config=path, section=section, split=split))
    variable = _VARIABLE.fullmatch(str(find_value(config, setting)))
    return variable[1] if variable else setting


def _paths_in(block: Mapping[str, Any]) -> Iterator[Path]:
    for name, value in block.items():
        if isinstance(value, dict):
            yield from _paths_in(value)
        elif name == "path" and isinstance(value, str):
            yield Path(value)


def check_unchanged(before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    """Refuse a training before or while which something changed that it depends on.

    before (Mapping[str, Any]): Checksums and the like, of when the command began.
    now (Mapping[str, Any]): The same now.
    RAISES (ValueError): If they differ.
    """
    changed = [key for key in before if now.get(key) != before[key]]
    if changed:
        raise ValueError(Errors.DL429.format(found=", ".join(changed)))


def checksum_text(text: str) -> str:
    """Return the SHA-256 of a text: 16 hexadecimal digits."""
    return hashlib.sha256(text.encode("utf8")).hexdigest()[:16]


def checksum(paths: Iterable[Path]) -> str:
    """Return the checksum of files, or of those in folders but README.md, with their names."""
    digest = hashlib.sha256()
    for path in paths:
        files = list_files(path) if path.is_dir() else [path]
        for file in files:
            # A card may say something else of the same weights.
            if file.is_file() and (file == path or file.name != "README.md"):
                digest.update(file.name.encode("utf8"))
                with file.open("rb") as content:
                    hashlib.file_digest(content, lambda: digest)
    return digest.hexdigest()[:16]
