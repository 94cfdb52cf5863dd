import numpy
import pytest
import spacy
import torch
from safetensors.torch import load

from tests.checkpoints import save_checkpoint
from tests.pipelines import tagger_pipeline
from tests.reliability.encoder_files import WEIGHTS, read_saved

TEXT = "Anna lives in Oslo ."


def test_half_precision_is_half_the_size(bert, tmp_path):
    sizes = {}
    for kind in ("fp32", "fp16"):
        nlp = tagger_pipeline(bert, saved_precision=kind)
        nlp.to_disk(tmp_path / kind)
        sizes[kind] = (tmp_path / kind / "transformer" / "model").stat().st_size
    weights = sum(p.numel() for p in nlp.get_pipe("transformer").model.transformer.parameters())
    assert sizes["fp32"] - sizes["fp16"] == pytest.approx(2 * weights, rel=0.1)
    loaded = spacy.load(tmp_path / "fp16")
    parameters = list(loaded.get_pipe("transformer").model.transformer.parameters())
    assert {p.dtype for p in parameters} == {torch.float32}
    first, second = (each(TEXT) for each in (nlp, loaded))
    assert [t.tag_ for t in first] == [t.tag_ for t in second]


def test_weights_that_are_shared_are_saved_once(tmp_path):
    """As T5's embeddings, under two names."""
    nlp = tagger_pipeline(save_checkpoint("mt5", tmp_path / "mt5"), saved_precision="fp16")
    nlp.to_disk(tmp_path / "saved")
    weights = load(read_saved(tmp_path / "saved")[WEIGHTS])
    transformer = nlp.get_pipe("transformer").model.transformer
    assert sum(w.numel() for w in weights.values()) == transformer.num_parameters()
    embeddings = spacy.load(tmp_path / "saved").get_pipe("transformer").model.transformer.shared
    assert torch.equal(embeddings.weight, transformer.shared.weight.half().float())


def test_what_was_loaded_is_saved_without_loss(bert, tmp_path):
    tagger_pipeline(bert, saved_precision="fp16").to_disk(tmp_path / "once")
    loaded = spacy.load(tmp_path / "once")
    loaded.to_disk(tmp_path / "twice")
    vectors = []
    for name in ("once", "twice"):
        transformer = spacy.load(tmp_path / name).get_pipe("transformer")
        (data,) = transformer.predict([loaded.make_doc(TEXT)]).doc_data
        vectors.append(data.model_output.last_hidden_state)
    numpy.testing.assert_array_equal(*vectors)


def test_a_weight_that_is_too_large_is_an_error(bert, tmp_path):
    nlp = tagger_pipeline(bert, saved_precision="fp16")
    with torch.no_grad():
        next(nlp.get_pipe("transformer").model.transformer.parameters())[0, 0] = 1e6
    with pytest.raises(ValueError, match=r'above 65,504; set saved_precision = "fp32"'):
        nlp.to_disk(tmp_path / "out")
