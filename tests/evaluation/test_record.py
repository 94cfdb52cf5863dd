import copy

import pytest
import srsly

from spacy_dlfa.evaluation.record import read_run
from tests.study.report.runs import make_evaluation, make_run

EVALUATED, SWEPT = make_evaluation(), make_run("dlfa", 2, 0)
DAMAGED = {
    **EVALUATED,
    "noise": {"typos": {key: make_evaluation()[key] for key in ("scores", "averages", "counts")}},
}
SHOWN = {
    **EVALUATED,
    "examples": {
        "de_pud": [{"kind": "right", "text": "Ada", "gold": ["0 3 PER"], "found": ["0 3 PER"]}]
    },
    "mistakes": {"de_pud": {"confusion": {"PER": {"PER": 3}}, "kinds": {"right": 3}}},
}


def write(folder, run):
    path = folder / "run.json"
    srsly.write_json(path, run)
    return path


@pytest.mark.parametrize(
    "run", [EVALUATED, SWEPT, DAMAGED, SHOWN], ids=["evaluate", "sweep", "noise", "examples"]
)
def test_nothing_is_lost_or_changed(run, tmp_path):
    path = write(tmp_path, run)
    assert read_run(path) == srsly.read_json(path)


def test_a_file_of_an_older_version(tmp_path):
    run = copy.deepcopy(EVALUATED)
    # These came one after the other
    for key in ("scripts", "encoder"):
        del run["averages"][key]
    for row in run["scores"].values():
        del row["raw"]
    del run["counts"]
    assert read_run(write(tmp_path, run)) == srsly.read_json(tmp_path / "run.json")


def test_keys_of_a_newer_version_stay(tmp_path):
    run = {**SWEPT, "energy": {"joules": 3}}
    assert read_run(write(tmp_path, run))["energy"] == {"joules": 3}


MISSING = object()


def changed(run, place, value):
    run = copy.deepcopy(run)
    *outer, last = place
    block = run
    for key in outer:
        block = block[key]
    if value is MISSING:
        del block[last]
    else:
        block[last] = value
    return run


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        (["task"], "parsing", "found task = 'parsing'; expected one of ner"),
        (["seed"], "1", r"found seed = '1' \(Input should be a valid integer\)"),
        (["layer"], 2.5, "found layer = 2.5"),
        (["backbone"], MISSING, "found no backbone"),
        (["fusion"], "dlfa", "found fusion = 'dlfa'"),
        (["fusion", "@layers"], MISSING, "found no fusion.@layers"),
        (["scores"], [1], r"found scores = \[1\]"),
        (["scores", "de_pud", "support"], "many", "found scores.de_pud.support = 'many'"),
        (["scores", "de_pud", "support"], MISSING, "found no scores.de_pud.support"),
        (["scores", "de_pud", "f"], "high", "found scores.de_pud.f = 'high'"),
        (["scores", "de_pud", "f"], MISSING, "found no scores.de_pud.f"),
        (["scores", "de_pud", "interval"], 3, "found scores.de_pud.interval = 3"),
        (["averages", "all"], MISSING, "found no averages.all"),
        (["averages", "all", "f"], MISSING, "found no averages.all.f"),
        (["average", "averages"], MISSING, "found no average.averages"),
        (["average", "scores", "de_pud"], None, "found average.scores.de_pud = None"),
        (["counts", "de_pud"], 3, "found counts.de_pud = 3"),
    ],
)
def test_what_is_no_run_is_refused_by_file_and_field(place, value, message, tmp_path):
    path = write(tmp_path, changed(SWEPT, place, value))
    with pytest.raises(ValueError, match=message) as error:
        read_run(path)
    assert str(error.value).partition("] ")[2].startswith(f"{path}: ")
    assert "expected one of" in str(error.value) or "make the file anew" in str(error.value)


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        (["noise"], None, "found noise = None"),
        (["noise", "typos"], MISSING, None),
        (["noise", "typos", "averages"], MISSING, "found no noise.typos.averages"),
        (["noise", "typos", "averages", "all", "f"], "1", "found noise.typos.averages.all.f = '1'"),
        (["noise", "typos", "scores", "de_pud", "f"], MISSING, "no noise.typos.scores.de_pud.f"),
    ],
)
def test_noise_is_checked_too(place, value, message, tmp_path):
    path = write(tmp_path, changed(DAMAGED, place, value))
    if message is None:
        assert read_run(path)["noise"] == {}
        return
    with pytest.raises(ValueError, match=message):
        read_run(path)


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        (["examples", "de_pud", 0, "kind"], "good", "found examples.de_pud.0.kind = 'good'"),
        (["examples", "de_pud", 0, "text"], MISSING, "found no examples.de_pud.0.text"),
        (["examples", "de_pud", 0, "gold"], ["PER"], "examples.de_pud.0: Found the span 'PER'"),
        (["examples", "xx_pud"], [], "found examples.xx_pud, which is no test set"),
        (["mistakes", "de_pud", "kinds"], {"right": "3"}, "found mistakes.de_pud.kinds.right"),
        (["mistakes", "xx_pud"], SHOWN["mistakes"]["de_pud"], "found mistakes.xx_pud"),
    ],
)
def test_examples_are_checked_too(place, value, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        read_run(write(tmp_path, changed(SHOWN, place, value)))


def test_a_long_value_is_cut(tmp_path):
    with pytest.raises(ValueError, match="found seed") as error:
        read_run(write(tmp_path, {**SWEPT, "seed": "x" * 5000}))
    assert len(str(error.value)) < 500
