import re

import numpy
import pytest
import spacy
import srsly
from spacy.tokens import Doc
from spacy.tokens.underscore import Underscore
from spacy.training import Example
from thinc.api import Adam

from spacy_dlfa.apply.annotate import annotate
from spacy_dlfa.apply.records import Record
from spacy_dlfa.apply.rows import encode
from tests.configs import example, pipeline
from tests.docs.blocks import read_blocks
from tests.pipelines import listener_config, transformer_config

CATS = {"cats": {"yes": 1.0, "no": 0.0}}
VECTORS = numpy.eye(2, 5, dtype="f")


@pytest.fixture(autouse=True)
def extensions():
    """Attributes that a block registers are gone when it ends."""
    kept = {
        kind: dict(getattr(Underscore, kind)) for kind in ("doc_extensions", "token_extensions")
    }
    yield
    for kind, attributes in kept.items():
        setattr(Underscore, kind, attributes)


@pytest.fixture(scope="session")
def trained(bert, tmp_path_factory):
    """A folder as a reader has it: tiny pipelines by the names of the pages, and own files."""
    folder = tmp_path_factory.mktemp("reader")
    ner = pipeline("ner", bert)
    ner.initialize(lambda: [example(ner, "ner")])
    optimizer = Adam(0.01)
    for _ in range(40):
        ner.update([example(ner, "ner")], sgd=optimizer)
    ner.to_disk(folder / "xx_dlfa_ner")
    pairs = pipeline("pairs", bert)
    pairs.initialize(lambda: [Example.from_dict(pairs.make_doc("a [SEP] b"), CATS)])
    pairs.to_disk(folder / "xx_dlfa_pairs")
    _featured(bert).to_disk(folder / "xx_my_pipeline")
    numpy.save(folder / "vectors.npy", VECTORS)
    lines = [{"text": "Ein Hafen.", "vector": VECTORS[0].tolist()}]
    srsly.write_jsonl(folder / "vectors.jsonl", lines)
    (line,) = [each for each in read_blocks("docs/your-own-data.md")[0] if each.language == "json"]
    (folder / "train.jsonl").write_text(line.code, encoding="utf8")
    (folder / "rows").mkdir()
    records = [Record("texts.jsonl", 1, text="Anna lives in Oslo"), Record("x", 2, error="no text")]
    content = encode(annotate(ner, records, docs=True), "jsonl")
    (folder / "rows" / "00001-000001.jsonl").write_bytes(content)
    return folder


def _featured(bert):
    Doc.set_extension("image", default=None)
    nlp = spacy.blank("xx")
    nlp.add_pipe("dlfa_transformer", name="transformer", config=transformer_config(bert))
    tok2vec = listener_config(1, features="doc._.image")
    model = {"@architectures": "spacy.TextCatReduce.v1", "tok2vec": tok2vec}
    uses = {"use_reduce_first": False, "use_reduce_last": False, "use_reduce_max": False}
    model |= {"exclusive_classes": True, "use_reduce_mean": True, **uses}
    nlp.add_pipe("textcat", config={"model": model})

    def examples():
        doc = nlp.make_doc("Ein Hafen.")
        doc._.image = VECTORS[0]
        made = Example.from_dict(doc, CATS)
        made.reference._.image = VECTORS[0]
        return [made]

    nlp.initialize(examples)
    Doc.remove_extension("image")
    return nlp


@pytest.fixture
def reader(trained, monkeypatch):
    """The folder as working directory, and no package of the same name instead of it."""
    monkeypatch.chdir(trained)
    is_package = spacy.util.is_package
    made = re.compile(r"xx_(dlfa|my)_\w+")
    monkeypatch.setattr(
        spacy.util, "is_package", lambda name: not made.fullmatch(name) and is_package(name)
    )
    return trained
