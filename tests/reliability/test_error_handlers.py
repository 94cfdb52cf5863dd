"""`nlp.set_error_handler`, as spaCy has it, on pipelines of the project's configs."""

import pytest
import spacy
from spacy.util import ignore_error, raise_error

from tests.configs import example, pipeline

TEXTS = ["Anna lives", "FAIL here", "in Oslo"]


class RefusedError(Exception):
    """What a component of these tests raises."""


class Log:
    """A handler that goes on, and can be sent to other processes."""

    def __init__(self):
        self.found = []

    def __call__(self, name, component, docs, error):
        self.found.append((name, [doc.text for doc in docs], type(error)))


class Refuse:
    """What stands in for a component's `predict`."""

    def __init__(self, predict):
        self.predict = predict

    def __call__(self, docs):
        if any("FAIL" in doc.text for doc in docs):
            raise RefusedError("no")
        return self.predict(docs)


@pytest.fixture
def nlp(bert):
    """Tags and topics; spaCy's `ner` has no place for a handler."""
    nlp = pipeline("joint", bert, "DLFA")
    nlp.remove_pipe("ner")
    nlp.initialize(lambda: [example(nlp, "tagger", "textcat")] * 2)
    return nlp


def fail_in(nlp, name, monkeypatch):
    component = nlp.get_pipe(name)
    if name == "doc_cleaner":

        def clean(doc):
            if "FAIL" in doc.text:
                raise RefusedError("no")
            return component(doc)

        nlp._components = [(each, clean if each == name else old) for each, old in nlp._components]
    else:
        monkeypatch.setattr(component, "predict", Refuse(component.predict))


COMPONENTS = ["transformer", "tagger", "textcat", "doc_cleaner"]
# spaCy's own components give a failing batch to the handler, here all three
LOST = {"transformer": 1, "tagger": 3, "textcat": 3, "doc_cleaner": 1}


@pytest.mark.parametrize("name", COMPONENTS)
def test_a_handler_that_goes_on(nlp, name, monkeypatch):
    fail_in(nlp, name, monkeypatch)
    log = Log()
    nlp.set_error_handler(log)
    assert len(list(nlp.pipe(TEXTS))) == len(TEXTS) - LOST[name]
    assert [found[0] for found in log.found] == [name]
    assert len(log.found[0][1]) == LOST[name]
    assert "FAIL here" in log.found[0][1]
    # One by one, the others come out of every component
    assert [doc.text for doc in nlp.pipe(TEXTS, batch_size=1)] == ["Anna lives", "in Oslo"]


@pytest.mark.parametrize("name", COMPONENTS)
def test_a_handler_that_raises(nlp, name, monkeypatch):
    fail_in(nlp, name, monkeypatch)
    nlp.set_error_handler(raise_error)
    # Ours names the text; the cause is the component's error
    kind = RuntimeError if name == "transformer" else RefusedError
    for call in (lambda: list(nlp.pipe(TEXTS)), lambda: nlp("FAIL here")):
        with pytest.raises(kind, match="no"):
            call()
    assert len(list(nlp.pipe(["Anna lives", "in Oslo"]))) == 2


@pytest.mark.parametrize("name", COMPONENTS)
def test_one_text(nlp, name, monkeypatch):
    """`nlp(text)`: spaCy's E005 where the component then has no document to hand on."""
    fail_in(nlp, name, monkeypatch)
    log = Log()
    nlp.set_error_handler(log)
    if name == "doc_cleaner":
        assert nlp("FAIL here").text == "FAIL here"
    else:
        with pytest.raises(ValueError, match="E005"):
            nlp("FAIL here")
    assert [found[:2] for found in log.found] == [(name, ["FAIL here"])]
    assert nlp("Anna lives")[0].tag_


@pytest.mark.parametrize("name", ["transformer", "tagger"])
def test_two_processes(nlp, name, monkeypatch):
    fail_in(nlp, name, monkeypatch)
    nlp.set_error_handler(ignore_error)
    docs = list(nlp.pipe(TEXTS * 2, n_process=2, batch_size=1))
    assert [doc.text for doc in docs] == ["Anna lives", "in Oslo"] * 2


def test_a_handler_is_no_part_of_what_is_saved(nlp, tmp_path, monkeypatch):
    log = Log()
    nlp.set_error_handler(log)
    nlp.to_disk(tmp_path)
    loaded = spacy.load(tmp_path)
    fail_in(loaded, "transformer", monkeypatch)
    with pytest.raises(RuntimeError, match="FAIL here"):
        list(loaded.pipe(TEXTS))
    # One that was set before weights are loaded into the pipeline stays
    loaded.set_error_handler(log)
    loaded.from_disk(tmp_path)
    assert len(list(loaded.pipe(TEXTS))) == 2
    assert len(log.found) == 1
