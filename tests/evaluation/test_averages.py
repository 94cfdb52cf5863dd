import numpy as np
import pytest

from spacy_dlfa.evaluation.averages import averages, over_languages
from tests.evaluation.runs import make_row, make_run

GIVEN = {"zh_pud": 30, "en_pud": 90, "sv_pud": 70, "de_pud": 60, "ru_pud": 50, "da_ddt": 80}


def test_english_is_left_out():
    found = make_run("ner", GIVEN)["averages"]
    assert {group: found[group]["f"] for group in ("all", "enf", "nenf")} == {
        "all": pytest.approx((30 + 70 + 60 + 50 + 80) / 5),
        "enf": pytest.approx((70 + 60 + 80) / 3),
        "nenf": pytest.approx((30 + 50) / 2),
    }
    assert [found[group]["corpora"] for group in ("all", "enf", "nenf")] == [5, 3, 2]
    assert found["all"]["raw"]["f"] == pytest.approx(58 - 8)


def test_genera():
    found = make_run("textcat", {**GIVEN, "slk_Latn": 20})["averages"]["genera"]
    assert {genus: (row["corpora"], row["accuracy"]) for genus, row in found.items()} == {
        "Germanic": (3, 70),
        "Sinitic": (1, 30),
        "Slavic": (2, 35),
    }
    assert found["Slavic"]["raw"]["macro_f1"] == 35 - 8


@pytest.mark.parametrize("task", ["ner", "tagger", "textcat", "pairs"])
def test_every_metric_is_averaged(task):
    run = make_run(task, GIVEN)
    metrics = set(run["scores"]["de_pud"]["raw"])
    assert set(run["averages"]["all"]) == {"corpora", *metrics, "interval", "raw"}


def test_interval_is_that_of_the_mean():
    rows = {name: make_row(name, "ner", 50) for name in ("de_pud", "fr_test", "en_pud")}
    resampled = {
        "de_pud": np.array([10.0, 20.0]),
        "fr_test": np.array([30.0, 60.0]),
        "en_pud": np.array([0.0, 0.0]),
    }
    found = averages("ner", rows, resampled)
    assert found["all"]["interval"] == pytest.approx([20.5, 39.5])
    assert found["enf"]["interval"] == pytest.approx([10.25, 19.75])


def test_test_sets_without_gold_annotation_are_left_out():
    found = make_run("ner", {**GIVEN, "qaf_arabizi": None})["averages"]
    assert found["nenf"]["corpora"] == 2
    assert "Semitic" not in found["genera"]


def test_english_alone_has_no_average():
    found = make_run("ner", {"en_pud": 90})["averages"]
    nothing = dict.fromkeys(("p", "r", "f"))
    assert found["all"] == {"corpora": 0, **nothing, "interval": None, "raw": nothing}
    assert found["genera"] == {}


def test_raw_text_that_was_not_measured():
    rows = {"de_pud": make_row("de_pud", "ner", 50)}
    del rows["de_pud"]["raw"]
    assert "raw" not in averages("ner", rows, {"de_pud": np.array([50.0])})["all"]


def test_a_language_without_a_family_is_in_one_mean_and_a_set_without_a_language_in_none():
    found = make_run("ner", {"de_pud": 60, "ru_pud": 50, "gv_idt": 10, "mails": 99})["averages"]
    assert {group: found[group]["f"] for group in ("all", "enf", "nenf")} == {
        "all": pytest.approx(40),
        "enf": 60,
        "nenf": 50,
    }
    assert set(found["genera"]) == {"Germanic", "Slavic"}


SCRIPTS = {"deu_Latn": 60, "fra_Latn": 40, "rus_Cyrl": 30, "eng_Latn": 90, "fr_test": 5}


def test_scripts_of_foreign_sets_that_name_one():
    found = make_run("textcat", SCRIPTS)["averages"]["scripts"]
    assert {script: (row["corpora"], row["accuracy"]) for script, row in found.items()} == {
        "Cyrl": (1, 30),
        "Latn": (2, 50),
    }


def test_languages_that_the_encoder_has_seen():
    rows = {name: make_row(name, "textcat", score) for name, score in SCRIPTS.items()}
    resampled = {name: np.array([float(score)]) for name, score in SCRIPTS.items()}
    found = averages("textcat", rows, resampled, ["German", "Russian", "English"])["encoder"]
    assert {group: row["accuracy"] for group, row in found.items()} == {"seen": 45, "unseen": 22.5}
    assert averages("textcat", rows, resampled)["encoder"] == {}


def test_of_a_language_that_is_not_known_nobody_can_tell_whether_the_encoder_has_seen_it():
    names = ("deu_x", "sh_x", "my_test")
    rows = {name: make_row(name, "ner", 50) for name in names}
    found = averages("ner", rows, {name: np.array([50.0]) for name in names}, ["German"])
    assert found["all"]["corpora"] == 2
    assert {group: row["corpora"] for group, row in found["encoder"].items()} == {"seen": 1}


def test_test_sets_of_a_language_count_once():
    first = {"en_pud": 9.0, "sv_pud": 1.0, "sv_talbanken": 3.0, "zho_Hans": 5.0, "de_gsd": None}
    found = {"Swedish": 2.0, "Chinese": 5.0}
    assert over_languages(first, english=False) == found
    assert over_languages(first) == {"English": 9.0, **found}
    second = {"sv_pud": 6.0, "de_pud": 8.0}
    assert over_languages(first, second, english=False) == {**found, "Swedish": 4.0, "German": 8.0}
