import pytest
import spacy
import srsly
from spacy.cli.package import package
from spacy.language import Language
from typer.testing import CliRunner

from spacy_dlfa.cli import app
from tests.configs import CONFIGS
from tests.evaluation.runs import make_row, make_run

PROJECT = srsly.read_yaml(CONFIGS.parent / "project.yml")


@Language.factory("test_described", default_config={"model": {}})
def create_described(nlp: Language, name: str, model: dict):
    """Stands in for a trained component."""
    return spacy.pipeline.EntityRuler(nlp, name)


@pytest.fixture
def metrics(tmp_path):
    given = {"de_pud": 60.0, "en_pud": 80.0, "ru_pud": 40.0, "qaf_arabizi": None}
    return save(tmp_path, "ner", given)


def save(folder, task, scores):
    srsly.write_json(folder / f"{task}.json", make_run(task, scores))
    return folder / f"{task}.json"


def say_how(pipeline, **changed):
    """Let a pipeline's config say of each component what `make_run` says."""
    config = spacy.util.load_config(pipeline / "config.cfg")
    tok2vec = {"name": "assets/mini-mbert", "layer": 5}
    tok2vec |= {"fusion": {"@layers": "spacy_dlfa.DLFA.v1"}, **changed}
    for name in ("ner", "tagger", "textcat"):
        config["components"][name] = {"factory": "test_described", "model": {"tok2vec": tok2vec}}
    config.to_disk(pipeline / "config.cfg")
    return pipeline


@pytest.fixture
def pipeline(tmp_path):
    nlp = spacy.blank("xx")
    nlp.add_pipe("entity_ruler", name="ner")
    nlp.meta["performance"] = {"ents_f": 0.8}
    nlp.to_disk(tmp_path / "pipeline")
    return say_how(tmp_path / "pipeline")


def describe(pipeline, *metrics, output, name="dlfa_ner", meta=None):
    args = [pipeline, *metrics, "--output", output, "--name", name]
    args += ["--meta", meta] if meta else []
    return CliRunner().invoke(app, ["describe", *map(str, args)])


@pytest.fixture
def meta(pipeline, metrics, tmp_path):
    own = CONFIGS / "meta" / "ner.json"
    result = describe(pipeline, metrics, output=tmp_path / "meta.json", meta=own)
    assert result.exit_code == 0, result.output
    return srsly.read_json(tmp_path / "meta.json")


def test_description_is_made_of_the_scores(meta):
    for part in ("mini-mbert", "layer 5", "spacy_dlfa.DLFA.v1", "50.0", "2 foreign"):
        assert part in meta["description"]


def test_meta_has_authors_licence_and_sources(meta):
    assert meta["name"] == "dlfa_ner"
    assert meta["author"] == "The spacy_dlfa developers"
    assert meta["license"] == "CC BY-SA 4.0"
    assert meta["notes"].startswith("Trained on English only")
    names = " ".join(source["name"] for source in meta["sources"])
    for part in ("Universal NER", "English-EWT", "mini-mbert"):
        assert part in names


SELF_TRAINING = {
    "pipeline": "first",
    "second": None,
    "keep": "all",
    "per_language": 9,
    "languages": {"German": 9},
}
OWN = {
    "license": "proprietary",
    "author": "Ada",
    "description": "Finds parts in manuals.",
    "sources": [{"name": "Manuals"}],
    "notes": "For internal use.",
}
OURS = (
    "spacy_dlfa developers",
    "CC BY-SA",
    "Universal NER",
    "EWT",
    "SIB-200",
    "PAWS",
    "English only",
)


@pytest.mark.parametrize("task", ["ner", "tagger", "textcat", "pairs"])
def test_meta_of_the_users_own(task, tmp_path):
    nlp = spacy.blank("de")
    ruler = nlp.add_pipe("entity_ruler", name="ner")
    ruler.add_patterns([{"label": "PART", "pattern": "x"}])
    nlp.meta.update(OWN)
    nlp.to_disk(tmp_path / "pipeline")
    say_how(tmp_path / "pipeline")
    scores = save(tmp_path, task, {"fr_x": 60.0, "gv_x": 20.0, "mails": 90.0})
    result = describe(tmp_path / "pipeline", scores, output=tmp_path / "meta.json", name="parts")
    assert result.exit_code == 0, result.output
    meta = srsly.read_json(tmp_path / "meta.json")
    assert {key: meta[key] for key in ("license", "author", "description")} == {
        key: OWN[key] for key in ("license", "author", "description")
    }
    assert [source["name"] for source in meta["sources"]] == ["Manuals", "Encoder: mini-mbert"]
    assert meta["notes"].startswith("For internal use.\n\n<!-- spacy dlfa describe -->\n\n### Use")
    assert 'spacy.load("de_parts")' in meta["notes"]
    assert "over 2 foreign test sets" in meta["notes"]
    assert not [part for part in OURS if part in srsly.json_dumps(meta)]


@pytest.mark.parametrize("own", [{}, OWN, {"sources": [{"name": "Encoder: mini-mbert"}]}])
def test_a_second_call_takes_the_place_of_the_first(own, pipeline, tmp_path):
    path = pipeline / "meta.json"
    srsly.write_json(path, {**srsly.read_json(path), **own})
    old = make_run("ner", {"de_x": 60.0, "fr_x": 20.0}) | {"backbone": "other", "layer": 3}
    srsly.write_json(tmp_path / "old.json", old | {"self_training": SELF_TRAINING})
    new = save(tmp_path, "ner", {"sv_x": 50.0})
    describe(pipeline, new, output=tmp_path / "once.json")
    for scores in (tmp_path / "old.json", new, new):
        # Trained anew after the first
        say_how(pipeline, **({} if scores == new else {"name": "other", "layer": 3}))
        result = describe(pipeline, scores, output=path)
        assert result.exit_code == 0, result.output
    assert srsly.read_json(path) == srsly.read_json(tmp_path / "once.json")


def test_what_was_written_around_the_notes_is_kept(pipeline, metrics, tmp_path):
    path = pipeline / "meta.json"
    describe(pipeline, metrics, output=path)
    meta = srsly.read_json(path)
    changed = {"notes": f"Before.\n\n{meta['notes']}\nBehind.", "description": "Mine."}
    srsly.write_json(path, {**meta, **changed})
    describe(pipeline, metrics, output=path)
    again = srsly.read_json(path)
    assert again["description"] == "Mine."
    assert again["notes"].startswith("Before.\n\nBehind.\n\n<!--")
    assert again["notes"].count("### Use") == 1


def test_nothing_is_claimed_for_a_pipeline_that_says_nothing(pipeline, metrics, tmp_path):
    describe(pipeline, metrics, output=tmp_path / "meta.json")
    meta = srsly.read_json(tmp_path / "meta.json")
    assert not [part for part in OURS if part in srsly.json_dumps(meta)]
    assert (meta["license"], meta["author"]) == ("", "")
    assert meta["description"].startswith("Named entities in many languages: mini-mbert")


def test_the_labels_are_the_pipelines(metrics, tmp_path):
    nlp = spacy.blank("xx")
    nlp.add_pipe("ner").add_label("PART")
    nlp.initialize()
    nlp.to_disk(tmp_path / "pipeline")
    say_how(tmp_path / "pipeline")
    describe(tmp_path / "pipeline", metrics, output=tmp_path / "meta.json")
    meta = srsly.read_json(tmp_path / "meta.json")
    assert meta["description"].startswith("Named entities (PART) in many languages")


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"layer": 3}, "scores of another pipeline, with layer = 5; expected those of"),
        ({"name": "other"}, "scores of another pipeline, with backbone = 'assets/mini-mbert'"),
    ],
)
def test_scores_of_another_pipeline(changed, found, pipeline, metrics, tmp_path):
    result = describe(say_how(pipeline, **changed), metrics, output=tmp_path / "meta.json")
    assert result.exit_code == 1
    (line,) = result.output.strip().splitlines()
    assert f"{metrics}: found {found}" in line
    assert not (tmp_path / "meta.json").exists()


def test_scores_of_a_pipeline_that_was_not_self_trained(pipeline, metrics, tmp_path):
    record = {"pipeline": "first", "second": None, "keep": "all", "per_language": None}
    record["languages"] = {"German": 7}
    meta = srsly.read_json(pipeline / "meta.json")
    srsly.write_json(pipeline / "meta.json", {**meta, "dlfa": {"self_training": record}})
    result = describe(pipeline, metrics, output=tmp_path / "meta.json")
    assert result.exit_code == 1
    assert "Self-trained on 7 unlabelled sentences of 1 language" in result.output
    assert not (tmp_path / "meta.json").exists()
    srsly.write_json(metrics, {**srsly.read_json(metrics), "self_training": record})
    assert describe(pipeline, metrics, output=tmp_path / "meta.json").exit_code == 0
    assert "self-trained F1" in srsly.read_json(tmp_path / "meta.json")["description"]


@pytest.mark.parametrize("name", ["my pipe", "my-pipe", ""])
def test_a_name_that_spacy_package_refuses(name, pipeline, metrics, tmp_path):
    result = describe(pipeline, metrics, output=tmp_path / "meta.json", name=name)
    assert result.exit_code == 1
    assert f"--name {name}: found no name of a package" in result.output
    assert not (tmp_path / "meta.json").exists()


def test_scores_of_a_component_that_the_pipeline_lacks(metrics, tmp_path):
    nlp = spacy.blank("xx")
    nlp.add_pipe("entity_ruler")
    nlp.to_disk(tmp_path / "pipeline")
    result = describe(tmp_path / "pipeline", metrics, output=tmp_path / "meta.json")
    assert result.exit_code == 1
    assert "found the components ['entity_ruler']; expected 'ner'" in result.output
    assert not (tmp_path / "meta.json").exists()


OTHER_KINDS = ['{"sources": "My corpus"}', '{"notes": ["a"]}', '{"performance": [1]}']


@pytest.mark.parametrize("content", [None, "{", "[1]", *OTHER_KINDS])
def test_bad_meta(content, pipeline, metrics, tmp_path):
    if content:
        (tmp_path / "own.json").write_text(content)
    own = tmp_path / "own.json"
    result = describe(pipeline, metrics, output=tmp_path / "meta.json", meta=own)
    assert result.exit_code == 1
    assert result.output.startswith(f"--meta {own}: ")
    assert len(result.output.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("content", "found"),
    [("{", "no JSON object"), ("[1]", "no JSON object"), ("{}", "no language, 'lang'")],
)
def test_a_damaged_meta_of_the_pipeline(content, found, pipeline, metrics, tmp_path):
    (pipeline / "meta.json").write_text(content)
    result = describe(pipeline, metrics, output=tmp_path / "meta.json")
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    assert result.output.startswith(f"{pipeline / 'meta.json'}: found {found}")
    assert len(result.output.strip().splitlines()) == 1
    assert not (tmp_path / "meta.json").exists()


@pytest.mark.parametrize("task", ["ner", "tagger", "textcat", "pairs", "joint"])
def test_the_project_names_its_data(task):
    meta = srsly.read_json(CONFIGS / "meta" / f"{task}.json")
    assert {*meta} == {"author", "license", "sources", "notes"}
    command = next(each for each in PROJECT["commands"] if each["name"] == f"{task}-package")
    assert f"--meta configs/meta/{task}.json" in command["script"][0]
    wanted = {"ner": "Universal NER", "tagger": "EWT", "textcat": "SIB-200", "pairs": "PAWS"}
    names = " ".join(source["name"] for source in meta["sources"])
    for part in [wanted[each] for each in (list(wanted)[:3] if task == "joint" else [task])]:
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
    describe(pipeline, metrics, output=tmp_path / "meta.json")
    assert (pipeline / "meta.json").read_bytes() == before


def test_spacy_package_makes_the_readme(meta, pipeline, tmp_path):
    (tmp_path / "packages").mkdir()
    package(pipeline, tmp_path / "packages", meta_path=tmp_path / "meta.json", create_sdist=False)
    folder = next((tmp_path / "packages").iterdir())
    assert folder.name.startswith("xx_dlfa_ner-")
    readme = (folder / "README.md").read_text(encoding="utf8")
    for part in (
        'spacy.load("xx_dlfa_ner")',
        "| German | de_pud | Germanic | 60.0 | 60.0 | 60.0 | 52.0 |",
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
    result = describe(given["pipeline"], given["metrics"], output=tmp_path / "meta.json")
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    assert len(result.output.strip().splitlines()) == 1
    assert "nowhere" in result.output
    assert not (tmp_path / "meta.json").exists()


def test_scores_without_a_foreign_test_set(pipeline, tmp_path):
    english = save(tmp_path, "ner", {"en_pud": 80.0})
    result = describe(pipeline, english, output=tmp_path / "meta.json")
    assert result.exit_code == 1
    assert "no foreign test set" in result.output


def test_no_scores(pipeline, tmp_path):
    srsly.write_json(tmp_path / "other.json", {"task": "ner"})
    result = describe(pipeline, tmp_path / "other.json", output=tmp_path / "meta.json")
    assert result.exit_code == 1
    assert "found no backbone, layer, fusion, seed, scores" in result.output


def test_scores_of_languages_whose_labels_were_seen_alone(pipeline, tmp_path):
    run = make_run("ner", {"en_pud": 80.0, "qaf_arabizi": None})
    run["scores"]["de_pud"] = {**make_row("de_pud", "ner", 60.0), "zero_shot": False}
    srsly.write_json(tmp_path / "ner.json", run)
    result = describe(pipeline, tmp_path / "ner.json", output=tmp_path / "meta.json")
    assert result.exit_code == 1
    assert "no test set that is zero-shot" in result.output
    assert "de_pud; expected" in result.output
    assert not (tmp_path / "meta.json").exists()


@pytest.mark.parametrize(
    ("task", "score", "mean", "use"),
    [
        ("ner", "ents_f", "F1 50.0", "ent.label_"),
        ("tagger", "tag_acc", "accuracy 50.0", "token.tag_"),
        ("textcat", "cats_acc", "accuracy 50.0", "doc.cats"),
        ("pairs", "cats_acc", "accuracy 50.0", "make_pair"),
    ],
)
def test_every_task(task, score, mean, use, pipeline, tmp_path):
    metrics = save(tmp_path, task, {"de_test": 60.0, "zh_test": 40.0, "en_test": 90.0})
    result = describe(pipeline, metrics, output=tmp_path / "meta.json")
    assert result.exit_code == 0, result.output
    meta = srsly.read_json(tmp_path / "meta.json")
    assert mean in meta["description"]
    assert meta["performance"][f"zero_shot_{score}"] == pytest.approx(0.5)
    assert meta["performance"][f"zero_shot_{score}_de_test"] == pytest.approx(0.6)
    assert f"zero_shot_{score}_en_test" not in meta["performance"]
    assert use in meta["notes"]
    assert "| English | en_test |" in meta["notes"]


def test_the_examples_are_python(pipeline, tmp_path):
    runs = [save(tmp_path, task, {"de_test": 60.0}) for task in ("ner", "tagger", "pairs")]
    describe(pipeline, *runs, output=tmp_path / "meta.json")
    notes = srsly.read_json(tmp_path / "meta.json")["notes"]
    compile(notes.split("```python")[1].split("```")[0], "notes", "exec")


def test_several_tasks(pipeline, tmp_path):
    given = {"ner": "de_pud", "tagger": "fr_pud", "textcat": "deu_Latn"}
    runs = [save(tmp_path, task, {corpus: 40.0}) for task, corpus in given.items()]
    result = describe(pipeline, *runs, output=tmp_path / "meta.json", name="dlfa_joint")
    assert result.exit_code == 0, result.output
    meta = srsly.read_json(tmp_path / "meta.json")
    for part in ("Named entities", "part-of-speech tags and categories", "tagger: last layer and"):
        assert part in meta["description"]
    keys = ("ents_f_de_pud", "tag_acc_fr_pud", "cats_acc_deu_Latn")
    assert [meta["performance"][f"zero_shot_{key}"] for key in keys] == [0.4] * 3
    assert meta["notes"].count("spacy.load") == 1
    for part in ("xx_dlfa_joint", "ent.label_", "token.tag_", "| fr_pud |", "| deu_Latn |"):
        assert part in meta["notes"]


def test_a_task_that_is_given_twice(pipeline, metrics, tmp_path):
    result = describe(pipeline, metrics, metrics, output=tmp_path / "meta.json")
    assert result.exit_code == 1
    assert "the task ner again" in result.output
