"""Which layers the transformer puts out: those that listeners read, whoever they are."""

import dataclasses
import warnings

import numpy as np
import pytest
import spacy
from spacy.tokens import DocBin
from spacy.util import fix_random_seed
from spacy_transformers.data_classes import TransformerData
from thinc.api import Adam
from transformers.file_utils import ModelOutput

from spacy_dlfa.pipeline.training_step import TrainingStep
from tests.checkpoints import LAYERS
from tests.pipelines import (
    DLFA,
    SENTENCES,
    listener_config,
    tag_examples,
    tagger_config,
    tagger_pipeline,
    transformer_config,
)

MIX = {"@layers": "spacy_dlfa.ScalarMix.v1", "layers": "all"}
LAST = {"@layers": "spacy_dlfa.LastLayer.v1"}
LOWER = {"@layers": "spacy_dlfa.LowerLayer.v1"}
MEAN = {"@layers": "spacy_dlfa.LayerMean.v1"}
# Windows of several lengths, white space, and nothing
TEXTS = [SENTENCES[0][0], "", "Berlin is big " * 9, "  ", "Anna \n\n lives"]
STOCK = {
    "@architectures": "spacy-transformers.TransformerListener.v1",
    "pooling": {"@layers": "reduce_mean.v1"},
}


def outputs_of(nlp):
    """The layers that come, by name."""
    return list(nlp.get_pipe("transformer")(nlp.make_doc("Anna"))._.trf_data.model_output)


def layers_of(nlp):
    """The hidden layers that come besides the last."""
    last, *others = outputs_of(nlp)
    assert last == "last_hidden_state"
    return [int(name.removeprefix("layer_")) for name in others]


def computed(nlp):
    """How many layers of the encoder are computed."""
    seen = set()
    for index, layer in enumerate(nlp.get_pipe("transformer").model.transformer.encoder.layer):
        layer.register_forward_pre_hook(lambda *_, index=index: seen.add(index))
    nlp.update(tag_examples(nlp), sgd=nlp.resume_training())
    return len(seen)


def vectors(nlp, docs, name="tagger"):
    return nlp.get_pipe(name).model.get_ref("tok2vec").predict(docs)


@pytest.mark.parametrize(
    ("fusion", "layers"), [(DLFA, [2]), (LAST, []), (MIX, list(range(LAYERS)))], ids=str
)
def test_layers_of_a_fusion(bert, tmp_path, fusion, layers):
    nlp = tagger_pipeline(bert, fusion=fusion)
    assert layers_of(nlp) == layers
    nlp.to_disk(tmp_path)
    assert layers_of(spacy.load(tmp_path)) == layers
    again = spacy.blank("xx").from_config(nlp.config).from_bytes(nlp.to_bytes())
    assert layers_of(again) == layers


def test_layers_follow_the_components(bert):
    nlp, other = tagger_pipeline(bert, layer=1), tagger_pipeline(bert, layer=3)
    expected = vectors(other, list(other.pipe(TEXTS)))
    nlp.get_pipe("transformer").from_bytes(other.get_pipe("transformer").to_bytes())
    nlp.add_pipe("tagger", name="second", source=other)
    assert layers_of(nlp) == [1, 3]
    for found, wanted in zip(vectors(nlp, list(nlp.pipe(TEXTS)), "second"), expected, strict=True):
        np.testing.assert_array_equal(found, wanted)
    nlp.replace_listeners("transformer", "second", ["model.tok2vec"])
    assert layers_of(nlp) == [1]
    nlp.remove_pipe("tagger")
    assert layers_of(nlp) == []
    for found, wanted in zip(vectors(nlp, list(nlp.pipe(TEXTS)), "second"), expected, strict=True):
        np.testing.assert_array_equal(found, wanted)


def test_configured_layers_come_too(bert):
    nlp = tagger_pipeline(bert, layer=1, hidden_layers=[0, 3, 0])
    assert layers_of(nlp) == [0, 1, 3]


def test_an_encoder_of_its_own(bert, tmp_path):
    """Settings without hidden_layers; all of them for a mix."""
    for fusion in (DLFA, MIX):
        tok2vec = {
            **transformer_config(bert)["model"],
            **listener_config(2, fusion),
            "@architectures": "spacy_dlfa.DLFATok2Vec.v1",
        }
        nlp = spacy.blank("xx")
        model = {"@architectures": "spacy.Tagger.v2", "tok2vec": tok2vec}
        nlp.add_pipe("tagger", config={"model": model})
        nlp.initialize(lambda nlp=nlp: tag_examples(nlp))
        nlp.update(tag_examples(nlp), sgd=nlp.resume_training())
        nlp.to_disk(tmp_path)
        loaded = spacy.load(tmp_path)
        docs = [nlp.make_doc(text) for text in TEXTS]
        for found, wanted in zip(vectors(loaded, docs), vectors(nlp, docs), strict=True):
            np.testing.assert_array_equal(found, wanted)


def test_a_tok2vec_component_with_an_encoder_is_replaced(bert):
    model = {
        **transformer_config(bert)["model"],
        **listener_config(2),
        "@architectures": "spacy_dlfa.DLFATok2Vec.v1",
    }
    nlp = spacy.blank("xx")
    nlp.add_pipe("tok2vec", config={"model": model})
    width = tagger_pipeline(bert).get_pipe("transformer").model.get_dim("nO")
    listener = {"@architectures": "spacy.Tok2VecListener.v1", "width": width}
    nlp.add_pipe(
        "tagger", config={"model": {"@architectures": "spacy.Tagger.v2", "tok2vec": listener}}
    )
    nlp.initialize(lambda: tag_examples(nlp))
    expected = [nlp(text).tensor for text in TEXTS[:1]]
    nlp.replace_listeners("tok2vec", "tagger", ["model.tok2vec"])
    found = vectors(nlp, [nlp.make_doc(text) for text in TEXTS[:1]])
    np.testing.assert_array_equal(found, expected)


def test_gradients_are_of_layers_that_are_read(bert, monkeypatch):
    """One array each, without padding, and none for layers that another component reads."""
    sent = {}
    add = TrainingStep.add

    def record(self, component, gradients):
        sent[component] = {key: array.shape for key, array in gradients.items()}
        add(self, component, gradients)

    monkeypatch.setattr(TrainingStep, "add", record)
    nlp = spacy.blank("xx")
    nlp.add_pipe("dlfa_transformer", name="transformer", config=transformer_config(bert))
    nlp.add_pipe("tagger", name="lower", config=tagger_config(1))
    nlp.add_pipe("tagger", name="last", config=tagger_config(3, LAST))
    stock = {"@architectures": "spacy.Tagger.v2", "tok2vec": STOCK}
    nlp.add_pipe("tagger", name="stock", config={"model": stock})
    nlp.initialize(lambda: tag_examples(nlp))
    examples = tag_examples(nlp)
    nlp.update(examples, sgd=nlp.resume_training())
    encoded = nlp.get_pipe("transformer").predict([example.predicted for example in examples])
    shape = (sum(encoded.wordpieces.lengths), nlp.get_pipe("transformer").model.get_dim("nO"))
    assert sent == {
        "lower": {"layer_1": shape, "last_hidden_state": shape},
        "last": {"last_hidden_state": shape},
        "stock": {"last_hidden_state": shape},
    }


@pytest.fixture(scope="module")
def nlp(bert):
    return tagger_pipeline(bert)


def test_who_reads_a_document_finds_it_as_in_spacy_transformers(nlp):
    """Padded, with an alignment that points at the wordpieces of each token."""
    for text in TEXTS:
        doc = nlp(text)
        data = doc._.trf_data
        assert isinstance(data, TransformerData)
        assert len(data.align.lengths) == len(doc)
        if not text:
            assert (data.tensors, len(data.wordpieces)) == ((), 0)
            continue
        shape = data.wordpieces.input_ids.shape
        assert data.wordpieces.attention_mask.shape == shape
        assert data.wordpieces.attention_mask.sum(axis=1).tolist() == data.wordpieces.lengths
        assert [tensor.shape for tensor in data.tensors] == [(*shape, data.width)] * 2
        assert data.model_output.last_hidden_state is data.tensors[0]
        ids = data.wordpieces.input_ids.flatten()
        pieces = nlp.get_pipe("transformer").model.tokenizer.convert_ids_to_tokens(ids)
        for i, token in enumerate(doc):
            own = {pieces[row].removeprefix("##") for row in data.align[i].dataXd.flatten()}
            assert own == set(token.text.strip())
    assert len({tuple(nlp(text)._.trf_data.wordpieces.lengths) for text in TEXTS}) > 2


def test_vectors_of_documents_that_were_stored(nlp):
    """They come back padded, as stock TransformerData."""
    docs = list(nlp.pipe(TEXTS))
    stored = DocBin(docs=docs, store_user_data=True).to_bytes()
    restored = list(DocBin().from_bytes(stored).get_docs(nlp.vocab))
    assert {type(doc._.trf_data) for doc in restored} == {TransformerData}
    for found, wanted in zip(vectors(nlp, restored), vectors(nlp, docs), strict=True):
        np.testing.assert_array_equal(found, wanted)


def test_extra_annotations_find_the_whole_batch(nlp, monkeypatch):
    seen = []
    transformer = nlp.get_pipe("transformer")
    monkeypatch.setattr(transformer, "set_extra_annotations", lambda *found: seen.append(found))
    list(transformer.pipe([nlp.make_doc(text) for text in TEXTS]))
    for docs, batch in seen:
        flat = batch.model_output.last_hidden_state.flatten(0, 1).numpy()
        assert flat.shape == (batch.wordpieces.input_ids.size, flat.shape[1])
        ends = np.cumsum(batch.align.lengths)[:-1]
        rows = iter(np.split(flat[batch.align.dataXd], ends))
        for doc in docs:
            own = doc._.trf_data
            if not len(doc):
                continue
            last = own.model_output.last_hidden_state.reshape(-1, own.width)
            for i in range(len(doc)):
                np.testing.assert_array_equal(next(rows), last[own.align[i].dataXd.flatten()])
    assert sum(len(docs) for docs, _ in seen) == len(TEXTS)


def halve_in_place(docs, batch):
    for data in batch.doc_data:
        for layer in data.model_output.values():
            layer *= 0.5


def halve_a_copy(docs, batch):
    for doc, data in zip(docs, batch.doc_data, strict=True):
        halves = ModelOutput({key: layer / 2 for key, layer in data.model_output.items()})
        doc._.trf_data = dataclasses.replace(data, model_output=halves)


@pytest.mark.parametrize("halve", [halve_in_place, halve_a_copy])
def test_listeners_read_what_extra_annotations_have_written(bert, monkeypatch, halve):
    """As in spacy-transformers, whether or not windows are padded."""
    nlp = tagger_pipeline(bert, fusion=LAST)
    before = vectors(nlp, list(nlp.pipe(TEXTS)))
    monkeypatch.setattr(nlp.get_pipe("transformer"), "set_extra_annotations", halve)
    for found, wanted in zip(vectors(nlp, list(nlp.pipe(TEXTS))), before, strict=True):
        np.testing.assert_allclose(found, wanted / 2, rtol=1e-6)


def test_no_layer_is_computed_above_the_deepest_that_is_read(bert, tmp_path):
    """In training and in prediction, packed or not; whoever reads more gets more."""
    nlp = tagger_pipeline(bert, layer=2, fusion=LOWER)
    assert outputs_of(nlp) == ["layer_2"]
    assert computed(nlp) == 2
    nlp.to_disk(tmp_path)
    loaded = spacy.load(tmp_path)
    assert outputs_of(loaded) == ["layer_2"]
    for packed in (True, False):
        other = spacy.load(tmp_path, config={"components.transformer.model.packed": packed})
        found = vectors(other, list(other.pipe(TEXTS)))
        for one, wanted in zip(found, vectors(nlp, list(nlp.pipe(TEXTS))), strict=True):
            np.testing.assert_allclose(one, wanted, atol=1e-5)
    nlp.add_pipe("tagger", name="pair", source=tagger_pipeline(bert, layer=1, upper=3))
    assert outputs_of(nlp) == ["layer_1", "layer_2", "layer_3"]
    assert computed(nlp) == 3
    stock = {"@architectures": "spacy.Tagger.v2", "tok2vec": STOCK}
    nlp.add_pipe("tagger", name="stock", config={"model": stock})
    nlp.get_pipe("stock").initialize(lambda: tag_examples(nlp), nlp=nlp)
    assert outputs_of(nlp) == ["last_hidden_state", "layer_1", "layer_2", "layer_3"]
    assert computed(nlp) == LAYERS
    for name in ("stock", "pair", "tagger"):
        nlp.remove_pipe(name)
    # Who takes the output of an encoder alone
    assert outputs_of(nlp) == ["last_hidden_state"]


@pytest.mark.parametrize("fusion", [DLFA, LAST, MIX, MEAN], ids=str)
def test_an_upper_layer_is_the_last_of_an_encoder_that_is_cut_there(bert, fusion):
    trained = []
    for settings in ({"upper": 3}, {"transformer_config": {"num_hidden_layers": 3}}):
        fix_random_seed(0)
        nlp = tagger_pipeline(bert, layer=1, fusion=fusion, **settings)
        for _ in range(3):
            nlp.update(tag_examples(nlp), sgd=Adam(0.01))
        trained.append(vectors(nlp, list(nlp.pipe(TEXTS))))
    for found, wanted in zip(*trained, strict=True):
        np.testing.assert_allclose(found, wanted, atol=1e-5)


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        ({"layer": 3, "upper": 2}, "layer = 3 does not lie under upper = 2"),
        ({"layer": 3, "upper": 3}, "layer = 3 does not lie under upper = 3"),
        ({"upper": LAYERS + 1}, f"upper = {LAYERS + 1}, but the encoder has {LAYERS} layers"),
        ({"layer": LAYERS + 1, "fusion": LOWER}, f"layer = {LAYERS + 1}, but the encoder has"),
    ],
)
def test_layers_that_make_no_pair(bert, settings, found):
    with pytest.raises(ValueError, match=found):
        tagger_pipeline(bert, **settings)


def test_the_last_layer_beside_itself_is_said_to_be_no_pair(bert, tmp_path):
    with pytest.warns(UserWarning, match=rf"DL912.*layer = {LAYERS} is the encoder's last layer"):
        nlp = tagger_pipeline(bert, layer=LAYERS)
    nlp.to_disk(tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        loaded = spacy.load(tmp_path)
        tagger_pipeline(bert, layer=LAYERS, fusion=LOWER)
    last = tagger_pipeline(bert, fusion=LAST)
    expected = vectors(last, list(last.pipe(TEXTS)))
    for found, wanted in zip(vectors(loaded, list(loaded.pipe(TEXTS))), expected, strict=True):
        np.testing.assert_allclose(found, wanted, atol=1e-5)


def test_frozen_layers_take_no_gradient(bert):
    """The component above them learns."""
    nlp = tagger_pipeline(bert, layer=2, fusion=LOWER, freeze_below=3)
    weights = nlp.get_pipe("transformer").model.transformer.state_dict()
    before = {name: tensor.clone() for name, tensor in weights.items()}
    losses = [nlp.update(tag_examples(nlp), sgd=Adam(0.1))["tagger"] for _ in range(5)]
    assert losses[-1] < losses[0]
    assert all((tensor == weights[name]).all() for name, tensor in before.items())
