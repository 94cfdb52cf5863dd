"""What each family of encoders in transformers gives here is what it gives there, or is refused."""

import pytest
import spacy
import torch
from spacy.tokens import Doc
from spacy_transformers.span_getters import get_doc_spans
from thinc.api import ArgsKwargs, reduce_mean

from spacy_dlfa.architectures import create_transformer_model
from spacy_dlfa.fusions.layer_mean import LayerMean
from spacy_dlfa.fusions.lower_layer import LowerLayer
from spacy_dlfa.pipeline.fuse_and_pool import fuse_and_pool
from tests.families import LAYERS, REFUSED, WIDTH, WORKING, save_family

SHORT = ["a"]
WORDS = [SHORT, ["b", "c", "d", "e", "f"], ["abc", "de"], ["f"] * 20]
ALL = list(range(LAYERS + 1))


def make(family, folder, settings, readers=()):
    model = create_transformer_model(
        save_family(family, folder, settings), get_doc_spans, hidden_layers=[] if readers else ALL
    )
    model.set_readers(readers)
    model.initialize()
    return model


def documents(words):
    vocab = spacy.blank("xx").vocab
    return [Doc(vocab, words=each) for each in words]


def encode(model, words):
    """The layers of each text, by name."""
    return [data.rows.layers for data in model.predict(documents(words)).doc_data]


@pytest.mark.parametrize("family", ["bert", "gpt2", "ibert", "squeezebert"])
def test_eight_bits_have_an_effect_on_linear_layers(family, tmp_path):
    """On others there is none, as the page on encoders says."""
    shim = make(family, tmp_path, WORKING[family], [reader(LayerMean(), 2)]).shim
    ids, lengths, outputs = torch.tensor([5, 6, 7]), torch.tensor([3]), ["last_hidden_state"]
    inputs = ArgsKwargs((ids, lengths, outputs), {})
    found = []
    for shim.settings["precision"] in ("fp32", "int8"):
        found.append(shim.predict(inputs)["last_hidden_state"])
    assert torch.equal(*found) == (family != "bert")


@pytest.mark.filterwarnings("ignore:The layers of the encoder differ")
@pytest.mark.parametrize("family", WORKING)
def test_family_works(family, tmp_path):
    model = make(family, tmp_path, WORKING[family])
    together = encode(model, WORDS)

    # As transformers has them
    ids = [torch.tensor(windows.ids) for windows in windows_of(model)]
    for own, row in zip(together, ids, strict=True):
        with torch.no_grad():
            output = model.transformer(input_ids=row, output_hidden_states=True)
        assert len(output.hidden_states) == LAYERS + 1
        bare = {f"layer_{k}": output.hidden_states[k][0] for k in ALL[:-1]}
        bare["last_hidden_state"] = bare[f"layer_{LAYERS}"] = output.last_hidden_state[0]
        assert own.keys() == bare.keys()
        for key, expected in bare.items():
            close(own[key], expected)

    # Whatever stands beside them
    for words, own in zip(WORDS, together, strict=True):
        for key, rows in encode(model, [words])[0].items():
            close(own[key], rows)

    # And gradients reach the encoder from a lower layer and the last
    for key in ("layer_1", "last_hidden_state"):
        batch, backprop = model(documents(WORDS), is_train=True)
        close(batch.layers[key].detach(), torch.cat([torch.tensor(e[key]) for e in together]))
        gradient = torch.randn(batch.layers[key].shape).numpy()
        backprop({key: gradient})
        weight = model.transformer.get_input_embeddings().weight
        assert weight.grad is not None
        assert weight.grad.abs().sum() > 0
        model.transformer.zero_grad()


@pytest.mark.filterwarnings("ignore:The layers of the encoder differ")
@pytest.mark.parametrize("family", WORKING)
def test_a_lower_layer_alone_is_that_of_the_whole_encoder(family, tmp_path):
    model = make(family, tmp_path, WORKING[family])
    whole = encode(model, WORDS)
    for layer in ALL:
        model.settings["hidden_layers"] = []
        model.set_readers([reader(LowerLayer(), layer)])
        for own, expected in zip(encode(model, WORDS), whole, strict=True):
            assert list(own) == [f"layer_{layer}"]
            close(own[f"layer_{layer}"], expected[f"layer_{layer}"])


def reader(fusion, layer):
    return fuse_and_pool(fusion, reduce_mean(), layer=layer, grad_factor=1.0)


def windows_of(model):
    return [data.windows for data in model.predict(documents(WORDS)).doc_data]


def close(found, expected):
    expected = torch.as_tensor(expected)
    scale = max(1.0, float(expected.abs().max()))
    assert expected.shape[1] == WIDTH
    torch.testing.assert_close(torch.as_tensor(found), expected, atol=1e-5 * scale, rtol=0)


@pytest.mark.parametrize("family", REFUSED)
def test_family_is_refused_when_it_is_loaded(family, tmp_path):
    settings, reason = REFUSED[family]
    with pytest.raises(ValueError, match=reason) as found:
        make(family, tmp_path, settings)
    assert "docs/encoders.md" in str(found.value)


def test_a_layer_far_from_the_norm_of_the_last_is_warned_of(tmp_path):
    with pytest.warns(UserWarning, match=r"layer 2 3\.\d.*choose a layer of \[0, 1\]"):
        make("llama", tmp_path, WORKING["llama"], [reader(LayerMean(), 2)])


@pytest.mark.filterwarnings("error:The layers of the encoder differ")
def test_layers_of_like_norms_are_not_warned_of(tmp_path):
    make("bert", tmp_path, WORKING["bert"], [reader(LayerMean(), 2)])
    # Nor where nothing is fused
    make("llama", tmp_path, WORKING["llama"], [reader(LowerLayer(), 2)])


@pytest.mark.filterwarnings("ignore:The layers of the encoder differ")
@pytest.mark.parametrize(("family", "pads"), [("bert", True), ("mobilebert", False)])
def test_only_who_sees_padding_gets_none(family, pads, tmp_path):
    model = make(family, tmp_path, WORKING[family])
    shapes = []

    def note(module, args, kwargs):
        shapes.append(tuple(kwargs["input_ids"].shape))

    model.transformer.register_forward_pre_hook(note, with_kwargs=True)
    model(documents(WORDS[:2]), is_train=True)
    assert shapes == ([(2, 7)] if pads else [(1, 3), (1, 7)])
