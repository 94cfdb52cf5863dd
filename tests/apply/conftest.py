import json
import sys
from contextlib import nullcontext
from importlib import import_module
from pathlib import Path

import pytest
import spacy
from spacy import registry
from typer.testing import CliRunner

from spacy_dlfa.apply import worker
from spacy_dlfa.cli import app
from spacy_dlfa.workers.pool import Failure, attempt
from tests.clusters import cluster
from tests.pipelines import tag_examples, tagger_pipeline

TEXTS = ["Anna lives in Oslo .", "我住在北京。", "", "Berlin is big", "  a  b ", "Ω " * 30]
#: A package as `spacy package` makes it, with a component that stands for what goes wrong.
PACKAGE = """
import os, signal
from pathlib import Path
from spacy.language import Language
from spacy.util import load_model_from_path

@Language.component("poison")
def poison(doc):
    if "RAISE" in doc.text:
        raise ValueError("no such thing")
    if "KILL" in doc.text:
        os.kill(os.getpid(), signal.SIGKILL)
    once = Path(os.environ.get("KILL_ONCE", "nowhere"))
    if once.exists():
        once.unlink()
        os.kill(os.getpid(), signal.SIGKILL)
    return doc

def load(**overrides):
    return load_model_from_path(Path(__file__).parent / "model", **overrides)
"""


class Here:
    """Workers without processes; a text with KILL is said to have killed one."""

    threads = 1

    def run(self, function, jobs):
        for job in jobs:
            _, piece = job
            killed = any(b"KILL" in (content or b"") for _, content in piece.rows)
            yield job, Failure("it died", "", died=True) if killed else attempt(function, job)


@pytest.fixture(scope="session")
def pipeline(bert, tmp_path_factory):
    """Folder of a pipeline with tags, entities and topics."""
    nlp = tagger_pipeline(bert)
    ruler = nlp.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": "LOC", "pattern": "Oslo"}, {"label": "LOC", "pattern": "北京"}])
    tokenizer = {"@tokenizers": "spacy_dlfa.MultilingualTokenizer.v1"}
    nlp.config["nlp"]["tokenizer"] = tokenizer
    nlp.tokenizer = registry.resolve({"tokenizer": tokenizer})["tokenizer"](nlp)
    topics = nlp.add_pipe("textcat")
    for label in ("travel", "sports"):
        topics.add_label(label)
    topics.initialize(lambda: tag_examples(nlp), nlp=nlp)
    folder = tmp_path_factory.mktemp("apply") / "pipeline"
    nlp.to_disk(folder)
    return folder


@pytest.fixture(scope="session")
def poison(tmp_path_factory):
    """Name of an installed package whose pipeline fails, or kills its process."""
    folder = tmp_path_factory.mktemp("site")
    package = folder / "xx_poison"
    package.mkdir()
    (package / "__init__.py").write_text(PACKAGE)
    about = folder / "xx_poison-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: xx_poison\nVersion: 1.0\n")
    # Spawned processes get it, too.
    sys.path.append(str(folder))
    import_module("xx_poison")
    nlp = spacy.blank("xx")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "LOC", "pattern": "Oslo"}])
    nlp.add_pipe("poison")
    nlp.to_disk(package / "model")
    yield "xx_poison"
    sys.path.remove(str(folder))


@pytest.fixture(scope="session")
def ray_cluster(poison, tmp_path_factory):
    """Environment of a driver on a cluster, in which the package is installed.

    The file that KILL_ONCE names kills the actor that finds it.
    """
    folder = tmp_path_factory.mktemp("cluster")
    site = [path for path in sys.path if Path(path, poison).exists()]
    with cluster(folder, *site, KILL_ONCE=str(folder / "once")) as environment:
        yield environment


@pytest.fixture
def here(monkeypatch):
    """Let commands do without processes."""
    worker.load.cache_clear()
    monkeypatch.setattr(
        "spacy_dlfa.workers.engines.open_workers", lambda *args, **kwargs: nullcontext(Here())
    )


@pytest.fixture
def documents(tmp_path):
    """A file of twelve documents."""
    return write_lines(
        tmp_path / "in" / "news.jsonl",
        [{"id": i, "text": text, "language": "xx"} for i, text in enumerate(TEXTS * 2)],
    )


def write_lines(path, rows):
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf8")
    return path


def run(*arguments):
    return CliRunner().invoke(app, ["apply", *map(str, arguments)])


def rows_of(output):
    """All rows of a folder of JSON lines."""
    files = sorted(output.glob("*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text("utf8").splitlines()]


def contents(output):
    return {path.name: path.read_bytes() for path in output.iterdir() if path.name[0] != "."}
