import pytest
import srsly

from spacy_dlfa.study.comparison.runs import foreign, label, read_runs, training_notes
from tests.study.comparison.sweeps import make_sweep

LAST, DLFA = ("last", None), ("dlfa", 5)


def write(folder, runs):
    folder.mkdir(exist_ok=True)
    for i, run in enumerate(runs):
        srsly.write_json(folder / f"{i}.json", run)
    return folder


def test_files_and_folders_in_any_order(tmp_path):
    runs = make_sweep({LAST: 0.5, ("dlfa", 10): 0.5, DLFA: 0.5}, seeds=2, sentences=5)
    folder = write(tmp_path / "sweep", runs)
    expected = ["dlfa-5-0", "dlfa-5-1", "dlfa-10-0", "dlfa-10-1", "last-0", "last-1"]
    assert [label(run) for run in read_runs([folder])] == expected
    files = sorted(folder.glob("*.json"), reverse=True)
    assert [label(run) for run in read_runs(files)] == expected


def test_means_are_over_the_languages_that_none_of_the_runs_has_seen(tmp_path):
    """Or the one that has seen labels of a hard language would be ahead without it."""
    runs = make_sweep({LAST: 0.5, DLFA: 0.5}, seeds=1, sentences=5)
    corpora = sorted(foreign(runs[0]["scores"]))
    for run in runs:
        for part in (run, run["average"]):
            for place, name in enumerate(corpora):
                part["scores"][name]["accuracy"] = 10.0 * place
    for part in (runs[0], runs[0]["average"]):
        part["scores"][corpora[0]]["zero_shot"] = False
    for run in read_runs([write(tmp_path / "runs", runs)]):
        rest = range(1, len(corpora))
        for part in (run, run["average"]):
            expected = 10 * sum(rest) / len(rest)
            assert part["averages"]["all"] == {"corpora": len(rest), "accuracy": expected}


@pytest.mark.parametrize(
    ("fusion", "expected"),
    [
        ({"@layers": "spacy_dlfa.DLFA.v1", "reduction": 4}, "dlfa-5-0"),
        ({"@layers": "spacy_dlfa.DLFA.v1", "gate": "sigmoid", "norm": "batch"}, "dlfa-5-0"),
        ({"@layers": "spacy_dlfa.DLFA.v1", "gate": "feature"}, "dlfa-feature-5-0"),
        ({"@layers": "spacy_dlfa.DLFA.v1", "norm": "layer"}, "dlfa-layernorm-5-0"),
        (
            {"@layers": "spacy_dlfa.DLFA.v1", "gate": "feature", "norm": "layer"},
            "dlfa-feature-layernorm-5-0",
        ),
        ({"@layers": "spacy_dlfa.LastLayer.v1"}, "last-0"),
        ({"@layers": "spacy_dlfa.LayerMean.v1"}, "mean-5-0"),
        ({"@layers": "spacy_dlfa.ScalarMix.v1"}, "mix-5-0"),
        ({"@layers": "spacy_dlfa.ScalarMix.v1", "layers": "all"}, "mix-all-0"),
        ({"@layers": "spacy_dlfa.AIF.v1"}, "aif-0"),
        ({"@layers": "my.Fusion.v1"}, "my.Fusion.v1-5-0"),
        (None, "stock-0"),
    ],
)
@pytest.mark.parametrize("name", [None, "dlfa-sigmoid"])
def test_a_run_is_named_after_its_fusion(name, fusion, expected, tmp_path):
    (run,) = make_sweep({DLFA: 0.5}, seeds=1, sentences=5)
    run["name"] = name
    if name is None:
        del run["name"]  # as `evaluate` leaves it out
    folder = write(tmp_path / "runs", [{**run, "fusion": fusion}])
    assert label(read_runs([folder])[0]) == expected


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"task": "textcat"}, "found task = 'textcat', but 'tagger' in"),
        ({"metric": "f"}, "found metric"),
        ({"backbone": "other"}, "found backbone"),
        ({"frozen": False}, "found a training with frozen = False, but True in"),
        ({"counts": {}}, "found other test sets than in .*de_pud"),
        ({"fusion": {"@layers": "spacy_dlfa.LastLayer.v1"}}, "the run last-0 in .*0.json too"),
    ],
)
def test_runs_that_do_not_belong_together(change, message, tmp_path):
    runs = make_sweep({LAST: 0.5, DLFA: 0.5}, seeds=1, sentences=5)
    folder = write(tmp_path / "runs", [runs[0], {**runs[1], **change}])
    with pytest.raises(ValueError, match=message) as error:
        read_runs([folder])
    assert str(folder / "1.json") in str(error.value)


def test_sweeps_of_two_tasks(tmp_path):
    runs = make_sweep({LAST: 0.5}, seeds=1, sentences=5)
    write(tmp_path / "tagger", runs)
    write(tmp_path / "textcat", [{**run, "task": "textcat"} for run in runs])
    with pytest.raises(ValueError, match="found task = 'textcat', but 'tagger'"):
        read_runs([tmp_path / "tagger", tmp_path / "textcat"])


def test_runs_that_were_trained_in_other_ways(tmp_path):
    runs = make_sweep({LAST: 0.5, ("dlfa", 2): 0.5, DLFA: 0.5}, seeds=1, sentences=5)
    # The first one, as from `evaluate`, says nothing of its training.
    for run, steps in zip(runs[1:], (100, 200)):
        run["fingerprint"] = {"train": "abc", "overrides": {"training.max_steps": steps}}
    folder = write(tmp_path / "runs", runs)
    with pytest.raises(ValueError, match=r"overrides = .*200.*, but .*100.* in .*1\.json") as error:
        read_runs([folder])
    assert str(folder / "2.json") in str(error.value)
    write(tmp_path / "runs", [*runs[:2], {**runs[2], "fingerprint": runs[1]["fingerprint"]}])
    assert len(read_runs([folder])) == 3


SELF = {"pipeline": "first", "second": None, "keep": "agreed", "per_language": 100}
DLFA_BLOCK = {"@layers": "spacy_dlfa.DLFA.v1"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            [
                {"fusion": {**DLFA_BLOCK, "reduction": 4}},
                {"fusion": {**DLFA_BLOCK, "reduction": 16}},
            ],
            "fusion.reduction = 16 and 4;",
        ),
        (
            [
                {"self_training": {**SELF, "languages": {"German": 100, "French": 3}}},
                {"self_training": {**SELF, "languages": {"German": 99}, "pipeline": "other"}},
            ],
            "self_training.pipeline = 'other' and 'first', self_training.languages.French = None "
            "and 3, self_training.languages.German = 99 and 100;",
        ),
    ],
)
def test_seeds_of_one_system_differ_in_nothing_else(changes, message, tmp_path):
    runs = make_sweep({DLFA: 0.5}, seeds=2, sentences=5)
    folder = write(tmp_path / "runs", [{**run, **more} for run, more in zip(runs, changes)])
    with pytest.raises(ValueError, match="DL426") as error:
        read_runs([folder])
    for part in (folder / "0.json", folder / "1.json", message):
        assert str(part) in str(error.value)
    assert len(read_runs([folder / "1.json"])) == 1


def test_a_default_that_is_written_out_is_no_difference(tmp_path):
    runs = make_sweep({DLFA: 0.5}, seeds=2, sentences=5)
    runs[0]["fusion"], runs[1]["fusion"] = DLFA_BLOCK, {**DLFA_BLOCK, "reduction": 4}
    assert len(read_runs([write(tmp_path / "runs", runs)])) == 2


TRAINING = {
    "components": ["tagger"],
    "learn_rate": 0.002,
    "learn_rate_factor": 0.1,
    "freeze_below": 5,
    "max_steps": 200,
    "max_epochs": 0,
}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"components": ["ner", "tagger"]}, "components ['ner', 'tagger'] and ['tagger']"),
        ({"learn_rate": 1, "max_steps": 800}, "learn_rate 1 and 0.002, max_steps 800 and 200"),
        ({"learn_rate_factor": 1.0}, "learn_rate_factor 1.0 and 0.1"),
        ({"freeze_below": 0}, "freeze_below 0 and 5"),
        ({"max_epochs": 10}, "max_epochs 10 and 0"),
    ],
)
def test_pipelines_that_were_trained_in_other_ways(change, message, tmp_path):
    runs = make_sweep({LAST: 0.5, DLFA: 0.5}, seeds=1, sentences=5)
    for run in runs:
        del run["frozen"]
        run["training"] = TRAINING
    folder = write(tmp_path / "runs", runs)
    assert training_notes(read_runs([folder])) == []
    write(folder, [{**runs[0], "training": {**TRAINING, **change}}, runs[1]])
    (note,) = training_notes(read_runs([folder]))
    assert f"[DL910] last-0 was trained in another way than dlfa-5-0: {message}. " in note


def test_a_frozen_and_a_fine_tuned_pipeline(tmp_path):
    runs = make_sweep({LAST: 0.5, DLFA: 0.5}, seeds=1, sentences=5)
    for run, factor in zip(runs, (0.1, 0.0), strict=True):
        del run["frozen"]
        run["training"] = {**TRAINING, "learn_rate_factor": factor}
    with pytest.raises(ValueError, match="frozen = True, but False in"):
        read_runs([write(tmp_path / "runs", runs)])


def test_runs_that_do_not_say_how_they_were_trained(tmp_path):
    runs = make_sweep({LAST: 0.5, DLFA: 0.5}, seeds=1, sentences=5)
    for run in runs:
        del run["frozen"]
    # Of older sweeps this says it
    told = [{**run, "fingerprint": {"frozen": True}} for run in runs]
    for files, named in (
        (runs, "dlfa-5-0, last-0"),
        ([runs[0], {**runs[1], "training": TRAINING}], "last-0"),
        ([told[0], {**runs[1], "training": TRAINING}], "last-0"),
    ):
        (note,) = training_notes(read_runs([write(tmp_path / "runs", files)]))
        assert f"DL909] Runs that don't say how they were trained: {named}." in note
    assert training_notes(read_runs([write(tmp_path / "runs", told)])) == []
    assert training_notes(read_runs([tmp_path / "runs" / "0.json"])) == []


def test_a_sweep_of_an_older_version_and_another_training(tmp_path):
    old, new = make_sweep({LAST: 0.5, DLFA: 0.5}, seeds=1, sentences=5)
    del new["frozen"]
    folder = write(tmp_path / "runs", [old, {**new, "training": TRAINING}])
    with pytest.raises(ValueError, match="found a training with frozen = False, but True in"):
        read_runs([folder])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "found no JSON"),
        ("[]", r"found \[\]"),
        ('{"task": "ner"}', "found no backbone"),
    ],
)
def test_files_that_are_no_runs(content, message, tmp_path):
    path = tmp_path / "run.json"
    path.write_text(content)
    with pytest.raises(ValueError, match=message) as error:
        read_runs([path])
    assert str(path) in str(error.value)


def test_nothing_there(tmp_path):
    with pytest.raises(ValueError, match=r"nowhere\.json: there is no such file"):
        read_runs([tmp_path / "nowhere.json"])
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match=r"empty: found no \*\.json"):
        read_runs([tmp_path / "empty"])
    with pytest.raises(ValueError, match="Found no run"):
        read_runs([])


def test_a_test_set_without_a_language_is_compared_with_none():
    assert foreign(["ru_pud", "mails", "EN_pud", "gv_idt"]) == ["gv_idt", "ru_pud"]
