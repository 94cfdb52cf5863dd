"""Where the data, the encoders and the runs of a comparison are."""

import shutil
from pathlib import Path
from typing import Any, NamedTuple

import srsly
from spacy.tokens import DocBin
from spacy.util import load_config
from spacy.vocab import Vocab
from thinc.api import Config

from spacy_dlfa.atomic import write_bytes
from spacy_dlfa.docbin import read_docs
from spacy_dlfa.evaluation.gold import find_corpora
from spacy_dlfa.languages import have_in_common, language_of
from spacy_dlfa.study.errors import Errors
from spacy_dlfa.study.intermediate.starts import COMPONENTS, MANY, TARGETS, parts_of
from spacy_dlfa.study.sweep.all_steps import for_all_steps
from spacy_dlfa.study.sweep.settings import FORMAT, checksum, checksum_text

#: Of each part: spaCy's loop wants a score of all of them on English dev, and none is chosen by it.
_DEV_SENTENCES = 50
#: Settings of the command that hold for intermediate tasks, too
_SHARED = ("vars.backbone", "system.", "training.", "corpora.", "components.transformer.")


class Plan(NamedTuple):
    """What all runs share.

    corpus (Path): Folder of converted corpora, as the project's `corpus`.
    configs (Path): Folder of `intermediate.cfg` and the targets' configs.
    output (Path): Folder of the runs.
    overrides (Dict[str, Any]): Settings of the configs, as `spacy train` takes them.
    """

    corpus: Path
    configs: Path
    output: Path
    overrides: dict[str, Any]

    def run_path(self, target: str, start: str, seed: int) -> Path:
        """Return where the record of a run is written."""
        return self.output / target / f"{start}-{seed}.json"

    def english(self, name: str, split: str) -> Path:
        """Return a file of English data.

        RAISES (ValueError): If there is none.
        """
        path = self.corpus / name / f"{split}.spacy"
        if not path.is_file():
            raise ValueError(Errors.DL484.format(path=path, folder=Path.cwd(), name=name))
        return path

    def train_files(self, part: str) -> list[Path]:
        """Return the training data of a part.

        RAISES (ValueError): If there are none.
        """
        if part != MANY:
            return [self.english(part, "train")]
        return sorted(find_corpora([self.corpus / MANY]))

    def tests(self, target: str) -> tuple[Path, ...]:
        """Return the test sets of a target: of tags, in languages that no start has seen.

        Nor one that covers such a language, or is covered by it: Norwegian and Bokmål.
        """
        paths = find_corpora([self.corpus / target / "test"])
        if TARGETS[target].task != "tagger":
            return tuple(paths)
        seen = {language_of(path.stem).name for path in self.train_files(MANY)}
        names = {path: language_of(path.stem).name for path in paths}
        return tuple(p for p in paths if not any(have_in_common(names[p], each) for each in seen))

    def target_config(self, target: str, backbone: str | Path, seed: int) -> Config:
        """Return the config of a run."""
        paths = {f"paths.{split}": str(self.english(target, split)) for split in ("train", "dev")}
        config = self._load(TARGETS[target].config, {**paths, **self.overrides}, seed)
        config["vars"]["backbone"] = str(backbone)
        return config

    def start_config(self, start: str, seed: int) -> Config:
        """Return the config of an intermediate training, without components that no data is for.

        RAISES (ValueError): If it leaves the number of steps open.
        """
        shared = {k: value for k, value in self.overrides.items() if k.startswith(_SHARED)}
        folder = self.output / ".corpora" / start
        paths = {f"paths.{split}": str(folder / split) for split in ("train", "dev")}
        config = self._load("intermediate", {**paths, **shared}, seed)
        unused = {*COMPONENTS.values()} - {COMPONENTS[part] for part in parts_of(start)}
        config["nlp"]["pipeline"] = [n for n in config["nlp"]["pipeline"] if n not in unused]
        for name in unused:
            del config["components"][name]
        for_all_steps(config)
        return config

    def encoder(self, start: str, seed: int) -> Path:
        """Return the folder of the pipeline that a start is trained in, by all it depends on."""
        made_of = [
            self.start_config(start, seed).to_str(interpolate=False),
            _checksum(Path(self.backbone())),
            self.start_data(start),
        ]
        key = checksum_text(srsly.json_dumps(made_of))
        return self.output / ".encoders" / f"{start}-{seed}-{key}"

    def start_data(self, start: str) -> str:
        """Return the checksum of the training data of a start.

        RAISES (ValueError): If there are none.
        """
        return checksum(path for part in parts_of(start) for path in self.train_files(part))

    def write_corpora(self, start: str) -> None:
        """Put the corpora of the parts of a start together, each with its files' own names."""
        folder = self.output / ".corpora" / start
        written = set()
        for part in parts_of(start):
            (folder / "train" / part).mkdir(parents=True, exist_ok=True)
            for path in self.train_files(part):
                written.add(shutil.copyfile(path, folder / "train" / part / path.name))
            dev = read_docs(self.english("tagger" if part == MANY else part, "dev"), Vocab())
            attrs = ["TAG", "POS", "SENT_START"] if COMPONENTS[part] == "tagger" else []
            small = DocBin(attrs, docs=dev[:_DEV_SENTENCES])
            written.add(folder / "dev" / f"{part}.spacy")
            write_bytes(folder / "dev" / f"{part}.spacy", small.to_bytes())
        # Of files that are in the corpus no more
        for path in {*folder.rglob("*.spacy")} - written:
            path.unlink()

    def backbone(self) -> str:
        """Return the encoder that all starts begin with."""
        return self._load("intermediate", self._backbone(), 0)["vars"]["backbone"]

    def fingerprint(self, target: str) -> dict[str, Any]:
        """Return what must be equal for runs of a target to be comparable."""
        path = self.configs / f"{TARGETS[target].config}.cfg"
        return {
            "format": FORMAT,
            "config": checksum([path, self.configs / "intermediate.cfg"]),
            "overrides": {k: v for k, v in self.overrides.items() if k != "vars.backbone"},
            "backbone": _checksum(Path(self.backbone())),
            "train": checksum([self.english(target, "train")]),
            "dev": checksum([self.english(target, "dev")]),
            "test": checksum(self.tests(target)),
        }

    def _backbone(self) -> dict[str, Any]:
        return {k: value for k, value in self.overrides.items() if k == "vars.backbone"}

    def _load(self, name: str, overrides: dict[str, Any], seed: int) -> Config:
        path = self.configs / f"{name}.cfg"
        if not path.is_file():
            raise ValueError(Errors.DL485.format(path=path, folder=Path.cwd()))
        config = load_config(path, overrides=overrides, interpolate=False)
        config["training"]["seed"] = config["system"]["seed"] = seed
        return config


def _checksum(backbone: Path) -> str:
    return checksum([backbone]) if backbone.is_dir() else str(backbone)
