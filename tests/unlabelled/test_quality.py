"""`python -m spacy dlfa quality`: estimates without labels, beside scores."""

import json

import pytest
import spacy
import srsly

from spacy_dlfa.evaluation.tasks import TASKS
from spacy_dlfa.unlabelled.calibrate import by_variety, expect, match, spearman
from spacy_dlfa.unlabelled.estimate import ESTIMATES, Variety, estimate
from tests.evaluation.runs import make_run
from tests.pipelines import tagger_pipeline, two_classifiers
from tests.unlabelled.conftest import assert_one_sentence, run

GERMAN = ["Anna wohnt in Oslo.", "Wir sind in Berlin.", "Es regnet."]
FRENCH = ["Oslo est loin.", "On mange à Oslo."]


@pytest.fixture
def systems(make):
    return make("first", "Oslo", "Berlin"), make("second", "Oslo")


def estimates(result):
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)["estimates"]


def rows(**values):
    """Estimates of languages, which are the same but for one."""
    return {
        Variety(name, None): {**dict.fromkeys(ESTIMATES), "stability": value}
        for name, value in values.items()
    }


def test_entities(systems, texts):
    folder = texts(de=GERMAN, fra_Latn=FRENCH)
    found = estimates(run("quality", systems[0], folder, "--second", systems[1], "--json"))
    assert list(found) == ["German", "French, Latn"]
    # Of two and one entities one is the same
    assert found["German"]["agreement"] == pytest.approx(100 * 2 / 3)
    assert found["German"]["entities_per_sentence"] == pytest.approx(2 / 3)
    assert found["French, Latn"]["agreement"] == found["French, Latn"]["stability"] == 100
    assert found["German"]["confidence"] is found["German"]["expected"] is None
    alone = run("quality", systems[0], folder)
    assert alone.exit_code == 0, alone.output
    lines = [line.split() for line in alone.stdout.splitlines()]
    assert ["1", "German", "0.67", "100.00"] in lines
    assert "Expected" not in alone.stdout


def test_a_pipeline_that_finds_nothing_is_not_sure(make, texts):
    found = estimates(run("quality", make("first", "Oslo"), texts(de=["Es regnet."]), "--json"))
    assert found["German"]["stability"] == 0


def test_tags_have_probabilities_and_pieces(bert, texts, tmp_path):
    tagger_pipeline(bert).to_disk(tmp_path / "tags")
    folder = texts(de=["Anna lives in Oslo"], el=["Ωμέγα Ω"])
    found = estimates(run("quality", tmp_path / "tags", folder, "--json"))
    assert 0 < found["German"]["confidence"] <= 100
    assert found["German"]["stability"] is None
    for row in found.values():
        assert row["pieces_per_word"] >= 1
    assert found["Greek"]["unknown"] > found["German"]["unknown"] == 0


def test_a_second_text_classifier_has_no_say():
    nlp, other = spacy.blank("xx"), spacy.blank("xx")
    two_classifiers(nlp)
    other.add_pipe(
        "test_classifier_with_scores",
        name="textcat",
        config={"scores": {"long": 0.3, "short": 0.7}},
    )
    found = estimate(nlp, other, GERMAN, TASKS["textcat"])
    assert found["confidence"] == pytest.approx(60)
    assert found["agreement"] == 100
    assert estimate(other, nlp, GERMAN, TASKS["textcat"])["agreement"] == 100


@pytest.mark.parametrize("place", [0, 1])
def test_sentences_that_a_pipeline_lets_fall(fallible, place):
    whole = spacy.blank("xx")
    whole.add_pipe("test_names", name="ner")
    systems = [whole, whole]
    systems[place] = fallible
    with pytest.raises(ValueError, match=r"DL522.* 2 of 3 sentences came out of the pipeline"):
        estimate(*systems, GERMAN, TASKS["ner"])


def test_few_sentences_are_drawn(systems, texts):
    folder = texts(de=["Oslo", *["Es regnet."] * 9, "Berlin"])
    found = estimates(run("quality", systems[0], folder, "--json", "--sentences", 3))
    # Doubles count once
    assert found["German"]["entities_per_sentence"] == pytest.approx(2 / 3)


def scores_of_the_pipeline(task, scores):
    """Scores of one without an encoder, as those that find what they are told."""
    return {**make_run(task, scores), "backbone": None, "layer": None, "fusion": None}


def test_correlation_with_scores(systems, texts, tmp_path):
    mixed = ["Oslo", "Oslo Oslo Berlin"]
    folder = texts(
        de=["Oslo", "Berlin"], fr=["Oslo"], sv=mixed, da=["Oslo"], fi=mixed, en=["Berlin"]
    )
    scores = tmp_path / "ner.json"
    given = {"de_pud": 30.0, "de_x": 10.0, "fr_pud": 90.0, "sv_pud": 60.0, "en_pud": 99.0}
    given |= {"da_ddt": 90.0, "fi_pud": 60.0, "it_pud": 1.0}
    srsly.write_json(scores, scores_of_the_pipeline("ner", given))
    arguments = ("quality", systems[0], folder, "--second", systems[1], "--scores", scores)
    found = run(*arguments, "--json")
    result = json.loads(found.stdout)
    # English is no foreign language, and of Italian there is no text
    assert result["languages"] == 5
    assert result["spearman"]["agreement"] == pytest.approx(1)
    assert result["spearman"]["stability"] is None
    assert "over 5 languages" in run(*arguments).stdout
    # Of fewer a rank correlation says nothing
    srsly.write_json(scores, scores_of_the_pipeline("ner", {**given, "fi_pud": None}))
    result = json.loads(run(*arguments, "--json").stdout)
    assert result["languages"] == 4
    assert {*result["spearman"].values()} == {None}
    printed = run(*arguments).stdout
    assert "agreement n/a" in printed
    assert "fewer than 5 languages" in printed


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"task": "tagger"}, "found scores of the task tagger"),
        ({"backbone": "other"}, "another pipeline, with backbone = 'other'; expected those of"),
        ({"fusion": {"@layers": "spacy_dlfa.LastLayer.v1"}}, "with fusion = {'@layers': 'spacy"),
        ({"upper": 8}, "with upper = 8"),
    ],
)
def test_scores_of_another_pipeline_are_refused(systems, texts, tmp_path, change, found):
    scores = tmp_path / "scores.json"
    task = change.get("task", "ner")
    srsly.write_json(scores, {**scores_of_the_pipeline(task, {"de_pud": 1.0}), **change})
    result = run("quality", systems[0], texts(de=GERMAN), "--scores", scores)
    assert_one_sentence(result, scores, found)


def test_what_is_expected_comes_from_the_pipeline_itself(systems, make, texts, tmp_path):
    scores, printed, meta = (tmp_path / f"{name}.json" for name in ("ner", "quality", "meta"))
    given = {"de_pud": 40.0, "fr_pud": 80.0, "sv_pud": 60.0, "da_ddt": 50.0, "en_pud": 99.0}
    srsly.write_json(scores, scores_of_the_pipeline("ner", given))
    folder = texts(de=["Oslo", "Berlin"], fr=["Oslo"], sv=["Oslo", "Oslo Oslo Berlin"], da=["Oslo"])
    result = run("quality", systems[0], folder, "--second", systems[1], "--json")
    printed.write_text(result.stdout, encoding="utf8")
    arguments = [scores, "--output", meta, "--name", "x", "--quality", printed]
    assert run("describe", systems[0], *arguments).exit_code == 0
    (systems[0] / "meta.json").write_bytes(meta.read_bytes())
    # One who has but a text of his own
    mine = texts(it=["Oslo è lontana."]) / "it.txt"
    found = estimates(run("quality", systems[0], mine, "--second", systems[1], "--json"))
    assert 50 <= found["Italian"]["expected"] <= 80
    assert "Expected score" in run("quality", systems[0], mine, "-s", systems[1]).stdout
    assert spacy.load(systems[0]).meta["dlfa"]["quality"]["ner"]["German"]["script"] is None


@pytest.mark.parametrize("content", [None, "{", "[]", '{"task": "ner"}'])
def test_no_estimates_to_describe_by(systems, tmp_path, content):
    scores, path = tmp_path / "ner.json", tmp_path / "quality.json"
    srsly.write_json(scores, scores_of_the_pipeline("ner", {"de_pud": 40.0}))
    if content is not None:
        path.write_text(content)
    arguments = [scores, "--output", tmp_path / "meta.json", "--name", "x", "--quality", path]
    assert_one_sentence(run("describe", systems[0], *arguments), path, "spacy dlfa quality --json")


def test_what_is_expected_never_falls_and_knows_nothing_of_itself():
    known = rows(a=10, b=20, c=30, d=40)
    scores = {Variety(name, None): score for name, score in zip("abcd", (10, 30, 20, 50))}
    found = expect(rows(x=20, y=25, z=99, w=0, b=20), known, scores)
    values = {variety.language: value for variety, value in found.items()}
    assert values == {"x": 25, "y": 25, "z": 50, "w": 10, "b": 15}
    # Agreement, which none of the others has, is passed over
    more = {variety: {**row, "agreement": 50} for variety, row in rows(x=20).items()}
    assert expect(more, known, scores) == {Variety("x", None): 25}
    # Equal estimates stand for the mean of their scores
    same = {Variety(name, None): score for name, score in zip("abc", (2, 15, 40))}
    assert expect(rows(x=10), rows(a=10, b=10, c=10), same) == {Variety("x", None): 19}
    # And weigh as many as they are
    tied = {Variety(name, None): score for name, score in zip("abcde", (40, 50, 60, 20, 80))}
    assert expect(rows(x=0), rows(a=0, b=0, c=0, d=1, e=2), tied) == {Variety("x", None): 42.5}
    few = {Variety("a", None): 1.0, Variety("b", None): 2.0}
    assert expect(rows(x=20), known, few) == {}


def test_scores_and_estimates_by_script():
    scores = by_variety({"kas_Arab": 10, "kas_Deva": 20, "de_pud": 30, "de_x": 50, "en_pud": 99})
    found = {
        Variety("Kashmiri", "Arab"): {"stability": 1.0},
        Variety("Kashmiri", "Deva"): {"stability": 2.0},
        Variety("German", "Latn"): {"stability": 3.0},
        Variety("German", None): {"stability": 5.0},
    }
    assert match(found, scores, "stability") == {
        Variety("Kashmiri", "Arab"): (1, 10),
        Variety("Kashmiri", "Deva"): (2, 20),
        Variety("German", None): (4, 40),
    }


def test_scores_of_a_language_and_estimates_of_those_that_it_covers():
    bokmal, nynorsk = Variety("Norwegian Bokmål", "Latn"), Variety("Norwegian Nynorsk", "Latn")
    found = {bokmal: {"stability": 1.0}, nynorsk: {"stability": 3.0}}
    scores = by_variety({"no_bokmaal": 10, "nob_Latn": 20})
    whole = Variety("Norwegian", None)
    assert match(found, scores, "stability") == {whole: (2, 10), bokmal: (1, 20)}
    # Its own come first
    assert match({**found, whole: {"stability": 9.0}}, scores, "stability")[whole] == (9, 10)
    assert match({whole: {"stability": 9.0}}, scores, "stability")[bokmal] == (9, 20)


def test_a_language_that_is_covered_has_no_say_in_what_is_expected_of_it():
    known = rows(a=10, b=20, c=30, Norwegian=40)
    scores = {each: each_score for each, each_score in zip(known, (10, 20, 30, 99), strict=True)}
    found = expect(rows(**{"Norwegian Nynorsk": 40}), known, scores)
    assert found == {Variety("Norwegian Nynorsk", None): 30}


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ([1, 2, 3], [10, 200, 3000], 1),
        ([1, 2, 3], [3, 2, 1], -1),
        # As scipy.stats.spearmanr has it
        ([1, 2, 2, 4], [1, 3, 2, 5], 0.9486832980505138),
        ([1, 1, 1], [1, 2, 3], None),
    ],
)
def test_spearman(first, second, expected):
    assert spearman(first, second) == (None if expected is None else pytest.approx(expected))


def test_errors(systems, make, texts, tmp_path):
    folder = texts(de=GERMAN)
    assert_one_sentence(run("quality", tmp_path / "no", folder), "no: found no such pipeline")
    other = make("other", component="chunker")
    assert_one_sentence(
        run("quality", other, folder),
        other,
        "expected 'ner' or 'tagger'",
        "python -m spacy evaluate",
    )
    assert_one_sentence(run("quality", systems[0], folder, "-s", systems[0]), "the same pipeline")
    assert_one_sentence(run("quality", systems[0], tmp_path / "x.txt"), "x.txt: found no such file")
    missing = run("quality", systems[0], folder, "--scores", tmp_path / "no.json")
    assert_one_sentence(missing, "no.json: there is no such file")
    (folder / "fr.txt").write_bytes(b"Oslo\n\xff\n")
    assert_one_sentence(run("quality", systems[0], folder), "fr.txt, line 2: found byte 0xff")
    (folder / "fr.txt").write_text("Oslo\n" + "o" * 1_000_001)
    found = "fr.txt, line 2: found 1,000,001 characters"
    assert_one_sentence(run("quality", systems[0], folder), found)


def test_empty_files_are_left_out(systems, texts):
    result = run("quality", systems[0], texts(de=GERMAN, fr=[]))
    assert result.exit_code == 0
    assert "French: found no sentence" in result.stderr
    assert "German" in result.stdout
    result = run("quality", systems[0], texts(de=[], fr=[]))
    assert result.exit_code == 1
    assert "expected a text on each line" in result.stderr
