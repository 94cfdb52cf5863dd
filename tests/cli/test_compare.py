import pytest
import srsly
from typer import Typer
from typer.testing import CliRunner

from spacy_dlfa.study.cli.compare import compare_cli
from spacy_dlfa.study.comparison.rules import RULES
from tests.study.comparison.sweeps import make_sweep

LAST, DLFA = ("last", None), ("dlfa", 5)
APP = Typer()
APP.command()(compare_cli)


@pytest.fixture
def folder(tmp_path):
    runs = make_sweep({LAST: 0.5, ("dlfa", 2): 0.5, DLFA: 0.7}, spread=0.002)
    (tmp_path / "sweep").mkdir()
    for i, run in enumerate(runs):
        srsly.write_json(tmp_path / "sweep" / f"{i}.json", run)
    return tmp_path / "sweep"


def invoke(*args):
    return CliRunner().invoke(APP, list(map(str, args)))


def assert_one_sentence(result, *parts):
    assert result.exit_code == 1, result.output
    assert isinstance(result.exception, SystemExit)
    assert len(result.output.strip().splitlines()) == 1
    for part in parts:
        assert str(part) in result.output


def test_table_verdicts_and_the_best_by_test_set(folder):
    result = invoke(folder)
    assert result.exit_code == 0, result.output
    assert "tagger, accuracy in per cent, best checkpoint, against last" in result.output
    assert "- DLFA at layer 5 beats the last layer by" in result.output
    assert "- DLFA at layer 2 can't be told apart from the last layer" in result.output
    rows = [line.split() for line in result.output.splitlines()]
    assert [row[:3] for row in rows if row[:1] == ["dlfa"]] == [
        ["dlfa", "2", "3"],
        ["dlfa", "5", "3"],
    ]
    assert ["Language", "Test", "set", "dlfa-5", "95", "%", "interval"] in rows
    assert {row[0] for row in rows if len(row) > 1 and row[1].endswith("_pud")} == {
        "Chinese", "English", "German", "Portuguese", "Russian",
    }  # fmt: skip


def test_records_that_do_not_say_how_they_were_trained(folder):
    result = invoke(folder)
    assert "[DL909] Runs that don't say how they were trained: dlfa-2-0, dlfa-2-1," in result.stderr
    for path in folder.glob("*.json"):
        srsly.write_json(path, {**srsly.read_json(path), "fingerprint": {"train": "abc"}})
    assert invoke(folder).stderr == ""


def test_all_systems_by_test_set(folder):
    result = invoke(folder, "--languages")
    rows = [line.split() for line in result.output.splitlines()]
    assert ["Language", "Test", "set", "dlfa-2", "dlfa-5"] in rows


def test_json(folder, tmp_path):
    output = tmp_path / "metrics" / "comparison.json"
    result = invoke(folder, "--output", output, "--pick", "--checkpoint", "average")
    assert result.exit_code == 0, result.output
    found = srsly.read_json(output)
    assert (found["task"], found["metric"], found["baseline"]) == ("tagger", "accuracy", "last")
    assert found["checkpoint"] == "average"
    first = found["comparisons"][0]
    assert {
        "name",
        "layer",
        "seeds",
        "difference",
        "low",
        "high",
        "p",
        "p_holm",
        "by_corpus",
    } < set(first)
    assert "can't be told apart" in first["verdict"]
    assert [row["rule"] for row in found["picks"]] == [*RULES, "blind"]
    assert set(found["picks"][0]["regrets"]) == {"all", "dlfa"}
    assert str(output) in result.output


def test_picks(folder):
    result = invoke(folder, "--pick")
    assert "Regret, all" in result.output
    assert "Regret, dlfa" in result.output
    assert "The default rule" in result.output
    assert "Regret" not in invoke(folder).output


def test_rules_that_do_not_apply_are_left_out(folder):
    for path in folder.glob("*.json"):
        run = srsly.read_json(path)
        run["average"]["confidence"] = None
        srsly.write_json(path, run)
    result = invoke(folder, "--pick")
    assert result.exit_code == 0, result.output
    assert "\nconfidence-average " not in result.output
    assert "\nconsensus " in result.output


def test_picks_need_a_sweep(folder):
    for path in folder.glob("*.json"):
        run = srsly.read_json(path)
        for key in ("dev", "predictions", "confidence", "average"):
            del run[key]
        srsly.write_json(path, run)
    assert invoke(folder).exit_code == 0
    assert_one_sentence(invoke(folder, "--pick"), "--pick", "sweep")


@pytest.mark.parametrize(
    ("args", "parts"),
    [
        (["--baseline", "aif"], ["'aif'", "dlfa-2, dlfa-5, last"]),
        (["--baseline", "dlfa"], ["several", "dlfa-2, dlfa-5"]),
        (["nowhere.json"], ["nowhere.json", "no such file"]),
    ],
)
def test_errors(args, parts, folder):
    assert_one_sentence(invoke(folder, *args), *parts)


def test_no_averaged_checkpoint(folder):
    path = folder / "0.json"
    run = srsly.read_json(path)
    del run["average"]
    srsly.write_json(path, run)
    assert_one_sentence(invoke(folder, "--checkpoint", "average"), "last-0", "averaged")


def test_unknown_checkpoint(folder):
    assert invoke(folder, "--checkpoint", "worst").exit_code == 2


def test_known_languages_alone(folder, tmp_path):
    (tmp_path / "README.md").write_text("---\nlanguage: [de, en]\n---\n", encoding="utf8")
    for path in folder.iterdir():
        srsly.write_json(path, {**srsly.read_json(path), "backbone": str(tmp_path)})
    result = invoke(folder, "--known")
    assert result.exit_code == 0, result.output
    assert "of 1 foreign test set" in result.output
    assert "ru_pud" not in result.output


def test_known_languages_of_an_encoder_that_is_not_here(folder):
    assert_one_sentence(invoke(folder, "--known"), "mini", "found no such folder")
