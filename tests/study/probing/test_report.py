import shutil
from pathlib import Path

import pytest
import srsly
import torch
from filelock import FileLock
from safetensors.torch import save_file
from transformers import BertConfig, BertModel
from typer.testing import CliRunner

from spacy_dlfa.cli import app
from spacy_dlfa.study.probing.encoders import find_encoders
from spacy_dlfa.study.probing.masked_lm import write_random_head
from spacy_dlfa.study.probing.results import choose_languages
from spacy_dlfa.study.probing.tables import losses_by_language
from spacy_dlfa.study.report.backbone import backbone_page
from tests.checkpoints import LAYERS
from tests.study.pages.html import check_page
from tests.study.probing.corpora import write_data

CARD = "---\nlanguage: [en, de]\n---\n"
FEW = ["--training.max_steps", "2", "--components.transformer.model.precision", "fp32"]


def report(*arguments):
    return CliRunner().invoke(app, ["backbone-report", *map(str, arguments), *FEW])


def assert_one_sentence(result, *parts):
    assert result.exit_code == 1, result.output
    assert isinstance(result.exception, SystemExit)
    # What is behind the bars of progress
    message = result.output.strip().splitlines()[-1].split("\r")[-1]
    for part in parts:
        assert str(part) in message


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("probing")


@pytest.fixture(scope="module")
def encoders(folder, bert):
    """Two of one shape, of which the second has a head, and cards."""
    for name in ("old", "new"):
        shutil.copytree(bert, folder / name)
        (folder / name / "README.md").write_text(CARD)
    write_random_head(Path(bert), folder / "new", 1)
    return [folder / "old", folder / "new"]


@pytest.fixture(scope="module")
def made(folder, encoders):
    data = write_data(folder / "data")
    command = [*encoders, "--data", data, "--output", folder / "out", "--workers", 1, "--fused"]
    result = report(*command)
    assert result.exit_code == 0, result.output
    return command, result, srsly.read_json(folder / "out" / "report.json")


@pytest.mark.slow
def test_figures_of_each_encoder_and_of_random_weights(made):
    _, result, found = made
    assert [each["name"] for each in found["encoders"]] == ["old", "new", "random weights"]
    assert found["languages"] == ["German"]
    for each in found["encoders"]:
        assert set(each["tasks"]) == {"tagger", "ner", "textcat"}
        assert set(each["tasks"]["tagger"]["by_corpus"]) == {"de_pud", "en_pud", "sv_pud"}
        assert each["tasks"]["tagger"]["steps"] == 2
        trained = [task["means"]["trained"] for task in each["tasks"].values()]
        assert each["mean"] == pytest.approx(sum(trained) / 3)
        assert len(each["retrieval"]["PUD"]["means"]["trained"]) == LAYERS + 1
    assert [each["masked_lm"] is None for each in found["encoders"]] == [True, False, False]
    assert len(found["verdicts"]) == 5
    assert [each["speed"] is None for each in found["encoders"]] == [False, False, True]
    assert found["encoders"][0]["speed"]["ratio"] == 1
    assert found["machine"]["processor"]
    assert {*found["trades"]} <= {"old", "new"}
    assert [each["fused"] for each in found["encoders"]] == [
        f"old with layer {LAYERS - 1}",
        f"new with layer {LAYERS - 1}",
        None,
    ]
    for verdict in found["verdicts"]:
        assert verdict in result.output


@pytest.mark.slow
def test_equal_weights_are_no_difference(made):
    (versus_old,) = [
        c for c in made[2]["comparisons"] if c["against"] == "old" and c["name"] == "new"
    ]
    assert versus_old["name"] == "new"
    for each in versus_old["differences"].values():
        assert each["difference"] == each["low"] == each["high"] == 0
    assert "new can't be told apart from old" in made[2]["verdicts"][0]


@pytest.mark.slow
def test_page_and_table(folder, made):
    found = made[2]
    page = check_page((folder / "out" / "report.html").read_text(encoding="utf8"))
    assert found["verdicts"][0] in page.text
    assert "all weights but the embeddings learn" in page.text
    mean = [f"{each['mean']:.1f}" for each in found["encoders"]]
    assert page.row("mean of the three tasks")[1:] == mean
    table = (folder / "out" / "results.md").read_text(encoding="utf8")
    assert f"| mean of the three tasks | {' | '.join(mean)} |" in table
    assert "| Words per second, one core |" in table
    assert "| Gain with a lower layer, DLFA |" in table
    assert "No encoder is both better and faster than" in table
    assert "No encoder is both better and faster than" in page.text
    assert "### new by language" in table
    assert "| German |" in table
    (row,) = [row for row in table.split("### new")[1].splitlines() if row.startswith("| German")]
    new, floor = (losses_by_language(each)["German"] for each in found["encoders"][1:])
    assert row.endswith(f"| {new:.2f} ({floor:.2f}) |")


@pytest.mark.slow
def test_a_page_without_losses_says_so(made):
    found = {**made[2], "encoders": [{**e, "masked_lm": None} for e in made[2]["encoders"]]}
    assert "No loss is shown" in check_page(backbone_page(found)).text


@pytest.mark.slow
def test_what_is_measured_is_kept(folder, made, tmp_path, monkeypatch):
    def refuse(*_):
        raise AssertionError("a process was started")

    monkeypatch.setattr("spacy_dlfa.workers.pool.Pool._start", refuse)
    # Nothing of what was measured depends on a card.
    for encoder in made[0][:2]:
        (encoder / "README.md").write_text(f"{CARD}Edited.\n")
    # Its page is another one, and other tests read the first.
    shutil.copytree(folder / "out", tmp_path / "out")
    result = report(*made[0], "--output", tmp_path / "out", "--languages", "de,sv")
    assert result.exit_code == 0, result.output
    assert "as given with --languages" in result.output


def test_one_floor_for_each_shape(encoders, tmp_path):
    wider = tmp_path / "wider"
    shutil.copytree(encoders[0], wider)
    config = srsly.read_json(wider / "config.json")
    BertModel(BertConfig(**{**config, "intermediate_size": 48})).save_pretrained(wider)
    found = find_encoders([*encoders, wider], tmp_path / "random")
    floors = {each.name: each.floor for each in found}
    assert floors == {
        "old": "random weights",
        "new": "random weights",
        "wider": "random weights, wider",
        "random weights": None,
        "random weights, wider": None,
    }


def test_the_languages_that_count(encoders, tmp_path):
    old, new, floor = find_encoders(encoders, tmp_path / "random")
    wide = new._replace(languages=["English", "German", "Swedish"])
    assert choose_languages([old, wide, floor], None)[0] == ["German"]
    assert choose_languages([wide, floor], None)[0] == ["German", "Swedish"]
    assert choose_languages([wide, floor], ["English", "French"])[0] == ["French"]
    assert choose_languages([old._replace(languages=None), floor], None)[0] is None
    with pytest.raises(ValueError, match="no foreign language in common"):
        choose_languages([old, new._replace(languages=["Swedish"]), floor], None)


def test_what_is_wrong_is_one_sentence(folder, encoders, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert_one_sentence(report(tmp_path / "none"), "none: found no config.json")
    assert_one_sentence(report(encoders[0], "--languages", "de,qq"), "--languages", "'qq'")
    assert_one_sentence(report(encoders[0], encoders[0]), "an encoder twice")
    assert_one_sentence(report(encoders[0], "--seeds", "two"), "--seeds", "'two'")
    missing = report(encoders[0], "--data", tmp_path, "--output", tmp_path / "out")
    assert_one_sentence(missing, tmp_path, "expected an English and a foreign test set")


def test_two_reports_in_one_folder(encoders, tmp_path):
    options = ["--data", tmp_path, "--output", tmp_path / "out"]
    (tmp_path / "out").mkdir()
    with FileLock(tmp_path / "out" / ".lock"):
        assert_one_sentence(report(encoders[0], *options), "another run is")
    assert not (tmp_path / "out" / ".random").exists()
    assert_one_sentence(report(encoders[0], *options), "expected an English and a foreign test set")


def test_what_killed_reports_left_is_removed(encoders, tmp_path):
    output = tmp_path / "out"
    left = output / ".encoders" / "hub" / ".bert.tmp" / "config.json"
    for path in (left, output / ".parts" / ".0123.tmp", output / ".4567.tmp"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    others = output / "sweep" / ".89ab.tmp"
    others.parent.mkdir()
    others.touch()
    report(encoders[0], "--data", tmp_path, "--output", output)
    assert [*output.rglob("*.tmp")] == [others]


def test_what_is_not_in_the_current_folder(folder, encoders, tmp_path, monkeypatch):
    data = write_data(tmp_path / "data")
    monkeypatch.chdir(tmp_path)
    result = report(encoders[0], "--data", data, "--output", tmp_path / "out")
    assert_one_sentence(
        result, f"configs/ner.cfg: there is no such file in {tmp_path}", "--configs"
    )
    result = report(encoders[0])
    assert_one_sentence(result, f"--data assets: there is no such folder in {tmp_path}")


@pytest.mark.slow
def test_a_part_that_fails_is_named_and_the_others_are_kept(folder, encoders, made, tmp_path):
    output = tmp_path / "out"
    shutil.copytree(folder / "out" / ".random", output / ".random")
    for path in (output / ".random").glob("*/mlm_head.safetensors"):
        save_file({"predictions.bias": torch.zeros(3)}, path)
    data = folder / "data"
    result = report(encoders[0], "--data", data, "--output", output, "--workers", 1)
    assert_one_sentence(result, "random weights, masked lm: [DL459]", "mlm_head.safetensors")
    assert len(list((output / ".parts").glob("*.json"))) == 9
    assert not (output / "report.json").exists()
