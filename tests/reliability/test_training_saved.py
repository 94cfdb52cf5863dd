"""Checkpoints: saving that fails or is killed (fault 42), and corpora from disk (fault 46)."""

import errno
import io
import multiprocessing
import os
import shutil
import signal
import time
from pathlib import Path

import pytest
import spacy
from spacy.language import Language
from spacy.pipeline import Tagger
from spacy.tokens import DocBin
from spacy.training.initialize import init_nlp
from spacy.training.loop import train as spacy_train
from thinc.api import Config

from spacy_dlfa.pipeline import callbacks
from spacy_dlfa.pipeline.callbacks import create_atomic_to_disk, to_disk_whole
from spacy_dlfa.pipeline.component import DLFATransformer
from tests.configs import CONFIGS
from tests.reliability.pipelines import examples, ours, weights

FORK = multiprocessing.get_context("fork")


def save(nlp, path, version):
    nlp.meta["version"] = version
    to_disk_whole(nlp, path)


def die(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)


def in_child(function, *args):
    """Run a function in a process of its own; returns its exit code."""
    child = FORK.Process(target=function, args=args)
    child.start()
    child.join(60)
    return child.exitcode


def version_at(path):
    nlp = spacy.load(path)
    assert nlp("Anna lives in Oslo .")[0].tag_
    return nlp.meta["version"]


def leftovers(path):
    return sorted(each.name for each in path.parent.iterdir() if each != path)


# What is replaced by death
MOMENTS = {
    "before the first file": (Language, "to_disk"),
    "between two components": (Tagger, "to_disk"),
    "before all is on the disk": (callbacks, "sync"),
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_while_saving(trained, tmp_path, monkeypatch, moment):
    """SIGKILL: the model before survives whole, and the next save leaves nothing behind."""
    path = tmp_path / "model-last"
    save(trained, path, "0.1")
    with monkeypatch.context() as patch:
        patch.setattr(*MOMENTS[moment], die)
        assert in_child(save, trained, path, "0.2") == -signal.SIGKILL
    assert version_at(path) == "0.1"
    save(trained, path, "0.3")
    assert version_at(path) == "0.3"
    assert leftovers(path) == []


def test_killed_while_the_old_one_is_removed(trained, tmp_path, monkeypatch):
    """SIGKILL: the new model is whole, and the next save clears the rest of the old one."""
    path = tmp_path / "model-last"
    save(trained, path, "0.1")
    rmtree = shutil.rmtree

    def remove_or_die(folder, **kwargs):
        die() if (Path(folder) / "meta.json").exists() else rmtree(folder, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", remove_or_die)
        assert in_child(save, trained, path, "0.2") == -signal.SIGKILL
    assert version_at(path) == "0.2"
    assert leftovers(path) == ["model-last.old"]
    save(trained, path, "0.3")
    assert leftovers(path) == []


def test_links_and_files_in_the_place_of_models(trained, tmp_path):
    """The place is a link to another disk, or a file has the name that the one before gets."""
    path, elsewhere = tmp_path / "model-last", tmp_path / "elsewhere"
    elsewhere.mkdir()
    path.symlink_to(elsewhere)
    save(trained, path, "0.1")
    (tmp_path / "model-last.old").write_text("a file")
    (tmp_path / "model-last.part").symlink_to(elsewhere)
    save(trained, path, "0.2")
    assert version_at(path) == "0.2"
    # What a link leads to is somebody else's.
    assert sorted(tmp_path.iterdir()) == [elsewhere, path]
    shutil.rmtree(path)
    path.symlink_to(tmp_path / "nowhere")
    save(trained, path, "0.3")
    assert version_at(path) == "0.3"


def test_killed_between_the_renames(trained, tmp_path, monkeypatch):
    """SIGKILL in the one instant without a model of this name: the one before is beside it."""
    path = tmp_path / "model-last"
    save(trained, path, "0.1")
    rename = Path.rename

    def rename_or_die(self, target):
        rename(self, target) if self == path else die()

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", rename_or_die)
        assert in_child(save, trained, path, "0.2") == -signal.SIGKILL
    assert not path.exists()
    assert version_at(tmp_path / "model-last.old") == "0.1"
    with monkeypatch.context() as patch:
        patch.setattr(callbacks, "sync", no_space)
        with pytest.raises(OSError, match="No space"):
            save(trained, path, "0.3")
    assert version_at(path) == "0.1"
    save(trained, path, "0.3")
    assert version_at(path) == "0.3"
    assert leftovers(path) == []


@pytest.mark.slow
def test_killed_at_any_moment(trained, tmp_path):
    """SIGKILL from outside, wherever the process is."""
    path = tmp_path / "model-last"
    save(trained, path, "0.0")

    def save_on(once):
        for i in range(1, 1000):
            save(trained, path, f"0.{i}")
            once.set()

    for delay in (0.0, 0.03, 0.06, 0.09):
        once = FORK.Event()
        child = FORK.Process(target=save_on, args=(once,))
        child.start()
        # From here on it is saving, however slow the machine
        assert once.wait(60)
        time.sleep(delay)
        child.kill()
        child.join()
        found = path if path.exists() else tmp_path / "model-last.old"
        assert version_at(found).startswith("0.")
    save(trained, path, "1.0")
    assert leftovers(path) == []


def no_space(*args, **kwargs):
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("owner", [DLFATransformer, Tagger, callbacks])
def test_disk_full(trained, tmp_path, monkeypatch, owner):
    """Fault 55: an error, the model before as it was, and nothing half-written."""
    path = tmp_path / "mödel best"
    save(trained, path, "0.1")
    before = {file: file.stat().st_mtime_ns for file in path.rglob("*")}
    with monkeypatch.context() as patch:
        patch.setattr(owner, "sync" if owner is callbacks else "to_disk", no_space)
        with pytest.raises(OSError, match="No space left"):
            save(trained, path, "0.2")
    assert {file: file.stat().st_mtime_ns for file in path.rglob("*")} == before
    assert version_at(path) == "0.1"
    assert leftovers(path) == []


def test_the_callback_returns_the_pipeline(trained, tmp_path):
    """spaCy takes nothing but a Language, and excludes what it is asked to."""
    saved = create_atomic_to_disk()(trained)
    assert type(saved) is type(trained)
    saved.to_disk(tmp_path / "whole", exclude=["tagger"])
    assert not (tmp_path / "whole" / "tagger").exists()
    assert "to_disk" not in vars(trained)
    assert spacy.util.registry.callbacks.get("spacy_dlfa.AtomicToDisk.v1") is create_atomic_to_disk


def write_corpus(nlp, path, batch):
    DocBin(docs=[example.reference for example in batch]).to_disk(path)


def training_config(bert, tmp_path, train, dev):
    nlp = ours(bert)
    for name, batch in {"train": train, "dev": dev}.items():
        write_corpus(nlp, tmp_path / f"{name}.spacy", batch(nlp))
    config = spacy.util.load_config(CONFIGS / "ner.cfg")
    filled = nlp.config.copy()
    filled["corpora"] = config["corpora"]
    filled["training"] = {
        **config["training"],
        "max_steps": 4,
        "eval_frequency": 2,
        "seed": 0,
        "gpu_allocator": None,
        "logger": {"@loggers": "spacy.ConsoleLogger.v1"},
    }
    # What is saved is then what is in memory in the end
    filled["training"]["optimizer"] |= {"learn_rate": 0.001, "use_averages": False}
    (tmp_path / "out").mkdir()
    corpora = {name: str(tmp_path / f"{name}.spacy") for name in ("train", "dev")}
    filled["paths"] = {**config["paths"], **corpora}
    return Config(filled)


def nothing(nlp):
    return []


def test_a_run_of_spacy_train(bert, tmp_path):
    """The project's settings with English dev that is not empty: two whole models."""
    config = training_config(bert, tmp_path, examples, examples)
    nlp = init_nlp(config)
    spacy_train(nlp, tmp_path / "out", stdout=io.StringIO())
    assert sorted(each.name for each in (tmp_path / "out").iterdir()) == [
        "model-best",
        "model-last",
    ]
    assert weights(spacy.load(tmp_path / "out" / "model-last")) == weights(nlp)


@pytest.mark.parametrize(("steps", "frequency", "warned"), [(2, 3, 1), (2, 2, 0), (0, 3, 0)])
def test_no_evaluation_after_the_first_step(bert, tmp_path, recwarn, steps, frequency, warned):
    """What spaCy then calls the best has learnt nothing; 0 steps are as many as epochs have."""
    config = training_config(bert, tmp_path, examples, examples)
    config["training"] |= {"max_steps": steps, "eval_frequency": frequency, "max_epochs": 4}
    spacy_train(init_nlp(config), tmp_path / "out", stdout=io.StringIO())
    assert sum("DL911" in str(each.message) for each in recwarn) == warned


def test_english_dev_is_empty(bert, tmp_path):
    """Fault 46: training ends, and the last model is saved."""
    config = training_config(bert, tmp_path, examples, nothing)
    spacy_train(init_nlp(config), tmp_path / "out", stdout=io.StringIO())
    assert spacy.load(tmp_path / "out" / "model-last")("Anna").text == "Anna"


def test_the_training_set_is_empty(bert, tmp_path):
    """Fault 46: spaCy's own error, before anything is written."""
    config = training_config(bert, tmp_path, nothing, examples)
    with pytest.raises(AssertionError, match="E923"):
        spacy_train(init_nlp(config), tmp_path / "out", stdout=io.StringIO())
    assert not list((tmp_path / "out").iterdir())


def test_the_disk_is_full_in_training(bert, tmp_path, monkeypatch):
    """Fault 42: the run ends with the error, and the models of the step before are whole."""
    config = training_config(bert, tmp_path, examples, examples)
    sync, calls = callbacks.sync, iter([False, True, True, True])
    monkeypatch.setattr(
        callbacks, "sync", lambda folder: (no_space if next(calls) else sync)(folder)
    )
    with pytest.raises(OSError, match="No space left"):
        spacy_train(init_nlp(config), tmp_path / "out", stdout=io.StringIO())
    for name in ("model-best", "model-last"):
        assert spacy.load(tmp_path / "out" / name)("Anna").text == "Anna"
    assert sorted(each.name for each in (tmp_path / "out").iterdir()) == [
        "model-best",
        "model-last",
    ]


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("*.cfg")), ids=lambda path: path.stem)
def test_the_projects_configs_save_whole_models(path):
    before_to_disk = spacy.util.load_config(path)["training"]["before_to_disk"]
    assert before_to_disk == {"@callbacks": "spacy_dlfa.AtomicToDisk.v1"}
    factory = spacy.util.load_config(path)["components"]["transformer"]["factory"]
    assert factory == "dlfa_transformer"


@pytest.mark.parametrize("moment", ["the one before is removed", "half of it is copied"])
def test_killed_while_a_better_model_is_copied(bert, tmp_path, monkeypatch, moment):
    """SIGKILL while spaCy replaces model-best, which AtomicToDisk has no hand in."""
    config = training_config(bert, tmp_path, examples, examples)
    best, last = tmp_path / "out" / "model-best", tmp_path / "out" / "model-last"
    # Each evaluation is better than the one before
    scores = iter(range(1, 100))
    monkeypatch.setattr(
        "spacy.training.loop.create_evaluation_callback",
        lambda *args: lambda: (next(scores), {"tag_acc": 1.0}),
    )
    rmtree, copytree, removed = shutil.rmtree, shutil.copytree, []

    def remove(folder, *args, **kwargs):
        rmtree(folder, *args, **kwargs)
        if Path(folder) == best:
            removed.append(folder)
            die() if moment == "the one before is removed" else None

    def copy(source, target, *args, **kwargs):
        die() if removed and Path(target) == best / "ner" else None
        return copytree(source, target, *args, **kwargs)

    monkeypatch.setattr(shutil, "rmtree", remove)
    monkeypatch.setattr(shutil, "copytree", copy)
    assert in_child(spacy_train, init_nlp(config), tmp_path / "out") == -signal.SIGKILL
    if moment == "the one before is removed":
        assert not best.exists()
    else:
        with pytest.raises((OSError, ValueError)):
            spacy.load(best)
    # The better one
    assert spacy.load(last)("Anna").text == "Anna"


def test_killed_while_the_best_model_is_copied(bert, tmp_path, monkeypatch):
    """SIGKILL while spaCy copies model-last to model-best: model-last is whole."""
    nlp = init_nlp(training_config(bert, tmp_path, examples, examples))
    monkeypatch.setattr(shutil, "copytree", die)
    assert in_child(spacy_train, nlp, tmp_path / "out") == -signal.SIGKILL
    assert spacy.load(tmp_path / "out" / "model-last")("Anna").text == "Anna"
