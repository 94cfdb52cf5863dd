import dataclasses

import numpy as np
import pytest
import spacy
from spacy.tokens import Doc
from transformers import BertModel, MT5EncoderModel

from spacy_dlfa.pipeline.transformer_model import TransformerModel
from spacy_dlfa.study.sweep import features as features_module
from spacy_dlfa.study.sweep.cached_transformer import cached_transformer
from spacy_dlfa.study.sweep.features import Features, key_of, write_features
from tests.checkpoints import LAYERS, LETTERS, SPECIAL, save_checkpoint
from tests.pipelines import SENTENCES, tagger_pipeline, transformer_config

LONG = "Anna lives in Oslo . " * 6
TEXTS = [text for text, _ in SENTENCES] + [
    LONG,
    "a",
    " \n ",
    "Anna  lives",
    "我住在北京",
    LONG + "x",
]
LAYER_KEYS = ["last_hidden_state", *(f"layer_{k}" for k in range(LAYERS))]
#: float16 keeps 11 bits; hidden states are below 8 here.
ROUNDING = 8 / 2**11


def encoder_pipeline(encoder, hidden_layers=range(LAYERS)):
    nlp = spacy.blank("xx")
    config = transformer_config(encoder, hidden_layers=list(hidden_layers))
    nlp.add_pipe("dlfa_transformer", name="transformer", config=config)
    nlp.initialize()
    return nlp


@pytest.fixture(scope="module")
def nlp(bert):
    return encoder_pipeline(bert)


@pytest.fixture(scope="module")
def folder(nlp, tmp_path_factory):
    docs = [nlp.make_doc(text) for text in [*TEXTS, "", TEXTS[0]]]
    return write_features(nlp, docs, tmp_path_factory.mktemp("features"), "train")


@pytest.fixture(scope="module")
def features(folder):
    return Features(folder)


@pytest.mark.parametrize("text", TEXTS)
def test_what_is_looked_up_is_what_is_encoded(nlp, features, text):
    doc = nlp(text)
    expected = doc._.trf_data
    found = features.get(key_of(doc), LAYER_KEYS)
    assert list(found.model_output) == list(expected.model_output) == LAYER_KEYS
    np.testing.assert_array_equal(
        found.wordpieces.attention_mask, expected.wordpieces.attention_mask
    )
    np.testing.assert_array_equal(found.align.lengths, expected.align.lengths)
    np.testing.assert_array_equal(found.align.dataXd, expected.align.dataXd)
    real = np.asarray(expected.wordpieces.attention_mask) > 0
    for layer in LAYER_KEYS:
        assert found.model_output[layer].dtype == np.float32
        np.testing.assert_allclose(
            found.model_output[layer][real], expected.model_output[layer][real], atol=ROUNDING
        )


def test_several_windows_are_covered(nlp):
    assert len(nlp(LONG)._.trf_data.wordpieces) > 1


def test_equal_documents_are_kept_once(nlp, folder):
    with np.load(folder / "index.npz") as index:
        assert len(index["keys"]) == len(TEXTS)


def test_words_and_spaces_make_the_key(nlp):
    docs = [
        Doc(nlp.vocab, words=["ab", "c"], spaces=[True, False]),
        Doc(nlp.vocab, words=["ab", "c"], spaces=[False, False]),
        Doc(nlp.vocab, words=["a", "bc"], spaces=[False, False]),
        Doc(nlp.vocab, words=["abc"], spaces=[False]),
    ]
    assert len({key_of(doc) for doc in docs}) == len(docs)
    other = Doc(spacy.blank("xx").vocab, words=["ab", "c"], spaces=[True, False])
    assert key_of(other) == key_of(docs[0])


def test_a_corpus_is_encoded_once(nlp, folder):
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    docs = [nlp.make_doc(text) for text in TEXTS]
    assert write_features(nlp, docs, folder.parent, "train") == folder
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def test_another_encoder_window_or_text_is_another_folder(nlp, folder, bert, tmp_path):
    docs = [nlp.make_doc(text) for text in TEXTS]
    other = save_checkpoint("bert", tmp_path / "other")
    encoder = BertModel.from_pretrained(other)
    encoder.embeddings.word_embeddings.weight.data[7] += 1
    encoder.save_pretrained(other)
    windows = spacy.blank("xx")
    settings = transformer_config(bert, hidden_layers=list(range(LAYERS)))
    settings["model"]["get_spans"]["stride"] = 5
    windows.add_pipe("dlfa_transformer", name="transformer", config=settings)
    windows.initialize()
    folders = [
        write_features(encoder_pipeline(other), docs, tmp_path / "features", "train"),
        write_features(windows, docs, tmp_path / "features", "train"),
        write_features(nlp, docs[1:], tmp_path / "features", "train"),
    ]
    assert len({folder.name, *(path.name for path in folders)}) == 4


def test_features_are_written_whole_or_not_at_all(nlp, tmp_path):
    class BrokenError(Exception):
        pass

    transformer = nlp.get_pipe("transformer")
    pipe = transformer.pipe

    def breaks_later(docs, **settings):
        yield from list(pipe(docs, **settings))[:2]
        raise BrokenError

    transformer.pipe = breaks_later
    try:
        with pytest.raises(BrokenError):
            write_features(nlp, [nlp.make_doc(text) for text in TEXTS], tmp_path, "train")
    finally:
        del transformer.pipe
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("layer", range(LAYERS))
def test_predictions_are_those_of_the_encoder(bert, features, layer):
    nlp = tagger_pipeline(bert, layer)
    optimizer = nlp.resume_training()
    examples = [spacy.training.Example.from_dict(nlp.make_doc(TEXTS[0]), {"tags": SENTENCES[0][1]})]
    for _ in range(5):
        nlp.update(examples, sgd=optimizer)
    # A fresh encoder, the one that the features are of.
    source = encoder_pipeline(bert, [layer])
    nlp.get_pipe("transformer").from_bytes(source.get_pipe("transformer").to_bytes())
    tagger = nlp.get_pipe("tagger")
    texts = [*TEXTS, "unknown to the features", ""]
    expected = [tagger.model.predict([nlp(text)])[0] for text in texts]
    transformer = nlp.get_pipe("transformer")
    encoder = transformer.model
    transformer.model = cached_transformer(encoder, [features])
    calls = []
    encode = encoder._func
    encoder._func = lambda model, docs, is_train: (
        calls.append([doc.text for doc in docs]) or encode(model, docs, is_train)
    )
    docs = list(nlp.pipe(texts))
    assert calls == [["unknown to the features"]]
    for found, wanted in zip(tagger.model.predict(docs), expected):
        np.testing.assert_allclose(found, wanted, atol=0.02)


def test_layers_with_numbers_beyond_half_precision_are_kept(tmp_path):
    """As mT5 has them; here one letter has, in the last document that is written."""
    encoder = save_checkpoint("mt5", tmp_path / "mt5")
    model = MT5EncoderModel.from_pretrained(encoder)
    model.shared.weight.data[len(SPECIAL) + LETTERS.index("x")] *= 1e6
    model.save_pretrained(encoder)
    nlp = encoder_pipeline(encoder)
    docs = [nlp.make_doc(text) for text in TEXTS]
    found = Features(write_features(nlp, docs, tmp_path / "features", "train"))
    largest = 0
    for doc in docs:
        expected = nlp(doc.text)._.trf_data
        real = np.asarray(expected.wordpieces.attention_mask) > 0
        for layer, output in found.get(key_of(doc), LAYER_KEYS).model_output.items():
            wanted = expected.model_output[layer][real]
            np.testing.assert_allclose(output[real], wanted, rtol=2**-10, atol=ROUNDING)
            largest = max(largest, abs(wanted).max())
    assert largest > np.finfo("float16").max


def test_the_first_features_that_know_a_document_serve_it(bert, features, tmp_path):
    nlp = encoder_pipeline(bert, [1])
    doc = nlp.make_doc("in the second only")
    second = Features(write_features(encoder_pipeline(bert), [doc], tmp_path, "dev"))
    transformer = nlp.get_pipe("transformer")
    expected = nlp(doc.text)._.trf_data.model_output["layer_1"]
    assert isinstance(transformer.model, TransformerModel)
    transformer.model = cached_transformer(transformer.model, [features, second])
    found = dataclasses.asdict(nlp(doc.text)._.trf_data)["model_output"]["layer_1"]
    np.testing.assert_allclose(found, expected, atol=ROUNDING)


def test_two_processes_write_the_same_features(nlp, tmp_path, monkeypatch):
    docs = [nlp.make_doc(text) for text in TEXTS]
    write = features_module._write

    def write_twice(*arguments):
        monkeypatch.setattr(features_module, "_write", write)
        write(*arguments)
        # An orphan of a killed sweep is done with them at this moment.
        write_features(nlp, docs, tmp_path, "train")

    monkeypatch.setattr(features_module, "_write", write_twice)
    folder = write_features(nlp, docs, tmp_path, "train")
    assert list(tmp_path.iterdir()) == [folder]
    assert key_of(docs[0]) in Features(folder)
