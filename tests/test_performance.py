"""Counts that speed and memory hang on, which don't drift with the machine as times do."""

from itertools import islice
from pathlib import Path

import pytest
import spacy
import torch
from spacy.tokens import Doc
from spacy.util import load_config, load_model_from_config
from spacy.vocab import Vocab

from spacy_dlfa.corpora.conllu import read_conllu
from spacy_dlfa.encoder.encoder import BATCH_SIZES
from spacy_dlfa.encoder.packed_encoder import PackedEncoder, round_up
from spacy_dlfa.encoder.packed_layers import PackedLinear

ROOT = Path(__file__).parent.parent
LANGUAGES = ["en_pud", "de_pud", "zh_pud"]
WIDTH = 256
#: Of a float32
BYTES = 4


@pytest.fixture(scope="module")
def nlp():
    """The embedded encoder with its real tokenizer, in the project's own config."""
    config = load_config(
        ROOT / "configs" / "tagger.cfg",
        overrides={
            "vars.backbone": str(ROOT / "assets/mini-mbert"),
            "components.tagger.model.tok2vec.fusion.@layers": "spacy_dlfa.DLFA.v1",
        },
    )
    nlp = load_model_from_config(config, auto_fill=True)
    nlp.initialize(lambda: [example(nlp)])
    return nlp


def example(nlp):
    return spacy.training.Example.from_dict(nlp.make_doc("a b"), {"tags": ["X", "Y"]})


@pytest.fixture(scope="module")
def sentences():
    """Sentences of several languages, in the order of the files."""
    paths = [ROOT / "assets" / "pos" / "test" / f"{name}.conllu" for name in LANGUAGES]
    return [doc.text for path in paths for doc in islice(read_conllu(path, Vocab()), 150)]


@pytest.fixture
def batches(monkeypatch):
    """The numbers of wordpieces that the encoder is asked to encode at a time, without doing it."""
    seen = []

    def encode(self, ids, where, segments, outputs):
        seen.append(len(ids))
        return {key: torch.zeros(len(ids), WIDTH) for key in outputs}

    monkeypatch.setattr(PackedEncoder, "encode", encode)
    return seen


def test_padding(nlp, sentences, batches):
    """Every wordpiece is encoded once, and no padding, whatever the order of the texts."""
    list(nlp.pipe(sentences))
    tokenizer = nlp.get_pipe("transformer").model.tokenizer
    assert sum(batches) == sum(map(len, tokenizer(sentences)["input_ids"]))


def test_forward_passes(nlp, sentences, batches):
    list(nlp.pipe(sentences))
    # Batches are full, but for one of each group of documents that are encoded together.
    assert len(batches) < 2.5 * sum(batches) / BATCH_SIZES["cpu"]
    batches.clear()
    nlp(sentences[0])
    assert len(batches) == 1


@pytest.mark.parametrize("copies", [3, 60])
def test_long_documents(nlp, sentences, batches, copies):
    """A document of any length is encoded in batches of a bounded size, little of it twice."""
    doc = nlp.make_doc(" ".join(sentences[:100] * copies))
    nlp(doc)
    assert max(batches) <= BATCH_SIZES["cpu"]
    (length,) = map(len, nlp.get_pipe("transformer").model.tokenizer([doc.text])["input_ids"])
    assert sum(batches) < 1.25 * length


def test_nothing_stays_on_documents(nlp, sentences):
    docs = list(nlp.pipe(sentences[:20]))
    for doc in docs:
        assert doc._.trf_data is None
        # A word takes 100 bytes or so, its vectors would take 2,048.
        assert len(doc.to_bytes()) < 2000 + 200 * len(doc)


def test_what_belongs_to_a_document_is_not_copied(nlp, sentences):
    docs = [nlp.make_doc(text) for text in sentences[:20]]
    with nlp.select_pipes(enable=["transformer"]):
        docs = list(nlp.pipe(docs))
    for layer in range(2):
        arrays = [doc._.trf_data.model_output.to_tuple()[layer] for doc in docs]
        (batch,) = {id(array.base): array.base for array in arrays}.values()
        wordpieces = sum(sum(doc._.trf_data.wordpieces.lengths) for doc in docs)
        assert batch.nbytes == BYTES * WIDTH * wordpieces


def test_inference_copies_only_the_weights_of_linear_layers(nlp, sentences):
    nlp(sentences[0])
    shim = nlp.get_pipe("transformer").model.shim
    own = {p.data_ptr() for p in shim._model.parameters()}
    (kind,) = shim._packings()
    packed = shim._inference_model(kind)
    assert {p.data_ptr() for p in packed.parameters()} < own
    linear = [module for module in packed.modules() if isinstance(module, PackedLinear)]
    layers = shim.hf_model.transformer.config.num_hidden_layers
    # Query, key and value in one
    assert len(linear) == 4 * layers
    # Packed once, not for each call
    nlp(sentences[1])
    assert shim._inference_model(kind) is packed


def test_linear_layers_see_few_shapes(nlp, sentences, monkeypatch):
    """oneDNN prepares each product for its number of rows, which is slow."""
    shapes, batches = [], []
    plain, encode = PackedLinear.forward, PackedEncoder.encode

    def forward(self, rows):
        shapes.append(tuple(rows.shape))
        return plain(self, rows)

    def count(self, ids, where, segments, outputs):
        batches.append(len(ids))
        return encode(self, ids, where, segments, outputs)

    monkeypatch.setattr(PackedLinear, "forward", forward)
    monkeypatch.setattr(PackedEncoder, "encode", count)
    list(nlp.pipe(sentences[:300]))
    assert len({rows for _, rows, _ in shapes}) < 0.75 * len(set(batches))
    # What is added to come to such a number is little.
    widest = max(width for _, _, width in shapes)
    rows = sum(rows for _, rows, width in shapes if width == widest)
    layers = nlp.get_pipe("transformer").model.transformer.config.num_hidden_layers
    assert rows < 1.06 * layers * sum(batches)


@pytest.mark.parametrize(
    ("rows", "rounded"),
    [(1, 8), (8, 8), (9, 16), (128, 128), (129, 144), (999, 1024), (1024, 1024)],
)
def test_numbers_of_rows_are_rounded_up(rows, rounded):
    assert round_up(rows) == rounded


def test_empty_documents_are_not_encoded(nlp, batches):
    list(nlp.pipe(["", "", ""]))
    nlp(Doc(nlp.vocab))
    assert batches == []
