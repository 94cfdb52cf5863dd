import pytest
import spacy
import srsly
from spacy.cli.package import package
from typer.testing import CliRunner

from spacy_dlfa.cli import app
from spacy_dlfa.evaluation.ner import EntityScore
from spacy_dlfa.evaluation.report import averages, corpus_row


@pytest.fixture
def metrics(tmp_path):
    given = {"de_pud": 60.0, "en_pud": 80.0, "ru_pud": 40.0, "qaf_arabizi": None}
    scores = {
        name: corpus_row(name, 10, 5, EntityScore(f, f, f), EntityScore(f, f, f))
        for name, f in given.items()
    }
    metrics = {
        "task": "ner",
        "backbone": "assets/mini-mbert",
        "layer": 5,
        "fusion": {"@layers": "spacy_dlfa.DLFA.v1"},
        "seed": 0,
        "scores": scores,
        "averages": averages(scores),
    }
    srsly.write_json(tmp_path / "ner.json", metrics)
    return tmp_path / "ner.json"


@pytest.fixture
def pipeline(tmp_path):
    nlp = spacy.blank("xx")
    nlp.add_pipe("entity_ruler", name="ner")
    nlp.meta["performance"] = {"ents_f": 0.8}
    nlp.to_disk(tmp_path / "pipeline")
    return tmp_path / "pipeline"


def describe(pipeline, metrics, output):
    args = [str(pipeline), str(metrics), "--output", str(output), "--name", "dlfa_ner"]
    return CliRunner().invoke(app, ["describe", *args])


@pytest.fixture
def meta(pipeline, metrics, tmp_path):
    result = describe(pipeline, metrics, tmp_path / "meta.json")
    assert result.exit_code == 0, result.output
    return srsly.read_json(tmp_path / "meta.json")


def test_description_is_made_of_the_scores(meta):
    for part in ("mini-mbert", "layer 5", "spacy_dlfa.DLFA.v1", "50.0", "2 foreign", "English"):
        assert part in meta["description"]


def test_meta_has_authors_licence_and_sources(meta):
    assert meta["name"] == "dlfa_ner"
    assert meta["author"] == "The spacy_dlfa developers"
    assert meta["license"]
    names = " ".join(source["name"] for source in meta["sources"])
    for part in ("Universal NER", "English-EWT", "mini-mbert"):
        assert part in names


def test_performance_keeps_what_spacy_stored(meta):
    performance = meta["performance"]
    assert performance["ents_f"] == 0.8
    assert performance["zero_shot_ents_f"] == pytest.approx(0.5)
    assert performance["zero_shot_ents_f_de_pud"] == pytest.approx(0.6)
    # A test set without entities has no score to report.
    assert "zero_shot_ents_f_qaf_arabizi" not in performance


def test_pipeline_stays_as_it_was(pipeline, metrics, tmp_path):
    before = (pipeline / "meta.json").read_bytes()
    describe(pipeline, metrics, tmp_path / "meta.json")
    assert (pipeline / "meta.json").read_bytes() == before


def test_spacy_package_makes_the_readme(meta, pipeline, tmp_path):
    (tmp_path / "packages").mkdir()
    package(pipeline, tmp_path / "packages", meta_path=tmp_path / "meta.json", create_sdist=False)
    folder = next((tmp_path / "packages").iterdir())
    assert folder.name.startswith("xx_dlfa_ner-")
    readme = (folder / "README.md").read_text(encoding="utf8")
    for part in (
        'spacy.load("xx_dlfa_ner")',
        "| German | de_pud | Germanic | 60.0 | 60.0 | 60.0 | 60.0 |",
        "| Maghrebi Arabizi | qaf_arabizi | Semitic | n/a | n/a | n/a | n/a |",
        "2 foreign test sets",
        "### Limits",
        "https://www.universalner.org",
        meta["license"],
    ):
        assert part in readme, part
    assert srsly.read_json(folder / "meta.json")["description"] == meta["description"]


@pytest.mark.parametrize("missing", ["pipeline", "metrics"])
def test_missing_input(missing, pipeline, metrics, tmp_path):
    given = {"pipeline": pipeline, "metrics": metrics, missing: tmp_path / "nowhere"}
    result = describe(given["pipeline"], given["metrics"], tmp_path / "meta.json")
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    assert len(result.output.strip().splitlines()) == 1
    assert "nowhere" in result.output
    assert not (tmp_path / "meta.json").exists()


def test_scores_without_a_foreign_test_set(pipeline, tmp_path):
    settings = {"fusion": None, "backbone": None, "layer": None}
    empty = {**settings, "scores": {}, "averages": averages({})}
    srsly.write_json(tmp_path / "english.json", empty)
    result = describe(pipeline, tmp_path / "english.json", tmp_path / "meta.json")
    assert result.exit_code == 1
    assert "no foreign test set" in result.output
