"""Targets after other tasks, as a user runs them, on a few sentences."""

import shutil
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
import spacy
import srsly
from spacy.tokens import Doc, DocBin
from spacy.training.initialize import init_nlp
from spacy.training.loop import train as spacy_train
from spacy.vocab import Vocab
from typer.testing import CliRunner

from spacy_dlfa.atomic import write_json
from spacy_dlfa.cli import app
from spacy_dlfa.study.intermediate.block import intermediate_block
from spacy_dlfa.study.intermediate.plan import Plan
from spacy_dlfa.study.intermediate.runner import Cell, run_all, run_cell, train_start
from spacy_dlfa.study.intermediate.starts import COMPONENTS, check_start, default_starts, parts_of
from spacy_dlfa.study.sweep.checkpoints import snapshot
from tests.study.comparison.sweeps import make_sweep
from tests.study.sweep.study import NAMES, write_corpus

CONFIGS = Path(__file__).parents[3] / "configs"
START = "tagger-many+intents"


def write_texts(path, rest, labels):
    vocab = Vocab()
    docs = []
    for number, name in enumerate(NAMES):
        doc = Doc(vocab, words=[name, *rest.split()])
        doc.cats = {label: float(number % len(labels) == i) for i, label in enumerate(labels)}
        doc.user_data["id"] = str(number)
        docs.append(doc)
    path.parent.mkdir(parents=True, exist_ok=True)
    DocBin(docs=docs, attrs=["ORTH"], store_user_data=True).to_disk(path)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    folder = tmp_path_factory.mktemp("corpus")
    for split in ("train", "dev"):
        write_corpus(folder / "tagger" / f"{split}.spacy", NAMES, "sleeps here")
        write_texts(folder / "textcat" / f"{split}.spacy", "sleeps here", ["sports", "travel"])
        write_texts(folder / "intents" / f"{split}.spacy", "sleeps here", ["find", "play"])
    for language, rest in {"de_gsd": "schläft hier", "fi_tdt": "nukkuu täällä"}.items():
        write_corpus(folder / "tagger-many" / f"{language}-dev.spacy", NAMES, rest)
    for name, rest in {"eng_Latn": "sleeps here", "deu_Latn": "schläft hier"}.items():
        write_texts(folder / "textcat" / "test" / f"{name}.spacy", rest, ["sports", "travel"])
    for name, rest in {"de_pud": "schläft hier", "sv_pud": "sover här"}.items():
        write_corpus(folder / "tagger" / "test" / f"{name}.spacy", NAMES, rest)
    return folder


def call(*args):
    return CliRunner().invoke(app, list(map(str, args)))


def run(corpus, output, bert, target, starts, *more):
    settings = {
        "vars.backbone": bert,
        "vars.layer": 2,
        "components.transformer.model.precision": "fp32",
        "components.transformer.model.freeze_below": 1,
        "training.max_steps": 2,
        "training.eval_frequency": 1,
    }
    overrides = [part for name, value in settings.items() for part in (f"--{name}", value)]
    options = ["--corpus", corpus, "--configs", CONFIGS, "--output", output, "--seeds", "0"]
    options += ["--workers", "1", "--intermediates", starts]
    return call("intermediate", *target.split(), *options, *overrides, *more)


@pytest.fixture(scope="module")
def made(corpus, tmp_path_factory, bert):
    output = tmp_path_factory.mktemp("made")
    result = run(corpus, output, bert, "textcat tagger", f"none,{START.partition('+')[0]}")
    assert result.exit_code == 0, result.output
    result = run(corpus, output, bert, "textcat", f"none,{START}")
    assert result.exit_code == 0, result.output
    return output, result


@pytest.mark.slow
def test_runs_are_recorded_and_compared(made, bert):
    output, result = made
    assert "against no intermediate task" in result.output
    path = output / "textcat" / f"{START}-0.json"
    found = srsly.read_json(path)
    assert (found["intermediate"], found["seed"], found["backbone"]) == (START, 0, bert)
    assert found["labels_seen"] == {"tagger": ["Finnish", "German"]}
    # Of topics no label of another language was seen
    assert found["averages"]["all"]["corpora"] == 1
    none = srsly.read_json(output / "textcat" / "none-0.json")
    assert "labels_seen" not in none
    assert none["backbone"] == bert


@pytest.mark.slow
def test_tags_are_not_scored_in_languages_that_a_start_has_seen(made):
    output, _ = made
    for start in ("none", "tagger-many"):
        assert list(srsly.read_json(output / "tagger" / f"{start}-0.json")["scores"]) == ["sv_pud"]


@pytest.mark.parametrize("seen", ["no_nynorsk", "nob_x"])
def test_nor_in_languages_that_cover_them(tmp_path, seen):
    names = ["no_bokmaal", "nob_x", "nno_x", "sv_pud"]
    paths = [tmp_path / "tagger-many" / f"{seen}-dev.spacy"]
    paths += [tmp_path / "tagger" / "test" / f"{name}.spacy" for name in names]
    for path in paths:
        write_corpus(path, NAMES, "sover her")
    tests = Plan(tmp_path, CONFIGS, tmp_path / "out", {}).tests("tagger")
    others = ["nno_x"] if seen == "nob_x" else []
    assert [path.stem for path in tests] == [*others, "sv_pud"]


@pytest.mark.slow
def test_the_encoder_of_a_start_knows_what_it_has_seen(made):
    output, _ = made
    (folder,) = (output / ".encoders").glob(f"{START}-0-*")
    nlp = spacy.load(folder)
    assert nlp.meta["labels_seen"] == {"tagger": ["Finnish", "German"]}
    assert nlp.pipe_names == ["transformer", "tagger", "textcat_multilabel", "doc_cleaner"]
    # One component for all labels
    assert {*nlp.get_pipe("textcat_multilabel").labels} == {"find", "play"}


@pytest.mark.slow
def test_what_is_done_is_not_done_again(made, corpus, bert, tmp_path):
    output, _ = made
    times = {path: path.stat().st_mtime_ns for path in output.rglob("*.json")}
    result = run(corpus, output, bert, "textcat", f"none,{START}")
    assert result.exit_code == 0, result.output
    assert times == {path: path.stat().st_mtime_ns for path in output.rglob("*.json")}
    result = run(corpus, output, bert, "textcat", "none", "--training.dropout", "0.5")
    assert result.exit_code == 1
    assert "overrides" in result.output
    assert "choose another --output" in result.output
    page = tmp_path / "page.md"
    page.write_text("# Mine\n", encoding="utf8")
    result = call("report", output / "textcat", "--markdown", page)
    assert result.exit_code == 0, result.output
    text = page.read_text(encoding="utf8")
    assert text.startswith("# Mine\n")
    assert f"| {START} | 1 |" in text
    assert f"{START} has seen labels of tagger in 2 languages besides English" in text
    result = call("report", output / "textcat", "--output", tmp_path / "page.html")
    assert "expected --markdown" in result.output


def test_a_learning_rate_is_the_same_when_it_is_read_again(corpus, bert, tmp_path):
    """Of 7e-05 some readers of JSON make the next number."""
    settings = {"vars.backbone": bert, "training.optimizer.learn_rate.initial_rate": 7e-05}
    plan = Plan(corpus, CONFIGS, tmp_path, settings)
    done = {"intermediate": "none", "fingerprint": plan.fingerprint("textcat")}
    write_json(plan.run_path("textcat", "none", 0), done)
    assert run_all(plan, {"textcat": ["none"]}, [0], 1) == []


@pytest.mark.parametrize("averaged", [True, False])
def test_a_start_keeps_the_weights_that_spacy_saves_last(corpus, bert, tmp_path, averaged):
    settings = {
        "vars.backbone": bert,
        "components.transformer.model.freeze_below": 1,
        "training.max_steps": 3,
        "training.optimizer.use_averages": averaged,
    }
    plan = Plan(corpus, CONFIGS, tmp_path, settings)
    plan.write_corpora("tagger")
    train_start(plan, "tagger", 0, plan.encoder("tagger", 0))
    nlp = init_nlp(plan.start_config("tagger", 0))
    spacy_train(nlp, tmp_path, stdout=StringIO(), stderr=StringIO())
    found = snapshot(spacy.load(plan.encoder("tagger", 0)))
    expected = snapshot(spacy.load(tmp_path / "model-last"))
    assert found.keys() == expected.keys()
    for place, array in found.items():
        np.testing.assert_array_equal(array, expected[place])


@pytest.mark.parametrize("meanwhile", [True, False])
def test_nothing_is_kept_whose_files_change(corpus, bert, tmp_path, monkeypatch, meanwhile):
    """While it trains; where they have changed before, it doesn't train."""
    own = shutil.copytree(corpus, tmp_path / "corpus")
    settings = {
        "vars.backbone": bert,
        "vars.layer": 2,
        "components.transformer.model.freeze_below": 1,
        "training.max_steps": 1,
        "training.eval_frequency": 1,
    }
    plan = Plan(own, CONFIGS, tmp_path / "out", settings)
    fingerprint, data = plan.fingerprint("textcat"), plan.start_data("tagger")
    folder = plan.encoder("tagger", 0)
    plan.write_corpora("tagger")
    cell = Cell("textcat", "tagger", 0)
    paths = [own / "tagger" / "train.spacy", own / "textcat" / "dev.spacy"]
    before = [path.read_bytes() for path in paths]
    begun = []

    def edit():
        write_corpus(paths[0], NAMES[:3], "sleeps here")
        write_texts(paths[1], "sleeps", ["sports", "travel"])

    def begin(config):
        nlp = init_nlp(config)
        begun.append(nlp)
        edit()
        return nlp

    monkeypatch.setattr("spacy_dlfa.study.intermediate.runner.init_nlp", begin)
    if not meanwhile:
        edit()
    with pytest.raises(ValueError, match=r"\[DL429\] encoder, config or data of tagger: changed"):
        train_start(plan, "tagger", 0, folder)
    if meanwhile:
        for path, content in zip(paths, before, strict=True):
            path.write_bytes(content)
    with pytest.raises(ValueError, match=r"\[DL429\] dev, data of tagger: changed"):
        run_cell(plan, cell, Path(bert), fingerprint, data)
    assert len(begun) == 2 * meanwhile
    assert not folder.exists()
    assert not plan.run_path(*cell).exists()


def test_neither_patience_nor_epochs_end_a_start(corpus, bert, tmp_path):
    settings = {"vars.backbone": bert, "training.patience": 5, "training.max_epochs": 2}
    training = Plan(corpus, CONFIGS, tmp_path, settings).start_config("tagger", 0)["training"]
    assert (training["patience"], training["max_epochs"]) == (0, 0)


@pytest.mark.slow
def test_other_data_of_a_start(made, corpus, bert, tmp_path):
    """A file less: finished runs are of other data, and a new encoder doesn't learn from it."""
    output = shutil.copytree(made[0], tmp_path / "out")
    less = shutil.copytree(corpus, tmp_path / "corpus")
    (less / "tagger-many" / "fi_tdt-dev.spacy").unlink()
    result = run(less, output, bert, "textcat", "none")
    assert result.exit_code == 0, result.output
    result = run(less, output, bert, "textcat", "tagger-many")
    assert result.exit_code == 1
    assert "tagger-many-0.json: found a run with data of tagger-many" in result.output
    (output / "textcat" / "tagger-many-0.json").unlink()
    result = run(less, output, bert, "textcat", "tagger-many")
    assert result.exit_code == 0, result.output
    found = srsly.read_json(output / "textcat" / "tagger-many-0.json")
    assert found["labels_seen"] == {"tagger": ["German"]}


def made_up(start, accuracy, seeds):
    runs = make_sweep({("last", None): accuracy}, seeds=seeds, sentences=20, spread=0.05)
    for run in runs:
        del run["average"]
        run.update(name=start, intermediate=start)
    return runs


def test_an_averaged_checkpoint_is_refused_as_there_is_none(tmp_path):
    (tmp_path / "textcat").mkdir()
    for number, run in enumerate([*made_up("none", 0.5, 1), *made_up("nli", 0.6, 1)]):
        srsly.write_json(tmp_path / "textcat" / f"{number}.json", run)
    page = tmp_path / "page.md"
    asked = ["report", tmp_path / "textcat", "--markdown", page, "--checkpoint"]
    result = call(*asked, "average")
    assert result.exit_code == 1
    assert "[DL416] Run" in result.output
    assert not page.exists()
    assert call(*asked, "best").exit_code == 0


def test_gains_are_differences_of_the_means_with_unequal_seeds():
    runs = [*made_up("none", 0.4, 3), *made_up("nli", 0.6, 1)]
    block = intermediate_block(runs, "best", name="tagger", command="report")
    rows = [[cell.strip() for cell in line.split("|")] for line in block.splitlines()]
    means = {row[1]: row for row in rows if len(row) > 4}
    assert means["nli"][2] == means["none"][2] == "1"
    difference = float(means["nli"][3]) - float(means["none"][3])
    assert float(means["nli"][4]) == pytest.approx(difference, abs=0.11)


def test_starts_of_a_target_are_other_tasks():
    for target in ("ner", "textcat", "nli"):
        starts = default_starts(target)
        assert starts[0] == "none"
        assert [len(parts_of(start)) for start in starts[-2:]] == [2, 4]
        for start in starts:
            check_start(start, target)
            assert {*parts_of(start)} <= {*COMPONENTS} - {target}


@pytest.mark.parametrize(
    ("start", "words"),
    [("weather", "'weather'"), ("nli", "for nli"), ("intents+intents", "differ")],
)
def test_a_start_that_there_is_not(start, words):
    with pytest.raises(ValueError, match=words):
        check_start(start, "nli")


def test_what_is_missing_is_one_sentence(tmp_path, bert):
    result = run(tmp_path, tmp_path / "out", bert, "textcat", "none")
    assert result.exit_code == 1
    assert "train.spacy: there is no such file" in result.output
    assert "project run textcat-convert" in result.output
    assert "no such task" in run(tmp_path, tmp_path, bert, "weather", "none").output
