"""The English data of a sweep are those that its trainings read, wherever the config has them."""

import re
import shutil

import pytest
from spacy.util import load_config

from spacy_dlfa.study.sweep.cells import Cell
from spacy_dlfa.study.sweep.request import make_settings as request_settings
from tests.study.sweep.study import NAMES, write_corpus
from tests.study.sweep.study import make_settings as make_files

CELL = Cell("last", None, 0)
SPLITS = ("train", "dev")


@pytest.fixture
def files(tmp_path, bert):
    return make_files(tmp_path, bert)


def asked(files, config=None, **overrides):
    """The settings of `sweep` with these options."""
    options = {
        "config": str(config or files.config),
        "tests": [str(path) for path in files.tests],
        "frozen": False,
        "overrides": {**files.overrides, **overrides},
    }
    return request_settings("tagger", files.output, options)


def paths(files):
    return {f"paths.{split}": str(getattr(files, split)) for split in SPLITS}


def write_config(files, *, without=(), **readers):
    """Write a config whose corpora are read from these files."""
    config = load_config(files.config, interpolate=False)
    for split, path in readers.items():
        config["corpora"][split]["path"] = str(path)
    for name in without:
        del config["paths"][name]
    path = files.output.parent / "own.cfg"
    config.to_disk(path, interpolate=False)
    return path


def read_by_training(settings):
    config = settings.load_config().interpolate()
    return {split: config["corpora"][split]["path"] for split in SPLITS}


def read(files):
    return {split: str(getattr(files, split)) for split in SPLITS}


def test_paths_in_the_config_itself(files, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    settings = asked(files, write_config(files, without=SPLITS, **read(files)))
    assert (settings.train, settings.dev) == (files.train, files.dev)
    assert settings.overrides == files.overrides
    assert read_by_training(settings) == read(files)
    assert settings.config_of(CELL)["corpora"]["dev"]["reader"]["path"] == str(files.dev)


def test_a_corpus_of_another_name(files):
    config = load_config(write_config(files), interpolate=False)
    config["corpora"]["english"] = {**config["corpora"]["train"], "path": str(files.train)}
    config["training"]["train_corpus"] = "corpora.english"
    config["paths"]["dev"] = str(files.dev)
    config.to_disk(files.output.parent / "own.cfg", interpolate=False)
    settings = asked(files, files.output.parent / "own.cfg")
    assert (settings.train, settings.dev) == (files.train, files.dev)


@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize("in_config", [True, False])
def test_other_labels_than_english_ones_are_found_there(files, tmp_path, split, in_config):
    german = tmp_path / "de_gsd-train.spacy"
    shutil.copy(files.tests[0], german)
    given = paths(files)
    if in_config:
        config = write_config(files, **{split: german})
    else:
        config = files.config
        given[f"corpora.{split}.path"] = str(german)
    message = rf"DL449.*--corpora\.{split}\.path {re.escape(str(german))}: found labels of German"
    with pytest.raises(ValueError, match=message):
        asked(files, config, **given)


def test_what_an_override_reads_is_compared(files, tmp_path):
    other = write_corpus(tmp_path / "other.spacy", ["Zoe"], "sleeps here")
    settings = asked(files, **paths(files))
    changed = asked(files, **paths(files), **{"corpora.train.path": str(other)})
    assert changed.train == other
    assert read_by_training(changed) == {"train": str(other), "dev": str(files.dev)}
    assert changed.fingerprint()["train"] != settings.fingerprint()["train"]
    assert changed.fingerprint()["dev"] == settings.fingerprint()["dev"]


def test_one_variable_for_both_and_an_override_of_one(files, tmp_path):
    config = write_config(files, dev="${paths.train}")
    dev = write_corpus(tmp_path / "other.spacy", NAMES[:2], "sleeps here")
    given = {"paths.train": str(files.train), "corpora.dev.path": str(dev)}
    settings = asked(files, config, **given)
    assert read_by_training(settings) == {"train": str(files.train), "dev": str(dev)}


def test_names_that_an_augmenter_reads_are_compared(files, tmp_path):
    assert "corpora" not in asked(files, **paths(files)).fingerprint()
    names = tmp_path / "names"
    names.mkdir()
    (names / "people.tsv").write_text("Anna")
    augmenter = {"@augmenters": "spacy_dlfa.SwapNames.v1", "level": 0.5, "path": str(names)}
    given = {**paths(files), "corpora.train.augmenter": augmenter}
    before = asked(files, **given).fingerprint()
    (names / "people.tsv").write_text("Zoe")
    after = asked(files, **given).fingerprint()
    assert [key for key in before if before[key] != after[key]] == ["corpora"]


def test_a_reader_without_a_path(files):
    config = load_config(write_config(files), interpolate=False)
    config["corpora"]["dev"] = {"@readers": "tests.no_path.v1"}
    config.to_disk(files.output.parent / "own.cfg", interpolate=False)
    with pytest.raises(ValueError, match=r"DL428.*own\.cfg: found no path in \[corpora\.dev\]"):
        asked(files, files.output.parent / "own.cfg", **paths(files))
