import pytest
import srsly

from spacy_dlfa.evaluation.ner import EntityScore
from spacy_dlfa.evaluation.report import averages, corpus_row, format_table, write_json

NONE = EntityScore(None, None, None)


def flat(value):
    return EntityScore(value, value, value)


@pytest.fixture
def scores():
    given = {"zh_pud": 30, "en_pud": 90, "sv_pud": 70, "de_pud": 60, "ru_pud": 50, "da_ddt": 80}
    return {name: corpus_row(name, 1000, 5, flat(f), flat(f - 8)) for name, f in given.items()}


@pytest.fixture
def metrics(scores):
    return {"task": "ner", "scores": scores, "averages": averages(scores)}


def test_corpus_row_has_the_agreed_keys():
    row = corpus_row("de_pud", 3, 2, EntityScore(50.0, 40.0, 44.4), EntityScore(1.0, 2.0, 3.0))
    assert row == {
        "language": "German",
        "family": "Germanic",
        "sentences": 3,
        "entities": 2,
        "p": 50.0,
        "r": 40.0,
        "f": 44.4,
        "raw": {"p": 1.0, "r": 2.0, "f": 3.0},
    }


def test_averages_leave_english_out(scores):
    result = averages(scores)
    assert {group: row["f"] for group, row in result.items()} == {
        "all": pytest.approx((30 + 70 + 60 + 50 + 80) / 5),
        "enf": pytest.approx((70 + 60 + 80) / 3),
        "nenf": pytest.approx((30 + 50) / 2),
    }
    assert {group: row["corpora"] for group, row in result.items()} == {
        "all": 5,
        "enf": 3,
        "nenf": 2,
    }


def test_averages_of_raw_text(scores):
    assert averages(scores)["all"]["raw"]["f"] == pytest.approx(58 - 8)


def test_test_sets_without_entities_are_left_out(scores):
    scores["qaf_arabizi"] = corpus_row("qaf_arabizi", 10, 0, NONE, NONE)
    assert averages(scores)["nenf"]["corpora"] == 2


def test_english_alone_has_no_average(scores):
    assert averages({"en_pud": scores["en_pud"]})["all"]["f"] is None
    assert averages({})["all"]["corpora"] == 0


def test_table_order(metrics):
    lines = format_table(metrics).splitlines()
    found = [line.split() for line in lines]
    sets = [word for words in found for word in words if "_" in word and "-" not in word]
    # By family, then by language; English below the foreign ones.
    assert sets == ["da_ddt", "de_pud", "sv_pud", "zh_pud", "ru_pud", "en_pud"]
    means = [words for words in found if words and words[0] == "mean"]
    assert len(means) == 3
    assert found.index(means[0]) > next(i for i, words in enumerate(found) if "en_pud" in words)


def test_table_says_na(scores):
    scores["qaf_arabizi"] = corpus_row("qaf_arabizi", 10, 0, NONE, NONE)
    text = format_table({"scores": scores, "averages": averages(scores)})
    line = next(line for line in text.splitlines() if "qaf_arabizi" in line)
    assert line.split()[-4:] == ["n/a"] * 4
    assert "1,000" in text


def test_json_round_trip_and_no_rest(tmp_path, metrics):
    path = tmp_path / "new" / "ner.json"
    write_json(path, metrics)
    write_json(path, metrics)
    assert srsly.read_json(path) == metrics
    assert [child.name for child in path.parent.iterdir()] == ["ner.json"]


def test_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "ner.json"
    write_json(path, {"old": 1})
    with pytest.raises(TypeError):
        write_json(path, {"new": object()})
    assert srsly.read_json(path) == {"old": 1}
    assert [child.name for child in tmp_path.iterdir()] == ["ner.json"]
