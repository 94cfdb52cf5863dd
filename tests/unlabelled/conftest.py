from contextlib import nullcontext

import pytest
import spacy
from spacy import registry
from spacy.language import Language
from spacy.tokens import Doc, DocBin
from typer.testing import CliRunner

from spacy_dlfa.apply import worker
from spacy_dlfa.cli import app
from spacy_dlfa.workers.pool import attempt

TOKENIZER = {"@tokenizers": "spacy_dlfa.MultilingualTokenizer.v1"}
WORDS = ["Anna", "lives", "in", "Oslo", "Berta", "sleeps"]


class Here:
    """Workers without processes."""

    threads = 1

    def run(self, function, jobs):
        for job in jobs:
            yield job, attempt(function, job)


@Language.factory("test_names")
def create_names(nlp: Language, name: str):
    """Stands in for a trained `ner`, which finds what it is told."""
    return spacy.pipeline.EntityRuler(nlp, name)


@Language.component("test_refuses_rain")
def refuse_rain(doc: Doc) -> Doc:
    if "regnet" in doc.text:
        raise RuntimeError("no")
    return doc


@pytest.fixture
def fallible():
    """A pipeline that finds Oslo and lets sentences of rain fall."""
    nlp = spacy.blank("xx")
    nlp.add_pipe("test_names", name="ner").add_patterns([{"label": "LOC", "pattern": "Oslo"}])
    nlp.add_pipe("test_refuses_rain")
    nlp.set_error_handler(lambda *args: None)
    return nlp


@pytest.fixture
def here(monkeypatch):
    """Let commands do without processes."""
    worker.load.cache_clear()
    monkeypatch.setattr(
        "spacy_dlfa.unlabelled.run.open_workers", lambda *args, **kwargs: nullcontext(Here())
    )


@pytest.fixture
def make(tmp_path):
    """Save a pipeline that finds these names as places."""

    def save(name, *places, component="ner"):
        nlp = spacy.blank("xx")
        nlp.tokenizer = registry.resolve({"tokenizer": TOKENIZER})["tokenizer"](nlp)
        nlp.config["nlp"]["tokenizer"] = TOKENIZER
        ruler = nlp.add_pipe("test_names", name=component)
        ruler.add_patterns([{"label": "LOC", "pattern": place} for place in places])
        nlp.to_disk(tmp_path / name)
        return tmp_path / name

    return save


@pytest.fixture
def texts(tmp_path):
    """Write sentences, a line each."""

    def write(**lines):
        folder = tmp_path / "texts"
        folder.mkdir(exist_ok=True)
        for name, each in lines.items():
            (folder / f"{name}.txt").write_text("".join(f"{x}\n" for x in each), encoding="utf8")
        return folder

    return write


@pytest.fixture
def english(tmp_path):
    """An English corpus of entities."""
    vocab = spacy.blank("xx").vocab
    ents = ["B-PER", "O", "O", "B-LOC", "O", "O"]
    docs = [Doc(vocab, words=WORDS, ents=ents) for _ in range(4)]
    attrs = ["ENT_IOB", "ENT_TYPE"]
    DocBin(docs=docs, attrs=attrs).to_disk(tmp_path / "english.spacy")
    return tmp_path / "english.spacy"


def run(command, *arguments):
    return CliRunner().invoke(app, [command, *map(str, arguments)])


def read(path):
    return list(DocBin().from_disk(path).get_docs(spacy.blank("xx").vocab))


def assert_one_sentence(result, *parts):
    assert result.exit_code == 1, result.output
    assert isinstance(result.exception, SystemExit)
    # What stands before the last return is the bar.
    assert len(result.stderr.rpartition("\r")[2].strip().splitlines()) == 1, result.stderr
    for part in parts:
        assert str(part) in result.stderr
