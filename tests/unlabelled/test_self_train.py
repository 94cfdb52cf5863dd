"""`python -m spacy dlfa self-train`: what is labelled, kept and trained on."""

import errno
import lzma
import os
import shutil
import time
from pathlib import Path

import pytest
import spacy
import srsly
from filelock import FileLock
from spacy.tokens import DocBin
from spacy.training.initialize import init_nlp
from spacy.util import load_config

from spacy_dlfa.apply import worker
from spacy_dlfa.evaluation.encoder_notes import encoder_configs
from spacy_dlfa.evaluation.labels_seen import SEEN
from spacy_dlfa.unlabelled import label as labelling
from tests.configs import CONFIGS, pipeline
from tests.disks import full_disk
from tests.pipelines import tagger_pipeline, two_classifiers
from tests.unlabelled.conftest import assert_one_sentence, read, run

pytestmark = pytest.mark.usefixtures("here")
GERMAN = ["Anna wohnt in Oslo.", "Sie schläft.", "Wir fahren nach Berlin.", "Es regnet."]
FRENCH = ["Il pleut à Oslo.", "Elle dort.", "Oslo est loin.", "On mange à Oslo."]
COUNTS = ("read", "held out", "double", "disagreed", "without entities", "beyond --per-language")


@pytest.fixture
def systems(make):
    """Two pipelines that agree on Oslo alone."""
    return make("first", "Oslo", "Berlin"), make("second", "Oslo", "Paris")


@pytest.fixture
def trained(monkeypatch):
    """Let nothing be trained; the list of what would have been."""
    calls = []

    def train(recipe, folder, output, record, *, gpu_id):
        (output / "model-best").mkdir(parents=True, exist_ok=True)
        calls.append((record, sorted(path.name for path in folder.iterdir())))

    monkeypatch.setattr("spacy_dlfa.unlabelled.train.Recipe.train", train)
    return calls


@pytest.fixture
def command(systems, english, tmp_path):
    """Run self-training with two systems in a folder."""

    def start(*arguments, first=systems[0], second=systems[1], output=tmp_path / "out"):
        options = ["--config", CONFIGS / "ner.cfg", "--output", output]
        options += ["--second", second] if second else []
        paths = ["--paths.train", english, "--paths.dev", english]
        return run("self-train", first, *arguments, *options, *paths)

    return start


def kept(output, code):
    return {doc.text for doc in read(output / "self-training" / "train" / f"{code}-labelled.spacy")}


def counts(output, code):
    return srsly.read_json(output / "self-training" / "counts.json")["by_language"][code]


def test_sentences_that_both_find_the_same_in(command, texts, trained, tmp_path):
    result = command(texts(de_news=GERMAN, fr=FRENCH))
    assert result.exit_code == 0, result.output
    # As many without an entity as with one, at most
    without = kept(tmp_path / "out", "de") - {"Anna wohnt in Oslo."}
    assert len(without) == 1
    assert without < {"Sie schläft.", "Es regnet."}
    assert kept(tmp_path / "out", "fr") == {*FRENCH}
    assert list(counts(tmp_path / "out", "de").values()) == [4, 0, 0, 1, 1, 0, 2]
    record, files = trained[0]
    assert record["languages"] == {"German": 2, "French": 4}
    # Six sentences and four of English: it is repeated up to their number
    english = [f"english-0-english-{time}.spacy" for time in (0, 1)]
    assert files == ["de-labelled.spacy", *english, "fr-labelled.spacy"]
    for part in ("German", "disagreed", "2 languages", tmp_path / "out" / "model-best"):
        assert str(part) in result.output


def test_what_is_written_has_the_labels_of_the_first(command, texts, trained, tmp_path):
    command(texts(de=GERMAN))
    doc = next(
        doc
        for doc in read(tmp_path / "out" / "self-training" / "train" / "de-labelled.spacy")
        if doc.ents
    )
    assert [(ent.text, ent.label_) for ent in doc.ents] == [("Oslo", "LOC")]
    # No entity is what the others are, and not unknown
    assert all(token.ent_iob for token in doc)
    assert doc.user_data["id"] == "de.txt:1"


def test_a_second_text_classifier_labels_nothing(texts, tmp_path):
    nlp = spacy.blank("xx")
    two_classifiers(nlp)
    for name in ("first", "second"):
        nlp.to_disk(tmp_path / name)
    folder = texts(de=GERMAN)
    systems = labelling.Systems(str(tmp_path / "first"), str(tmp_path / "second"), "textcat")
    labelled = DocBin().from_bytes(labelling.label_files(systems, [folder / "de.txt"]))
    for doc in labelled.get_docs(nlp.vocab):
        assert doc.cats == {"long": 0.0, "short": 1.0}
        assert doc.user_data["agreed"]


def test_all_sentences(command, texts, trained, tmp_path):
    result = command(texts(de=GERMAN), "--keep", "all", second=None)
    assert result.exit_code == 0, result.output
    assert kept(tmp_path / "out", "de") == {*GERMAN}
    assert trained[0][0]["keep"] == "all"


def test_languages_are_balanced(command, texts, trained, tmp_path):
    many = [f"Oslo, Haus {i}." for i in range(50)]
    folder = texts(de=many, fr=FRENCH)
    assert command(folder, "--per-language", 3).exit_code == 0
    first = kept(tmp_path / "out", "de")
    assert len(first) == len(kept(tmp_path / "out", "fr")) == 3
    assert counts(tmp_path / "out", "de")["beyond --per-language"] == 47
    # The draw hangs on the seed, and on nothing else
    command(folder / "de.txt", "--per-language", 3, output=tmp_path / "again")
    assert kept(tmp_path / "again", "de") == first
    command(folder, "--per-language", 3, "--seed", 1, output=tmp_path / "other")
    assert kept(tmp_path / "other", "de") != first


@pytest.mark.parametrize("suffix", ["spacy", "tsv", "iob2"])
def test_test_sentences_are_left_out(command, texts, trained, tmp_path, suffix):
    # Letters and accents apart, another case, other spaces
    sentence = "  CAFE\u0301   in  OSLO "
    path = tmp_path / "tests" / f"de_pud.{suffix}"
    path.parent.mkdir()
    if suffix == "spacy":
        DocBin(docs=[spacy.blank("xx").make_doc(sentence)]).to_disk(path)
    else:
        head, words = ("id\ttext\n1\t", "") if suffix == "tsv" else ("# text = ", "x\tO\n")
        path.write_text(f"{head}{sentence.strip()}\n{words}", encoding="utf8")
    folder = texts(de=["Café in Oslo.", "Oslo ist weit.", "Oslo ist weit."])
    result = command(folder, "--held-out", path.parent)
    assert result.exit_code == 0, result.output
    assert kept(tmp_path / "out", "de") == {"Oslo ist weit."}
    assert counts(tmp_path / "out", "de") | {"held out": 1, "double": 1} == counts(
        tmp_path / "out", "de"
    )


def test_a_folder_without_tests(command, texts, trained, tmp_path):
    (tmp_path / "empty").mkdir()
    folder = texts(de=GERMAN)
    assert_one_sentence(command(folder, "--held-out", tmp_path / "empty"), "empty", "no test file")


def test_what_is_labelled_is_not_labelled_again(command, texts, trained, tmp_path, monkeypatch):
    folder = texts(de=GERMAN, fr=FRENCH, sv=["Oslo ligger där."])
    asked = []

    def label(systems, paths):
        asked.append(paths[0].name)
        if len(asked) == 2:
            raise KeyboardInterrupt
        return labelling.label_files(systems, paths)

    monkeypatch.setattr("spacy_dlfa.unlabelled.run.label_files", label)
    stopped = command(folder)
    assert_one_sentence(stopped, "Stopped", tmp_path / "out")
    labels = tmp_path / "out" / "self-training" / "labels"
    assert len(list(labels.iterdir())) == 1
    left, other = labels / ".de-0.spacy.1.tmp", labels / ".fr-0.spacy.2.tmp"
    for path in (left, other):
        path.write_text("half")
    # Half-written since yesterday; the other may be what another run is writing
    os.utime(left, times=(time.time() - 86400,) * 2)
    before = {path: path.read_bytes() for path in labels.glob("*.spacy")}
    assert command(folder).exit_code == 0
    assert asked == ["de.txt", "fr.txt", "fr.txt", "sv.txt"]
    assert all(path.read_bytes() == data for path, data in before.items())
    assert not left.exists()
    assert other.exists()
    assert len(list(labels.glob("*.spacy"))) == 3
    assert len(trained) == 1
    # All is done
    again = command(folder)
    assert again.exit_code == 0, again.output
    assert "trained before" in again.output
    assert len(asked) == 4
    assert len(trained) == 1


def test_labels_in_a_folder_that_is_only_read(command, texts, trained, tmp_path, monkeypatch):
    folder, labels = texts(de=GERMAN), tmp_path / "labels"
    assert command(folder, "--labels", labels).exit_code == 0
    (labels / ".de-0.spacy.1.tmp").write_text("half")
    os.utime(labels / ".de-0.spacy.1.tmp", times=(time.time() - 86400,) * 2)
    unlink = Path.unlink

    def refuse(path, missing_ok=False):
        if path.parent == labels:  # root may remove any
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        unlink(path, missing_ok)

    monkeypatch.setattr(Path, "unlink", refuse)
    result = command(folder, "--labels", labels, "--per-language", 1, output=tmp_path / "other")
    assert result.exit_code == 0, result.output
    assert len(trained) == 2


def test_what_was_trained_on_is_there_again(command, texts, trained, tmp_path):
    folder, data = texts(de=GERMAN), tmp_path / "out" / "self-training" / "train"
    command(folder)
    before = sorted(path.name for path in data.iterdir())
    command(folder)
    assert sorted(path.name for path in data.iterdir()) == before == trained[0][1]
    assert len(trained) == 1


@pytest.mark.parametrize("split", ["train", "dev"])
def test_gold_of_another_language_is_no_english(split, systems, texts, english, trained, tmp_path):
    other = shutil.copy(english, tmp_path / f"de-AT_{split}.spacy")
    corpora = {"train": english, "dev": english, split: other}
    paths = ["--paths.train", corpora["train"], "--paths.dev", corpora["dev"]]
    given = ["-s", systems[1], "--config", CONFIGS / "ner.cfg", "--output", tmp_path / "out"]
    result = run("self-train", systems[0], texts(de=GERMAN), *given, *paths)
    assert_one_sentence(result, f"de-AT_{split}.spacy: found labels of German", "English")
    assert not trained


def test_other_rules_share_the_labels_and_train_anew(command, texts, trained, tmp_path):
    folder = texts(de=GERMAN)
    command(folder)
    labels = tmp_path / "out" / "self-training" / "labels"
    before = {path: path.stat().st_mtime_ns for path in labels.iterdir()}
    result = command(folder, "--keep", "all", "--labels", labels, output=tmp_path / "all")
    assert result.exit_code == 0, result.output
    assert {path: path.stat().st_mtime_ns for path in labels.iterdir()} == before
    assert not (tmp_path / "all" / "self-training" / "labels").exists()
    command(folder, "--training.max_steps", 7)
    command(folder, "--per-language", 1)
    assert len(trained) == 4


def test_another_dev_file_or_encoder_or_second_pipeline(
    command, texts, trained, make, english, bert, tmp_path
):
    folder = texts(de=GERMAN)
    dev = shutil.copy(english, tmp_path / "dev.spacy")
    encoder = shutil.copytree(bert, tmp_path / "encoder")
    settings = ["--corpora.dev.path", dev, "--vars.backbone", encoder]

    def count(**systems):
        result = command(folder, *settings, **systems)
        assert result.exit_code == 0, result.output
        return len(trained)

    assert [count(), count()] == [1, 1]
    DocBin(docs=read(english)[:2], attrs=["ENT_IOB", "ENT_TYPE"]).to_disk(dev)
    assert [count(), count()] == [2, 2]
    weights = encoder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"x")
    assert [count(), count()] == [3, 3]
    # The same labels, of a pipeline of another name, which the record says
    shutil.copytree(tmp_path / "second", tmp_path / "third")
    assert [count(second=tmp_path / "third"), count(second=tmp_path / "third")] == [4, 4]


def test_a_text_or_a_pipeline_that_has_changed(command, texts, trained, make, tmp_path):
    command(texts(de=GERMAN))
    command(texts(de=[*GERMAN, "Oslo ist weit."]))
    assert len(kept(tmp_path / "out", "de")) == 4
    make("second", "Berlin", "Oslo")
    worker.load.cache_clear()
    command(texts(de=[*GERMAN, "Oslo ist weit."]))
    assert counts(tmp_path / "out", "de")["disagreed"] == 0
    assert len(list((tmp_path / "out" / "self-training" / "labels").iterdir())) == 3


def test_no_space_left(command, texts, trained, tmp_path):
    folder = texts(de=GERMAN)
    with full_disk(100):
        result = command(folder)
    assert_one_sentence(result, "can't be written")
    assert not list((tmp_path / "out").rglob("*.spacy"))
    assert command(folder).exit_code == 0


def test_languages_by_the_names_of_files(command, texts, trained, tmp_path):
    lines = ["Oslo ligger där."]
    folder = texts(deu_Latn=lines, de=["Oslo!"], en=lines, eng_Latn=lines, **{"xyz-Latn_a": lines})
    (folder / "sv.txt.xz").write_bytes(lzma.compress(b"Oslo\n\n"))
    assert command(folder).exit_code == 0
    # English has labels of its own; of a language that is not known there is the code alone
    assert trained[0][0]["languages"] == {"German": 2, "Swedish": 1, "xyz": 1}


def test_a_name_that_is_no_utf8(command, trained, tmp_path):
    bytes_in(tmp_path / "bad", os.fsdecode(b"de_\xe9.txt"), b"Oslo ist weit.\n")
    result = command(tmp_path / "bad")
    assert result.exit_code == 0, result.output
    (doc,) = read(tmp_path / "out" / "self-training" / "train" / "de-labelled.spacy")
    assert doc.user_data["id"] == "de_?.txt:1"


def test_languages_that_are_asked_for(command, texts, trained, tmp_path):
    folder = texts(deu_Latn=GERMAN, deu_news=GERMAN, fr=FRENCH, sv=["Oslo"], en=["Oslo"])
    assert command(folder, "--languages", "de,swe").exit_code == 0
    assert set(trained[0][0]["languages"]) == {"German", "Swedish"}
    for wrong in ("de,fi", "en"):
        result = command(folder, "--languages", wrong, output=tmp_path / "wrong")
        assert_one_sentence(result, "--languages: found no texts in", wrong[-2:], "de, fr, sv")
    assert not (tmp_path / "wrong" / "model-best").exists()


def test_empty_files(command, texts, trained, tmp_path):
    assert command(texts(de=GERMAN, fr=[])).exit_code == 0
    assert counts(tmp_path / "out", "fr")["read"] == 0
    assert not (tmp_path / "out" / "self-training" / "train" / "fr-labelled.spacy").exists()
    assert_one_sentence(command(texts(de=[], fr=[])), "Found no sentence to train on", "read 0")


def bytes_in(folder, name, data):
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(data)
    return folder / name


@pytest.mark.parametrize(
    ("name", "data", "parts"),
    [
        ("news.txt", b"Oslo", ["news.txt: found no language in the name", "de_news.txt"]),
        ("my_data.txt", b"Oslo", ["my_data.txt: found no language in the name"]),
        ("de.md", b"Oslo", ["de.md: found the suffix '.md'"]),
        ("de.txt", b"Oslo\n\xff\n", ["de.txt, line 2: found byte 0xff"]),
        ("de.jsonl", b'{"text": 1}', ["de.jsonl, line 1: found a number in 'text'"]),
        ("de.jsonl", b'{"text": "a"}\n{"text": "\\ud800"}', ["de.jsonl, line 2: found half a"]),
        ("de.txt.xz", lzma.compress(b"Oslo\n" * 9999)[:-20], ["de.txt.xz: "]),
        ("en.txt", b"Oslo", ["found English alone"]),
    ],
)
def test_bad_texts(command, trained, tmp_path, name, data, parts):
    assert_one_sentence(command(bytes_in(tmp_path / "bad", name, data)), *parts)
    assert not trained


def test_a_bad_text_is_found_before_others_are_labelled(command, texts, trained, tmp_path):
    bad = bytes_in(tmp_path / "bad", "fr.jsonl", b'{"body": "Oslo"}')
    result = command(texts(de=GERMAN), bad, "--labels", tmp_path / "labels")
    assert_one_sentence(result, "fr.jsonl, line 1: found no field 'text' but 'body'")
    assert "ValueError" not in result.output
    assert not list(tmp_path.glob("labels/*"))


def test_wrong_pipelines(command, texts, make, systems, trained, tmp_path):
    folder = texts(de=GERMAN)
    other = make("other", component="chunker")
    assert_one_sentence(command(folder, second=other), other, "['chunker']", "expected 'ner'")
    assert_one_sentence(command(folder, second=tmp_path / "no"), "no: found no such pipeline")
    assert_one_sentence(command(folder, second=None), "--keep agreed", "--second")
    assert_one_sentence(command(folder, second=systems[0]), "--second", "the same pipeline")
    seen = make("seen", "Oslo")
    meta = srsly.read_json(seen / "meta.json")
    srsly.write_json(seen / "meta.json", {**meta, "labels_seen": {"ner": ["German"]}})
    assert_one_sentence(command(folder, second=seen), "labels of other languages", "German")
    assert_one_sentence(command(folder, output=systems[0].parent), "--output")
    assert_one_sentence(command(folder, "--task", "pairs"), "Task 'pairs'", "ner")
    assert_one_sentence(command(folder, "--task", "tagger"), "expected 'tagger'")
    assert not trained


@pytest.mark.parametrize("place", ["first", "second"])
def test_a_pipeline_put_together_of_one_that_knows_german_labels(
    command, texts, systems, trained, bert, tmp_path, place
):
    source = tagger_pipeline(bert)
    for config in encoder_configs(source):
        setattr(config, SEEN, {"tagger": ["German"]})
    nlp = spacy.load(systems[0])
    nlp.add_pipe("transformer", source=source)
    nlp.to_disk(tmp_path / "sourced")
    assert "labels_seen" not in srsly.read_json(tmp_path / "sourced" / "meta.json")
    result = command(texts(de=GERMAN), **{place: tmp_path / "sourced"})
    assert_one_sentence(result, tmp_path / "sourced", "labels of other languages", "['German']")
    assert not trained


@pytest.mark.parametrize("given", [["--task", "textcat"], []])
def test_pairs_are_no_texts(command, texts, trained, bert, tmp_path, given):
    pipeline("pairs", bert).to_disk(tmp_path / "pairs")
    pipeline("textcat", bert).to_disk(tmp_path / "topics")
    folder = texts(de=GERMAN)
    refused = ("DL505", tmp_path / "pairs", "separator = '[SEP]'", "single texts")
    result = command(folder, *given, first=tmp_path / "topics", second=tmp_path / "pairs")
    assert_one_sentence(result, *refused)
    assert_one_sentence(run("quality", tmp_path / "pairs", folder, *given), *refused)
    result = command(folder, *given, "--keep", "all", first=tmp_path / "topics", second=None)
    # A task that pipelines of texts have, and the config has not
    assert_one_sentence(result, "ner.cfg", "expected 'textcat'")


@pytest.mark.parametrize(
    ("options", "parts"),
    [
        (["--config", "no.cfg"], ["--config no.cfg", "no such file"]),
        (["--config", CONFIGS / "tagger.cfg"], ["tagger.cfg", "expected 'ner'"]),
        (["--paths.train", "no.spacy"], ["corpora.train.path = 'no.spacy'"]),
        (["--nonsense", "1"], ["--nonsense"]),
    ],
)
def test_wrong_settings(systems, texts, english, trained, tmp_path, options, parts):
    given = ["--config", CONFIGS / "ner.cfg", "--output", tmp_path / "out"]
    paths = ["--paths.train", english, "--paths.dev", english]
    result = run(
        "self-train", systems[0], texts(de=GERMAN), *given, "-s", systems[1], *paths, *options
    )
    assert_one_sentence(result, *parts)


@pytest.mark.parametrize("place", ["first", "second"])
def test_sentences_that_a_pipeline_lets_fall(
    command, texts, trained, fallible, systems, monkeypatch, place
):
    def load(settings):
        return fallible if settings.pipeline.endswith(place) else spacy.load(settings.pipeline)

    monkeypatch.setattr(labelling, "load", load)
    result = command(texts(de=GERMAN))
    assert_one_sentence(result, "[DL522] 3 of 4 sentences came out of the pipeline", "German")


def test_two_runs_at_once(command, texts, trained, tmp_path):
    (tmp_path / "out").mkdir()
    with FileLock(tmp_path / "out" / ".self-train.lock"):
        assert_one_sentence(command(texts(de=GERMAN)), tmp_path / "out", "another run is at work")


@pytest.mark.slow
def test_the_trained_pipeline_says_what_it_has_seen(systems, texts, english, bert, tmp_path):
    output = tmp_path / "out"
    settings = {
        "vars.backbone": bert,
        "vars.layer": 2,
        "components.transformer.model.precision": "fp32",
        "components.transformer.model.freeze_below": 1,
        "paths.train": english,
        "paths.dev": english,
        "training.max_steps": 2,
        "training.eval_frequency": 1,
    }
    overrides = [part for name, value in settings.items() for part in (f"--{name}", value)]
    options = ["--config", CONFIGS / "ner.cfg", "--output", output, "--second", systems[1]]
    result = run("self-train", systems[0], texts(de=GERMAN), *options, *overrides)
    assert result.exit_code == 0, result.output
    expected = {
        "pipeline": str(systems[0]),
        "second": str(systems[1]),
        "keep": "agreed",
        "per_language": None,
        "languages": {"German": 2},
    }
    assert spacy.load(output / "model-best").meta["dlfa"]["self_training"] == expected
    # A pipeline that is trained on English, from its encoder
    given = {**settings, "vars.backbone": str(output / "model-best")}
    given |= {name: str(value) for name, value in settings.items() if name.startswith("paths.")}
    another = init_nlp(load_config(CONFIGS / "ner.cfg", overrides=given))
    assert another.meta["dlfa"]["self_training"] == expected
    tests = tmp_path / "de_pud.spacy"
    tests.write_bytes(english.read_bytes())
    scores = tmp_path / "scores.json"
    result = run("evaluate", output / "model-best", tests, "--output", scores)
    assert result.exit_code == 0, result.output
    note = "Self-trained on 2 unlabelled sentences of 1 language, so"
    assert note in result.output
    assert srsly.read_json(scores)["self_training"] == expected
    assert note in run("show", scores).output
    meta = tmp_path / "meta.json"
    arguments = [scores, "--output", meta, "--name", "x"]
    assert run("describe", output / "model-best", *arguments).exit_code == 0
    described = srsly.read_json(meta)
    assert described["dlfa"]["self_training"] == expected
    assert note in described["notes"]
    assert "mean self-trained F1" in described["description"]
    assert "self_trained_ents_f_de_pud" in described["performance"]
    assert not [name for name in described["performance"] if name.startswith("zero_shot")]
