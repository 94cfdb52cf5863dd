"""One run of each task but the tagger's, which the other tests are of."""

import pytest
import srsly
from spacy.tokens import Doc, DocBin, Span
from spacy.vocab import Vocab

from spacy_dlfa.corpora.formats import make_tokenizer
from spacy_dlfa.pairs import make_pair
from spacy_dlfa.study.sweep.cells import Cell
from spacy_dlfa.study.sweep.settings import Settings
from spacy_dlfa.study.sweep.train import run_cell
from tests.configs import CONFIGS
from tests.study.sweep.study import NAMES, TESTS


def entity(name, rest):
    doc = Doc(Vocab(), words=[name, *rest.split()])
    doc.ents = [Span(doc, 0, 1, label="PER")]
    return doc


def topic(name, rest):
    doc = Doc(Vocab(), words=[name, *rest.split()])
    doc.cats = {"travel": float(name < "E"), "sports": float(name >= "E")}
    return doc


def pair(name, rest):
    doc = make_pair(make_tokenizer(), f"{name} {rest}", f"{rest} {name}")
    doc.cats = {"paraphrase": float(name < "E"), "different": float(name >= "E")}
    return doc


def write(path, make, rest):
    docs = [make(name, rest) for name in NAMES]
    for number, doc in enumerate(docs):
        doc.user_data["id"] = str(number)
    attrs = ["ENT_IOB", "ENT_TYPE"] if make is entity else []
    DocBin(docs=docs, attrs=attrs, store_user_data=True).to_disk(path)
    return path


@pytest.mark.parametrize(
    ("task", "make", "labels"),
    [("ner", entity, 3 * len(NAMES)), ("textcat", topic, len(NAMES)), ("pairs", pair, len(NAMES))],
)
def test_a_run_of_each_task(task, make, labels, bert, tmp_path):
    settings = Settings(
        task=task,
        output=tmp_path,
        config=CONFIGS / f"{task}.cfg",
        train=write(tmp_path / "train.spacy", make, TESTS["en_pud"]),
        dev=write(tmp_path / "dev.spacy", make, TESTS["en_pud"]),
        tests=tuple(write(tmp_path / f"{c}.spacy", make, rest) for c, rest in TESTS.items()),
        frozen=False,
        overrides={
            "vars.backbone": bert,
            "components.transformer.model.precision": "fp32",
            "components.transformer.model.freeze_below": 1,
            "training.max_steps": 2,
            "training.eval_frequency": 1,
        },
    )
    cell = Cell("dlfa", 2, 0)
    run_cell(settings, cell, [], settings.fingerprint())
    found = srsly.read_json(settings.run_path(cell))
    assert (found["task"], found["name"], found["layer"], found["seed"]) == (task, *cell)
    for part in (found, found["average"]):
        assert set(part["dev"]) == {found["metric"]}
        assert part["averages"]["all"]["corpora"] == 2
        assert {len(text) for text in part["predictions"].values()} == {labels}
        assert (part["confidence"] is None) == (task == "ner")
    assert set(found["inside"]["weight"]) == set(TESTS)
