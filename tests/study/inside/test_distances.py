from pathlib import Path

import pytest

from spacy_dlfa.languages import LANGUAGES
from spacy_dlfa.study.comparison.restrict import share_zero_shot
from spacy_dlfa.study.inside.distances import correlate, of_sweep, read_distances
from tests.study.report.runs import make_sweep

TABLE = Path(__file__).parents[3] / "assets" / "languages" / "distances.tsv"


def test_the_table_of_the_project():
    found = read_distances(TABLE)
    names = {language.name for language in LANGUAGES.values()}
    assert found["English"] == 0
    assert found["Dutch"] < found["Russian"] < found["Japanese"]
    # Romanised Arabic is in no atlas
    assert names - {*found} == {"Maghrebi Arabizi"}


@pytest.mark.parametrize("text", ["", "code,syntax\nde,0.1\n", "code\tsyntax\nde\tfar\n", "code\n"])
def test_another_table_is_refused(tmp_path, text):
    path = tmp_path / "far.tsv"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"DL494.*far\.tsv"):
        read_distances(path)


def test_rank_correlation():
    far = dict(zip("abcdef", range(6), strict=True))
    near = {name: -(value**3) for name, value in far.items()}
    few = {name: far[name] for name in "abcd"}
    even = dict.fromkeys(far, 0.5)
    found = correlate({"near": near, "few": few, "even": even}, {"distance": far})
    assert [(each.title, each.languages) for each in found] == [("near", 6)]
    assert found[0].rho == pytest.approx(-1)
    assert found[0].p < 0.01


def test_weight_and_gain_of_a_sweep():
    runs = make_sweep(("dlfa", "last"), layers=(2, 4), seeds=(0, 1))
    for run in runs:
        for row in run["average"]["scores"].values():
            row["f"] = 60.0 if run["layer"] == 4 else 50.0
        run["average"]["dev"]["f"] = 80.0 if run["layer"] == 4 else 70.0
        if run["layer"] == 4:
            run["inside"]["weight"] = {name: 0.5 + run["seed"] / 10 for name in run["scores"]}
    found = of_sweep(runs)
    weight, gain = found.values()
    assert [title.partition(":")[0] for title in found] == ["weight", "gain over the last layer"]
    assert weight == pytest.approx(dict.fromkeys(weight, 0.55))
    assert gain == pytest.approx(dict.fromkeys(weight, 10.0))
    assert "German" in gain
    assert "English" not in gain


def test_languages_whose_labels_one_run_has_seen_are_left_out():
    runs = make_sweep(("dlfa", "last"), layers=(2, 4), seeds=(0, 1))
    names = {*of_sweep(runs)["gain over the last layer: ner, dlfa-4 of the sweep"]}
    runs[0]["scores"]["de_pud"]["zero_shot"] = False
    runs[-1]["scores"]["ru_pud"]["zero_shot"] = False
    for values in of_sweep(share_zero_shot(runs)).values():
        assert {*values} == names - {"German", "Russian"}


def test_a_sweep_without_the_last_layer_says_nothing():
    assert of_sweep(make_sweep(("dlfa",))) == {}
