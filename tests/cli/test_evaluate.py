import sys
from types import ModuleType

import pytest
import spacy
import srsly
from spacy import registry
from spacy.language import Language
from spacy.tokens import Doc, DocBin, Span
from spacy.training import Example
from typer.testing import CliRunner

from spacy_dlfa.cli import app
from spacy_dlfa.docbin import read_docs
from spacy_dlfa.evaluation.checksum import checksum_of
from spacy_dlfa.evaluation.counts import unpack
from spacy_dlfa.evaluation.record import read_run


@Language.factory("test_gazetteer", default_config={"model": {}})
def create_gazetteer(nlp: Language, name: str, model: dict):
    """Stands in for a trained `ner`, which is too slow to train here."""
    ruler = spacy.pipeline.EntityRuler(nlp, name)
    ruler.add_patterns([{"label": "LOC", "pattern": "Berlin"}])
    return ruler


@pytest.fixture
def pipeline(tmp_path):
    nlp = spacy.blank("xx")
    tok2vec = {"layer": 5, "fusion": {"@layers": "spacy_dlfa.DLFA.v1"}}
    nlp.add_pipe("test_gazetteer", name="ner", config={"model": {"tok2vec": tok2vec}})
    nlp.to_disk(tmp_path / "pipeline")
    return tmp_path / "pipeline"


@pytest.fixture
def corpora(tmp_path):
    nlp = spacy.blank("xx")
    folder = tmp_path / "corpora"
    folder.mkdir()
    for name in ("sv_pud", "de_pud", "en_pud", "ru_pud"):
        doc = Doc(nlp.vocab, words=["Berlin", "calling"], tags=["PROPN", "VERB"])
        doc.ents = [] if name == "ru_pud" else [Span(doc, 0, 1, label="LOC")]
        DocBin(docs=[doc]).to_disk(folder / f"{name}.spacy")
    return folder


def invoke(*args):
    return CliRunner().invoke(app, ["evaluate", *map(str, args)])


def assert_one_sentence(result, *parts):
    assert result.exit_code == 1, result.output
    assert isinstance(result.exception, SystemExit)
    assert len(result.output.strip().splitlines()) == 1
    for part in parts:
        assert str(part) in result.output


def test_code_of_a_project(pipeline, corpora, tmp_path):
    code = tmp_path / "functions.py"
    code.write_text("from spacy import registry\nregistry.misc('of_a_project')(lambda: 1)\n")
    result = invoke(pipeline, corpora, "--output", tmp_path / "ner.json", "--code", code)
    assert result.exit_code == 0, result.output
    assert registry.has("misc", "of_a_project")


def test_scores_and_table(pipeline, corpora, tmp_path):
    output = tmp_path / "metrics" / "ner.json"
    result = invoke(pipeline, corpora, "--output", output)
    assert result.exit_code == 0, result.output
    metrics = srsly.read_json(output)
    settings = ["task", "backbone", "layer", "upper", "fusion", "seed", "training"]
    parts = ["scores", "averages", "counts", "ids", "examples", "mistakes"]
    assert list(metrics) == [*settings, "metric", *parts]
    assert (metrics["task"], metrics["metric"]) == ("ner", "f")
    assert (metrics["backbone"], metrics["layer"], metrics["seed"]) == (None, 5, 0)
    assert list(metrics["scores"]) == ["de_pud", "en_pud", "ru_pud", "sv_pud"]
    assert metrics["scores"]["de_pud"] == {
        "language": "German",
        "family": "Germanic",
        "sentences": 1,
        "support": 1,
        "checksum": checksum_of(
            read_docs(corpora / "de_pud.spacy", spacy.blank("xx").vocab), "ner"
        ),
        **dict.fromkeys("prf", 100),
        "interval": [100, 100],
        "raw": dict.fromkeys("prf", 100),
    }
    assert metrics["scores"]["ru_pud"]["f"] is None
    assert metrics["averages"]["all"]["corpora"] == 2
    assert metrics["counts"]["de_pud"] == {"tp": "1", "fp": "0", "fn": "0"}
    example = {"text": "Berlin calling ", "gold": ["0 6 LOC"], "found": ["0 6 LOC"]}
    assert metrics["examples"]["de_pud"] == [{"kind": "right", **example}]
    assert metrics["mistakes"]["de_pud"]["confusion"] == {"LOC": {"LOC": 1}}
    for part in ("de_pud", "n/a", output):
        assert str(part) in result.output


def test_raw_text_is_tokenised_by_the_pipeline(pipeline, tmp_path):
    # The pipeline finds "Berlin" in the text, but not in gold's two tokens.
    nlp = spacy.blank("xx")
    doc = Doc(nlp.vocab, words=["Ber", "lin"], spaces=[False, False])
    doc.ents = [Span(doc, 0, 2, label="LOC")]
    DocBin(docs=[doc]).to_disk(tmp_path / "de_pud.spacy")
    result = invoke(pipeline, tmp_path / "de_pud.spacy", "--output", tmp_path / "ner.json")
    assert result.exit_code == 0, result.output
    row = srsly.read_json(tmp_path / "ner.json")["scores"]["de_pud"]
    assert (row["f"], row["raw"]["f"]) == (0, 100)


def test_one_file(pipeline, corpora, tmp_path):
    output = tmp_path / "ner.json"
    assert invoke(pipeline, corpora / "sv_pud.spacy", "--output", output).exit_code == 0
    assert list(srsly.read_json(output)["scores"]) == ["sv_pud"]


def test_a_pattern(pipeline, corpora, tmp_path):
    output = tmp_path / "ner.json"
    assert invoke(pipeline, corpora / "s*_pud.spacy", "--output", output).exit_code == 0
    assert list(srsly.read_json(output)["scores"]) == ["sv_pud"]
    result = invoke(pipeline, corpora / "*_gsd.spacy", "--output", output)
    assert_one_sentence(result, "*_gsd.spacy", "found no such file")


def test_json_and_page(pipeline, corpora, tmp_path, monkeypatch):
    # The page has its own tests.
    pages = ModuleType("spacy_dlfa.study.pages.evaluation")
    pages.evaluation_page = lambda metrics: f"<p>{metrics['averages']['all']['f']} é</p>"
    monkeypatch.setitem(sys.modules, "spacy_dlfa.study.pages.evaluation", pages)
    outputs = [tmp_path / "out" / "ner.json", tmp_path / "out" / "ner.html"]
    result = invoke(pipeline, corpora, "-o", outputs[0], "-o", outputs[1])
    assert result.exit_code == 0, result.output
    assert srsly.read_json(outputs[0])["averages"]["all"]["f"] == 100
    assert outputs[1].read_text(encoding="utf8") == "<p>100.0 é</p>"
    for output in outputs:
        assert str(output) in result.output


def test_output_of_another_kind(pipeline, corpora, tmp_path):
    result = invoke(pipeline, corpora, "--output", tmp_path / "ner.csv")
    assert_one_sentence(result, "ner.csv", "expected .json or .html")


def test_the_task_can_be_named(pipeline, corpora, tmp_path):
    nlp = spacy.load(pipeline)
    nlp.add_pipe("test_gazetteer", name="tagger", config={"model": {}})
    nlp.to_disk(pipeline)
    output = tmp_path / "ner.json"
    assert_one_sentence(invoke(pipeline, corpora, "-o", output), "ner and tagger", "--task")
    result = invoke(pipeline, corpora, "-o", output, "--task", "tagger")
    # The gazetteer's label is no tag.
    assert_one_sentence(result, "PROPN, VERB", "LOC")
    assert invoke(pipeline, corpora, "-o", output, "--task", "ner").exit_code == 0
    assert_one_sentence(invoke(pipeline, corpora, "-o", output, "--task", "NER"), "NER", "tagger")


def test_missing_file(pipeline, tmp_path):
    missing = tmp_path / "de_gsd.spacy"
    result = invoke(pipeline, missing, "--output", tmp_path / "ner.json")
    assert_one_sentence(result, missing, "expected")
    assert not (tmp_path / "ner.json").exists()


def test_empty_folder(pipeline, tmp_path):
    (tmp_path / "empty").mkdir()
    result = invoke(pipeline, tmp_path / "empty", "--output", tmp_path / "ner.json")
    assert_one_sentence(result, tmp_path / "empty", "*.spacy")


def test_test_sets_of_any_name(pipeline, corpora, tmp_path):
    (corpora / "de_pud.spacy").rename(corpora / "customer-mails.spacy")
    (corpora / "sv_pud.spacy").rename(corpora / "gv_idt.spacy")
    result = invoke(pipeline, corpora, "--output", tmp_path / "ner.json")
    assert result.exit_code == 0, result.output
    metrics = srsly.read_json(tmp_path / "ner.json")
    rows = {name: (row["language"], row["family"]) for name, row in metrics["scores"].items()}
    assert rows["customer-mails"] == ("customer-mails", "")
    assert rows["gv_idt"] == ("gv", "")
    assert metrics["averages"]["all"]["corpora"] == 1
    assert "customer-mails: found no language in the name" in result.stderr
    assert "gv_idt: found a language that is not known here" in result.stderr


@pytest.mark.parametrize("name", ["mails", "en_pud", "de_pud"])
def test_show_prints_the_table_again(pipeline, corpora, tmp_path, name):
    (corpora / "en_pud.spacy").rename(corpora / f"{name}.spacy")
    output = tmp_path / "ner.json"
    result = invoke(pipeline, corpora / f"{name}.spacy", "-o", output)
    assert result.exit_code == 0, result.output
    shown = CliRunner().invoke(app, ["show", str(output)])
    assert shown.exit_code == 0, shown.output
    assert name in shown.output
    assert result.stdout.startswith(shown.stdout)


def test_show_of_a_record_without_some_means(pipeline, corpora, tmp_path):
    output = tmp_path / "ner.json"
    invoke(pipeline, corpora, "-o", output)
    run = srsly.read_json(output)
    for key in ("nenf", "enf", "genera"):
        del run["averages"][key]
    del run["averages"]["all"]["interval"]
    srsly.write_json(output, run)
    shown = CliRunner().invoke(app, ["show", str(output)])
    assert shown.exit_code == 0, shown.output
    assert "all foreign" in shown.output


def test_show_of_no_scores(tmp_path):
    (tmp_path / "ner.json").write_text("{")
    result = CliRunner().invoke(app, ["show", str(tmp_path / "ner.json")])
    assert_one_sentence(result, f"[DL321] {tmp_path / 'ner.json'}: found no JSON")


def test_language(pipeline, corpora, tmp_path):
    (corpora / "ru_pud.spacy").unlink()
    (corpora / "de_pud.spacy").rename(corpora / "my.spacy")
    output = tmp_path / "ner.json"
    result = invoke(pipeline, corpora / "my.spacy", "-o", output, "--language", "de")
    assert result.exit_code == 0, result.output
    metrics = srsly.read_json(output)
    assert metrics["scores"]["de_my"]["language"] == "German"
    assert metrics["averages"]["enf"]["f"] == 100
    result = invoke(pipeline, corpora / "my.spacy", "-o", output, "--language", "German")
    assert result.exit_code == 2
    output.unlink()
    result = invoke(pipeline, corpora, "-o", output, "--language", "sv")
    assert_one_sentence(result, "en_pud: found the language English in the name", "--language sv")
    assert not output.exists()


def test_ids_that_begin_anew(pipeline, corpora, tmp_path):
    nlp = spacy.blank("xx")
    docs = [
        Doc(nlp.vocab, words=["Berlin", str(i)], ents=["B-LOC", "O"], user_data={"id": i % 5})
        for i in range(100)
    ]
    DocBin(docs=docs, store_user_data=True).to_disk(corpora / "de_pud.spacy")
    output = tmp_path / "ner.json"
    result = invoke(pipeline, corpora, "--output", output)
    assert result.exit_code == 0, result.output
    assert "de_pud: found the id 0 of 20 different sentences" in result.stderr
    assert len(set(unpack(srsly.read_json(output)["ids"]["de_pud"]))) == 100


def test_a_damaged_file_costs_itself(pipeline, corpora, tmp_path):
    (corpora / "sv_pud.spacy").write_bytes(b"not a DocBin")
    result = invoke(pipeline, corpora, "--output", tmp_path / "ner.json")
    assert result.exit_code == 1
    last = result.stderr.splitlines()[-1]
    assert last.startswith(f"[DL304] {corpora / 'sv_pud.spacy'}: found no documents")
    assert set(srsly.read_json(tmp_path / "ner.json")["scores"]) == {"de_pud", "en_pud", "ru_pud"}


@Language.component("test_small_memory")
def small_memory(doc):
    """Stands in for an encoder that a long text is too much for."""
    if doc[0].text == "Paris" or doc.text.isupper():
        raise RuntimeError("CUDA out of memory")
    return doc


def test_whatever_a_test_set_raises_costs_itself(pipeline, corpora, tmp_path):
    nlp = spacy.load(pipeline)
    nlp.add_pipe("test_small_memory")
    nlp.to_disk(pipeline)
    doc = Doc(nlp.vocab, words=["Paris", "calling"])
    doc.set_ents([Span(doc, 0, 1, label="LOC")])
    DocBin(docs=[doc]).to_disk(corpora / "fr_long.spacy")
    kinds = ("--noise", "diacritics,casing")
    result = invoke(pipeline, corpora, "-o", tmp_path / "ner.json", *kinds)
    assert result.exit_code == 1
    # One kind costs itself, too
    assert list(srsly.read_json(tmp_path / "ner.json")["noise"]) == ["diacritics"]
    long, noise = result.stderr.splitlines()[-2:]
    assert long == f"{corpora / 'fr_long.spacy'}: RuntimeError: CUDA out of memory"
    assert noise == "--noise casing: RuntimeError: CUDA out of memory"
    assert {*srsly.read_json(tmp_path / "ner.json")["scores"]} == {
        "de_pud",
        "en_pud",
        "ru_pud",
        "sv_pud",
    }


def test_nothing_but_damaged_files(pipeline, corpora, tmp_path):
    (corpora / "sv_pud.spacy").write_bytes(b"not a DocBin")
    result = invoke(pipeline, corpora / "sv_pud.spacy", "--output", tmp_path / "ner.json")
    assert_one_sentence(result, corpora / "sv_pud.spacy")
    assert not (tmp_path / "ner.json").exists()


def test_gold_that_can_not_be_scored_costs_its_file(tmp_path):
    nlp = spacy.blank("xx")
    nlp.add_pipe("textcat").add_label("a")
    nlp.get_pipe("textcat").add_label("b")
    nlp.initialize()
    nlp.to_disk(tmp_path / "topics")
    for name, cats in {"de_x": {"a": 1.0, "b": 0.0}, "fr_x": {"a": 1.0, "b": 1.0}}.items():
        doc = nlp.make_doc("Berlin calling")
        doc.cats = cats
        DocBin(docs=[doc]).to_disk(tmp_path / f"{name}.spacy")
    files = [tmp_path / "fr_x.spacy", tmp_path / "de_x.spacy"]
    result = invoke(tmp_path / "topics", *files, "--output", tmp_path / "cats.json")
    assert result.exit_code == 1
    assert f"{files[0]}: The text 'Berlin calling': found 2 labels" in result.stderr
    assert list(srsly.read_json(tmp_path / "cats.json")["scores"]) == ["de_x"]


def test_no_gold_entity_in_any_test_set(pipeline, corpora, tmp_path):
    result = invoke(pipeline, corpora / "ru_pud.spacy", "--output", tmp_path / "ner.json")
    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1].startswith("ru_pud: found no entities in gold")
    assert not (tmp_path / "ner.json").exists()


def test_a_label_that_the_pipeline_does_not_know(pipeline, corpora, tmp_path):
    nlp = spacy.blank("xx")
    doc = Doc(nlp.vocab, words=["Berlin", "Ada"])
    doc.ents = [Span(doc, 0, 1, label="LOC"), Span(doc, 1, 2, label="PERSON")]
    DocBin(docs=[doc]).to_disk(corpora / "de_pud.spacy")
    result = invoke(pipeline, corpora, "--output", tmp_path / "ner.json")
    assert result.exit_code == 0, result.output
    assert "de_pud: found gold labels that 'ner' does not know" in result.stderr
    assert "PERSON; it knows LOC" in result.stderr


def test_components_that_are_not_scored_here(pipeline, corpora, tmp_path):
    assert "Not scored here" not in invoke(pipeline, corpora, "-o", tmp_path / "ner.json").stderr
    nlp = spacy.load(pipeline)
    nlp.add_pipe("sentencizer")
    morphologizer = nlp.add_pipe("morphologizer")
    doc = Doc(nlp.vocab, words=["Berlin"], pos=["PROPN"], morphs=["Number=Sing"])
    morphologizer.initialize(lambda: [Example(nlp.make_doc("Berlin"), doc)], nlp=nlp)
    nlp.to_disk(tmp_path / "more")
    result = invoke(tmp_path / "more", corpora, "--output", tmp_path / "more.json")
    assert result.exit_code == 0, result.output
    assert "Not scored here: morphologizer; python -m spacy evaluate scores them" in result.stderr


def test_pipeline_without_a_task(corpora, tmp_path):
    spacy.blank("xx").to_disk(tmp_path / "blank")
    result = invoke(tmp_path / "blank", corpora, "--output", tmp_path / "ner.json")
    assert_one_sentence(result, "'ner'")


def test_missing_pipeline(corpora, tmp_path):
    result = invoke(tmp_path / "nowhere", corpora, "--output", tmp_path / "ner.json")
    assert_one_sentence(result, tmp_path / "nowhere")


def test_what_is_no_pipeline(pipeline, corpora, tmp_path):
    (pipeline / "vocab" / "vectors").write_bytes(b"")
    # An installed package with another name than its module has
    for name in (pipeline, "typing-extensions"):
        result = invoke(name, corpora, "-o", tmp_path / "ner.json")
        assert_one_sentence(result, f"{name}: can't load the pipeline: ")


def test_an_encoder_whose_card_is_elsewhere(corpora, tmp_path, monkeypatch):
    (tmp_path / "encoders" / "mini").mkdir(parents=True)
    (tmp_path / "encoders" / "mini" / "README.md").write_text("---\nlanguage: sv\n---\n")
    nlp = spacy.blank("xx")
    nlp.add_pipe("test_gazetteer", name="ner", config={"model": {"tok2vec": {"name": "mini"}}})
    nlp.to_disk(tmp_path / "pipeline")
    output = tmp_path / "ner.json"
    means = {}
    for place in (tmp_path, tmp_path / "encoders"):
        monkeypatch.chdir(place)
        result = invoke(tmp_path / "pipeline", corpora, "-o", output)
        assert result.exit_code == 0, result.output
        assert ("mini: found no such folder" in result.stderr) == (place == tmp_path)
        means[place.name] = srsly.read_json(output)["averages"]["encoder"].keys()
    assert means == {tmp_path.name: set(), "encoders": {"seen", "unseen"}}


def test_a_test_set_that_is_given_twice(pipeline, corpora, tmp_path):
    (tmp_path / "again").mkdir()
    (tmp_path / "again" / "de_pud.spacy").write_bytes((corpora / "de_pud.spacy").read_bytes())
    result = invoke(pipeline, corpora, tmp_path / "again", "--output", tmp_path / "ner.json")
    assert_one_sentence(result, "de_pud in", corpora)


def test_noise(pipeline, corpora, tmp_path):
    output = tmp_path / "ner.json"
    result = invoke(pipeline, corpora, "-o", output, "--noise", "casing, diacritics,casing")
    assert result.exit_code == 0, result.output
    run = read_run(output)
    assert list(run["noise"]) == ["casing", "diacritics"]
    # The gazetteer knows one way of writing
    assert run["noise"]["casing"]["averages"]["all"]["f"] == 0
    assert run["noise"]["diacritics"]["averages"]["all"]["f"] == 100
    assert run["averages"]["all"]["f"] == 100
    lines = [" ".join(line.split()) for line in result.output.splitlines()]
    assert "casing all foreign 2 sets 100.0 0.0 -100.0 100.0 0.0 -100.0" in lines
    assert "diacritics all foreign 2 sets 100.0 100.0 +0.0 100.0 100.0 +0.0" in lines
    assert invoke(pipeline, corpora, "-o", output).exit_code == 0
    assert "noise" not in read_run(output)


def test_noise_that_can_not_be_scored(pipeline, corpora, tmp_path):
    nlp = spacy.load(pipeline)
    nlp.add_pipe("test_small_memory")
    nlp.to_disk(pipeline)
    output = tmp_path / "ner.json"
    result = invoke(pipeline, corpora, "-o", output, "--noise", "casing")
    assert result.exit_code == 1
    assert read_run(output)["averages"]["all"]["f"] == 100
    assert "noise" not in read_run(output)
    assert "all foreign" in result.stdout


@pytest.mark.parametrize("kinds", ["typo", "casing,typo", "", ","])
def test_unknown_noise(corpora, tmp_path, kinds):
    # Before a pipeline is loaded: there is none
    result = invoke("nowhere", corpora, "-o", tmp_path / "ner.json", "--noise", kinds)
    assert_one_sentence(result, "'typo'" if "typo" in kinds else "''")
    assert "choose from typos, casing, diacritics, punctuation, spaces" in result.output
