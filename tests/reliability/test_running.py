"""Running that hurts; the numbers are those of docs/reliability.md."""

import json
import os
import pickle
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
import spacy
import torch
from spacy.tokens import Doc, DocBin
from spacy.util import raise_error

from tests.reliability.pipelines import assert_same, examples, labels, ours, weights
from tests.reliability.texts import TEXTS

# A batch that only succeeds one by one would hide a fault.
pytestmark = pytest.mark.filterwarnings("error:.*failed together")
TEXT = "Anna lives in Oslo ."
BOOKS = [TEXT, "", "Berlin is big", "  ", "She works for Acme " * 30, "我住在北京", "Anna " * 200]


@pytest.fixture
def failing(trained, monkeypatch):
    """The pipeline, whose encoder raises an error for documents with a word, and its calls."""

    def fail(error, word="FAIL", smallest=1):
        predict = trained.get_pipe("transformer").predict
        calls = []

        def predict_or_fail(docs):
            calls.append(len(docs))
            if len(docs) >= smallest and any(token.text == word for doc in docs for token in doc):
                raise error
            return predict(docs)

        monkeypatch.setattr(trained.get_pipe("transformer"), "predict", predict_or_fail)
        return calls

    return fail


@pytest.fixture
def handled(trained):
    """What went to the error handler."""
    found = []
    component = trained.get_pipe("transformer")
    component.set_error_handler(lambda name, _, docs, error: found.append((name, docs, error)))
    yield found
    component.set_error_handler(raise_error)


@pytest.mark.parametrize("batch_size", [1, 2, 7, 64])
@pytest.mark.parametrize("seed", [None, 0])
def test_batches_and_order_change_nothing(trained, batch_size, seed):
    """Fault 59: each document alone, or in batches, in any order."""
    texts = BOOKS if seed is None else random.Random(seed).sample(BOOKS, len(BOOKS))
    docs = list(trained.pipe(texts, batch_size=batch_size))
    assert_same(trained, docs, [trained(text) for text in texts])


@pytest.mark.parametrize(("max_batch_items", "num_batches"), [(1, 7), (8, 5), (10_000, 1)])
def test_batches_of_words_change_nothing(trained, monkeypatch, max_batch_items, num_batches):
    """Fault 59: however many words are encoded together, which are no more than is set."""
    expected = list(trained.pipe(BOOKS))
    component, batches = trained.get_pipe("transformer"), []
    predict = component.predict

    def count(docs):
        batches.append([len(doc) for doc in docs])
        return predict(docs)

    monkeypatch.setattr(component, "predict", count)
    monkeypatch.setitem(component.cfg, "max_batch_items", max_batch_items)
    assert_same(trained, list(trained.pipe(BOOKS)), expected)
    assert len(batches) == num_batches
    for lengths in batches:
        assert len(lengths) * max(lengths) <= max(max_batch_items, *lengths)


def test_eight_threads(trained):
    """Fault 60: equal to one thread, and not a bit of the pipeline changes."""
    texts = [f"{text} {i}" for i in range(8) for text in BOOKS]
    before, expected = weights(trained), list(trained.pipe(texts))
    with ThreadPoolExecutor(8) as pool:
        assert_same(trained, list(pool.map(trained, texts)), expected)
        for docs in pool.map(lambda _: list(trained.pipe(texts[:20], batch_size=3)), range(8)):
            assert_same(trained, docs, expected[:20])
    assert weights(trained) == before


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        torch.OutOfMemoryError("CUDA out of memory"),
        RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate 9 bytes"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_out_of_memory(trained, failing, error):
    """Fault 63: a batch that does not fit is encoded one by one, and a warning says so."""
    texts = [TEXT, "FAIL is big", TEXT]
    expected = [trained(text) for text in texts]
    calls = failing(error, smallest=2)
    with pytest.warns(UserWarning, match=f"3 documents .* {type(error).__name__}.*max_batch_items"):
        docs = list(trained.pipe(texts))
    assert_same(trained, docs, expected)
    assert calls == [3, 1, 1, 1]


def test_out_of_memory_of_one_document(trained, failing):
    """Fault 63: what does not fit alone is an error that names it."""
    failing(MemoryError("12 GB"))
    with pytest.raises(RuntimeError, match=r"'FAIL is big' of 3 tokens: MemoryError: 12 GB.*split"):
        list(trained.pipe([TEXT, "FAIL is big"]))


@pytest.mark.parametrize("batch_size", [1, 2, 64])
def test_one_document_fails(trained, failing, handled, batch_size):
    """Fault 64: it goes alone to the error handler, the others come out in order."""
    error = OSError("broken")
    expected = [trained(text) for text in BOOKS]
    failing(error)
    texts = [*BOOKS[:3], "FAIL", *BOOKS[3:], "FAIL again"]
    assert_same(trained, list(trained.pipe(texts, batch_size=batch_size)), expected)
    assert [(name, [doc.text for doc in docs]) for name, docs, _ in handled] == [
        ("transformer", ["FAIL"]),
        ("transformer", ["FAIL again"]),
    ]
    assert {found.__cause__ for _, _, found in handled} == {error}


def test_annotations_that_fail(trained, monkeypatch, handled):
    """Fault 64: so does a document for which `set_extra_annotations` fails."""

    def annotate(docs, output):
        if any("FAIL" in doc.text for doc in docs):
            raise OSError

    monkeypatch.setattr(trained.get_pipe("transformer"), "set_extra_annotations", annotate)
    assert [doc.text for doc in trained.pipe([TEXT, "FAIL", TEXT])] == [TEXT, TEXT]
    assert len(handled) == 1


@pytest.mark.parametrize(
    ("error", "kind"), [(ValueError("x"), ValueError), (OSError("x"), RuntimeError)]
)
def test_errors_name_the_document(trained, failing, error, kind):
    """Fault 64: the default handler raises, and says which of a thousand texts it was."""
    failing(error)
    texts = ["FAIL" + " and so on" * 20]
    named = f"'FAIL and so on and so on and so on and s' of.*{type(error).__name__}: x"
    with pytest.raises(kind, match=named):
        list(trained.pipe([TEXT] * 10 + texts))
    with pytest.raises(kind, match="the text 'FAIL"):
        trained(texts[0])


def test_one_document_alone_fails(trained, failing, handled):
    """Fault 64: `nlp(text)` can't go on without it, as with spaCy's own components."""
    failing(OSError())
    with pytest.raises(ValueError, match="E005"):
        trained("FAIL")
    assert len(handled) == 1


def test_a_stream_that_fails(trained):
    """Fault 64: what came before comes out before the error does."""

    def stream():
        yield from map(trained.make_doc, BOOKS)
        raise OSError("the disk is gone")

    found = []
    with pytest.raises(OSError, match="the disk is gone"):
        found.extend(trained.get_pipe("transformer").pipe(stream(), batch_size=4))
    assert [doc.text for doc in found] == BOOKS
    # spaCy's own components hold back what does not fill a batch.
    found = []
    with pytest.raises(OSError, match="the disk is gone"):
        found.extend(trained.pipe(stream(), batch_size=3))
    assert [doc.text for doc in found] == BOOKS[:6]


def test_a_stream_is_read_a_batch_at_a_time(trained):
    """What takes long to come, or never ends, comes out as it comes."""
    numbers = iter(range(100))
    stream = (trained.make_doc(f"Text {number}") for number in numbers)
    assert next(trained.get_pipe("transformer").pipe(stream, batch_size=4)).text == "Text 0"
    assert next(numbers) == 4


def test_an_interrupt(trained, failing, monkeypatch):
    """Ctrl-C in the middle of a batch passes at once, and the pipeline works on."""
    before, expected = weights(trained), [trained(text) for text in BOOKS]
    calls = failing(KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt):
        list(trained.pipe([*BOOKS, "FAIL", *BOOKS]))
    assert len(calls) == 1
    assert_same(trained, list(trained.pipe(BOOKS)), expected)
    assert weights(trained) == before


def test_an_interrupt_inside_the_encoder(trained, monkeypatch):
    """Ctrl-C between two layers leaves nothing behind that changes a later result."""
    before, expected = weights(trained), trained(TEXT)
    shim = trained.get_pipe("transformer").model.shim
    predict = shim.predict

    def interrupt(inputs):
        predict(inputs)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(shim, "predict", interrupt)
        with pytest.raises(KeyboardInterrupt):
            trained(TEXT)
    assert_same(trained, [trained(TEXT)], [expected])
    assert weights(trained) == before


def through_docbin(nlp, doc):
    attrs = ["TAG", "ENT_IOB", "ENT_TYPE"]
    stored = DocBin(docs=[doc], attrs=attrs, store_user_data=True).to_bytes()
    return next(DocBin().from_bytes(stored).get_docs(nlp.vocab))


CONVERSIONS = {
    "bytes": lambda nlp, doc: Doc(nlp.vocab).from_bytes(doc.to_bytes()),
    "pickle": lambda nlp, doc: pickle.loads(pickle.dumps(doc)),
    "copy": lambda nlp, doc: doc.copy(),
    "span": lambda nlp, doc: doc[:].as_doc(),
    "DocBin": through_docbin,
}


@pytest.mark.parametrize("name", CONVERSIONS)
def test_documents_can_be_stored(trained, name):
    """Fault 67: documents keep their annotations, and go through the pipeline again."""
    doc = trained("Anna lives in Oslo .")
    stored = CONVERSIONS[name](trained, doc)
    assert labels(stored) == labels(doc)
    assert_same(trained, [trained(stored)], [doc])


def test_documents_can_be_changed(trained):
    """Fault 67: tokens that are merged behind the pipeline."""
    doc = trained("Anna lives in Oslo .")
    with doc.retokenize() as retokenizer:
        retokenizer.merge(doc[0:2])
    assert len(trained(doc)) == 4


@pytest.mark.slow
def test_no_device(tmp_path, trained):
    """Faults 68 and 70: without a GPU, in a locale of ASCII, with any hash seed: the same."""
    trained.to_disk(tmp_path)
    code = (
        "import json, sys, spacy; spacy.prefer_gpu(); nlp = spacy.load(sys.argv[1])\n"
        "docs = nlp.pipe(json.loads(sys.argv[2]))\n"
        "print(json.dumps([[(t.text, t.tag_, t.ent_type_) for t in doc] for doc in docs]))"
    )
    outputs = [
        subprocess.run(
            [sys.executable, "-c", code, str(tmp_path), json.dumps(BOOKS)],
            env={**os.environ, "CUDA_VISIBLE_DEVICES": "", **settings},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for settings in [
            # Without UTF-8, which Python takes there otherwise
            {"PYTHONHASHSEED": "0", "LC_ALL": "C", "PYTHONUTF8": "0"},
            {"PYTHONHASHSEED": "1"},
        ]
    ]
    here = [[[t.text, t.tag_, t.ent_type_] for t in doc] for doc in trained.pipe(BOOKS)]
    assert [json.loads(output) for output in outputs] == [here] * 2


def test_the_stock_component_takes_the_model(bert, trained):
    """`factory = "transformer"`, in pipelines saved with it, gives the same results.

    It can't be trained.
    """
    nlp = ours(bert, "transformer", hidden_layers=[1, 2])
    nlp.from_bytes(trained.to_bytes())
    assert type(nlp.get_pipe("transformer")).__module__ == "spacy_transformers.pipeline_component"
    assert_same(nlp, list(nlp.pipe(BOOKS)), list(trained.pipe(BOOKS)))
    before = weights(nlp)
    for train in (
        lambda: nlp.update(examples(nlp), sgd=nlp.resume_training()),
        lambda: nlp.initialize(lambda: examples(nlp)),
    ):
        with pytest.raises(ValueError, match='set its factory = "dlfa_transformer"'):
            train()
        assert weights(nlp)["transformer"] == before["transformer"]


def test_the_default_settings_make_a_component():
    nlp = spacy.blank("xx")
    component = nlp.add_pipe("dlfa_transformer")
    assert component.cfg == {"max_batch_items": 4096}
    model = nlp.config["components"]["dlfa_transformer"]["model"]
    assert (model["name"], model["hidden_layers"]) == ("bert-base-multilingual-cased", [])
    with pytest.raises(ValueError, match="Can't encode the text 'Anna'"):
        nlp("Anna")


def test_kept_documents_take_what_their_wordpieces_take(trained):
    """Fault 66: all documents are kept, and nothing besides their own vectors."""
    docs = list(trained.pipe(["Anna went home.", "Oslo", "a b c", ""] * 20, batch_size=7))
    outputs = [doc._.trf_data for doc in docs if doc._.trf_data.model_output]
    arrays = [array for output in outputs for array in output.model_output.values()]
    # Documents share the arrays of their batch.
    owners = [array if array.base is None else array.base for array in arrays]
    kept = sum({id(array): array.nbytes for array in owners}.values())
    wordpieces = sum(sum(output.wordpieces.lengths) for output in outputs)
    layers, width = len(outputs[0].model_output), arrays[0].shape[-1]
    assert kept == 4 * layers * width * wordpieces


def test_every_text_in_one_stream(trained):
    """All of the texts that hurt, together in batches."""
    texts = [text for _, _, text in TEXTS if len(text) < 5000]
    docs = list(trained.pipe(texts, batch_size=5))
    assert_same(trained, docs, [trained(text) for text in texts])
