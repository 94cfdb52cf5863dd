import pytest
import srsly

from spacy_dlfa.atomic import write_json
from spacy_dlfa.evaluation.table import format_table
from tests.evaluation.runs import make_run

GIVEN = {"zh_pud": 30, "en_pud": 90, "sv_pud": 70, "de_pud": 60, "ru_pud": 50, "da_ddt": 80}


def line_of(text, word):
    return next(line for line in text.splitlines() if word in line)


def test_table_order():
    found = [line.split() for line in format_table(make_run("ner", GIVEN)).splitlines()]
    sets = [word for words in found for word in words if "_" in word and "-" not in word]
    # By family, then by language; English below the foreign ones.
    assert sets == ["da_ddt", "de_pud", "sv_pud", "zh_pud", "ru_pud", "en_pud"]
    means = [words for words in found if words and words[0] == "mean"]
    assert len(means) == 3
    assert found.index(means[0]) > next(i for i, words in enumerate(found) if "en_pud" in words)


@pytest.mark.parametrize(
    ("task", "header"),
    [
        ("ner", "Sent. Ent. P R F1 95 % F1 raw text"),
        ("tagger", "Sent. Tokens Accuracy Seqeval F1 95 % Accuracy raw text"),
        ("textcat", "Sent. Docs Accuracy Macro F1 95 % Accuracy raw text"),
        ("pairs", "Sent. Pairs Accuracy Macro F1 95 % Accuracy raw text"),
    ],
)
def test_columns(task, header):
    text = format_table(make_run(task, GIVEN))
    assert " ".join(line_of(text, "Test set").split()).endswith(header)
    metrics = ["60.0"] * (3 if task == "ner" else 2)
    expected = ["1,000", "5", *metrics, "59.0–61.0", "52.0"]
    assert line_of(text, "de_pud").split()[3:] == expected
    assert line_of(text, "all foreign").split()[-1] == "50.0"


def test_a_genus_has_a_mean_if_it_has_two_test_sets():
    text = format_table(make_run("ner", {**GIVEN, "sk_snk": 20}))
    means = [line for line in text.splitlines() if line.startswith("mean")]
    assert [line.split()[1] for line in means] == ["all", "enf", "nenf", "Slavic"]
    assert means[-1].split()[2:] == ["2", "sets", "35.0", "35.0", "35.0", "35.0–35.0", "27.0"]


def test_groups_of_no_set_or_of_all_have_no_mean_of_their_own():
    text = format_table(make_run("ner", {"de_pud": 60, "en_pud": 90}))
    (mean,) = [line for line in text.splitlines() if line.startswith("mean")]
    assert mean.split()[1:5] == ["all", "foreign", "1", "set"]
    text = format_table(make_run("ner", {"de_pud": 60, "zh_pud": 30}))
    means = [line.split() for line in text.splitlines() if line.startswith("mean")]
    assert [words[1] for words in means] == ["all", "enf", "nenf"]


def test_table_says_na():
    text = format_table(make_run("ner", {**GIVEN, "qaf_arabizi": None}))
    assert line_of(text, "qaf_arabizi").split()[-5:] == ["n/a"] * 5


def test_table_without_raw_text():
    run = make_run("ner", {"en_pud": 90})
    del run["scores"]["en_pud"]["raw"]
    assert line_of(format_table(run), "en_pud").split()[-1] == "n/a"


def test_noise():
    run = make_run("tagger", GIVEN)
    worse = make_run("tagger", {name: score - 7.5 for name, score in GIVEN.items()})
    run["noise"] = {"typos": {"scores": worse["scores"], "averages": worse["averages"]}}
    text = format_table(run)
    assert text.startswith(format_table(make_run("tagger", GIVEN)))
    header = "Noise Mean Accuracy clean Damaged Diff. Raw text clean Damaged Diff."
    assert " ".join(line_of(text, "Noise").split()) == header
    expected = "typos all foreign 5 sets 58.0 50.5 -7.5 50.0 42.5 -7.5"
    assert " ".join(line_of(text, "typos").split()) == expected


def test_noise_without_foreign_test_sets():
    run = make_run("ner", {"en_pud": 90})
    run["noise"] = {"typos": {key: run[key] for key in ("scores", "averages")}}
    assert line_of(format_table(run), "typos").split()[-6:] == ["n/a"] * 6


def test_json_round_trip_and_no_rest(tmp_path):
    path = tmp_path / "new" / "ner.json"
    run = make_run("ner", GIVEN)
    write_json(path, run)
    write_json(path, run)
    assert srsly.read_json(path) == run
    assert [child.name for child in path.parent.iterdir()] == ["ner.json"]


def test_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "ner.json"
    write_json(path, {"old": 1})
    with pytest.raises(TypeError):
        write_json(path, {"new": object()})
    assert srsly.read_json(path) == {"old": 1}
    assert [child.name for child in tmp_path.iterdir()] == ["ner.json"]


def test_own_test_sets_stand_below_those_of_a_family():
    text = format_table(make_run("ner", {"mails": 1, "gv_idt": 2, "zh_pud": 3, "en_pud": 4}))
    places = [text.index(f"  {name}  ") for name in ("zh_pud", "gv_idt", "mails", "en_pud")]
    assert places == sorted(places)


def test_columns_of_long_names_stay_columns():
    long = "de_" + "mails" * 12
    lines = format_table(make_run("ner", {long: 1, "zh_pud": 2})).strip().splitlines()
    assert len({len(line) for line in lines}) == 1
