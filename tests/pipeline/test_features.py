"""Features that a user has put on documents or tokens, fused with a listener's vectors."""

import numpy as np
import pytest
import spacy
import torch
from spacy.cli.package import package
from spacy.tokens import Doc, Token
from spacy.training import Example
from spacy.util import fix_random_seed
from thinc.api import Adam, NumpyOps

from tests.fusions.test_fusions import make_double, parameters, randomize
from tests.pipelines import CLASSIFIER, listener_config, tag_examples, tagger_config
from tests.pipelines import transformer_config as encoder_config

PLACES = ["doc._.image", "token._.image"]
WIDTH = 3
STEP = 1e-5
TEXTS = ["Anna lives in Oslo .", "", "  ", "a", "我住在北京", "She works for Acme " * 20, "\n"]


@pytest.fixture(autouse=True)
def extension():
    for owner in (Doc, Token):
        owner.set_extension("image", default=None)
    yield
    for owner in (Doc, Token):
        owner.remove_extension("image")


@pytest.fixture(params=PLACES)
def place(request):
    return request.param


def owners(doc, place):
    return [doc] if place == "doc._.image" else list(doc)


def furnish(doc, place, width=WIDTH):
    """Give a document features that differ from those of another text."""
    rng = np.random.default_rng(len(doc.text))
    for each in owners(doc, place):
        each._.image = rng.normal(size=width).astype("f")
    return doc


def examples(nlp, place, width=WIDTH):
    found = tag_examples(nlp)
    for example in found:
        furnish(example.predicted, place, width)
    return found


def make_pipeline(bert, place, **settings):
    nlp = spacy.blank("xx")
    nlp.add_pipe("dlfa_transformer", name="transformer", config=encoder_config(bert, **settings))
    nlp.add_pipe("tagger", config=tagger_config(1, features=place))
    nlp.initialize(lambda: examples(nlp, place))
    return nlp


def train(nlp, place, optimizer, steps=5):
    for _ in range(steps):
        nlp.update(examples(nlp, place), sgd=optimizer)
    return nlp


@pytest.fixture
def nlp(bert, place):
    return train(make_pipeline(bert, place), place, Adam(0.01))


def tok2vec_of(nlp):
    return nlp.get_pipe("tagger").model.get_ref("tok2vec")


def docs_of(nlp, place, texts=TEXTS):
    return [furnish(nlp.make_doc(text), place) for text in texts]


def process(nlp, docs, **settings):
    done = list(nlp.pipe(docs, **settings))
    return tok2vec_of(nlp).predict(done), [[token.tag_ for token in doc] for doc in done]


def alone(nlp, place):
    found = [process(nlp, [doc]) for doc in docs_of(nlp, place)]
    return [v for vs, _ in found for v in vs], [t for _, ts in found for t in ts]


def assert_same(result, expected):
    for got, wanted in zip(result[0], expected[0], strict=True):
        np.testing.assert_allclose(got, wanted, atol=1e-5)
    assert result[1] == expected[1]


def test_gradients_by_finite_differences(bert, place):
    """Of the projection, the attention, and the encoder below both layers."""
    nlp = make_pipeline(bert, place)
    tok2vec = tok2vec_of(nlp)
    listened, projection, fusion = tok2vec.layers
    for layer in (fusion, listened.layers[1].layers[0], projection):
        randomize(layer)
        make_double(layer)
    projection.ops = NumpyOps(use_blis=False)
    encoder = nlp.get_pipe("transformer").model.transformer.double()
    # Of two documents a batch norm makes one and minus one, whatever they are
    texts = ["Anna lives in Oslo .", "", "Berlin is big and old", "She works", "Paris"]
    docs = docs_of(nlp, place, texts)
    rng = np.random.default_rng(0)

    def forward():
        nlp.get_pipe("transformer").update([Example(doc, doc) for doc in docs])
        return tok2vec.begin_update(docs)

    dY = [rng.normal(size=y.shape) for y in forward()[0]]

    def objective():
        return sum(float((y * dy).sum()) for y, dy in zip(forward()[0], dY))

    encoder.zero_grad()
    _, backprop = forward()
    backprop([dy.copy() for dy in dY])
    checks = [*parameters(projection), *parameters(fusion)]
    checks += [
        (name, value.data.numpy(), lambda value=value: value.grad.numpy())
        for name, value in encoder.named_parameters()
        if name in ("embeddings.word_embeddings.weight", "encoder.layer.3.output.dense.weight")
    ]
    assert len(checks) == 2 + 16 + 2
    gradients = [(name, array, gradient().copy()) for name, array, gradient in checks]
    for name, array, gradient in gradients:
        # Along the gradient the difference is largest against rounding.
        direction = gradient / max(np.linalg.norm(gradient), 1e-12)
        original = array.copy()
        array[...] = original + STEP * direction
        up = objective()
        array[...] = original - STEP * direction
        down = objective()
        array[...] = original
        numeric = (up - down) / (2 * STEP)
        analytic = float((gradient * direction).sum())
        assert numeric == pytest.approx(analytic, rel=1e-2, abs=1e-6), name
        # A bias before a batch norm has none.
        assert analytic > 1e-3 or name.endswith(("squeeze.bias", "expand.bias")), name


@pytest.mark.parametrize("learn_rate_factor", [0.0, 0.1])
def test_equal_texts_of_other_features_are_told_apart(bert, learn_rate_factor):
    """Which class it is hangs on text and features together."""
    fix_random_seed(0)
    nlp = spacy.blank("xx")
    config = encoder_config(bert, learn_rate_factor=learn_rate_factor)
    nlp.add_pipe("dlfa_transformer", name="transformer", config=config)
    model = {**CLASSIFIER, "tok2vec": listener_config(1, features="doc._.image")}
    nlp.add_pipe("textcat", config={"model": model})
    cases = [(text, sign) for text in ("Anna lives in Oslo", "Berlin") for sign in (1, -1)]

    def make(text, sign):
        doc = nlp.make_doc(text)
        doc._.image = np.array([sign, 0.5])
        return doc

    def gold():
        found = []
        for text, sign in cases:
            label = (text == "Berlin") == (sign > 0)
            cats = {"same": float(label), "other": float(not label)}
            found.append(Example.from_dict(make(text, sign), {"cats": cats}))
            found[-1].reference._.image = np.array([sign, 0.5])
        return found

    nlp.initialize(gold)
    optimizer = Adam(0.01)
    for _ in range(60):
        nlp.update(gold(), sgd=optimizer)
    scores = nlp.evaluate(gold())
    assert scores["cats_micro_f"] == 1.0


@pytest.mark.parametrize("batch_size", [2, 64])
def test_batches_and_their_order_change_nothing(nlp, place, batch_size):
    expected = alone(nlp, place)
    assert [len(vectors) for vectors in expected[0]] == [len(nlp.make_doc(text)) for text in TEXTS]
    assert_same(process(nlp, docs_of(nlp, place), batch_size=batch_size), expected)
    vectors, tags = process(nlp, docs_of(nlp, place)[::-1], batch_size=batch_size)
    assert_same((vectors[::-1], tags[::-1]), expected)


def test_other_features_make_other_vectors(nlp, place):
    docs = [nlp.make_doc(TEXTS[0]) for _ in range(2)]
    for doc, value in zip(docs, (0, 1), strict=True):
        for each in owners(doc, place):
            each._.image = np.full(WIDTH, value)
    (first, second), _ = process(nlp, docs)
    assert np.abs(first - second).max(axis=1).min() > 1e-3


def test_two_processes(nlp, place):
    expected = alone(nlp, place)
    docs = docs_of(nlp, place)
    assert_same(process(nlp, docs, n_process=2, batch_size=2), expected)


def test_a_getter_does_as_well_as_a_value(nlp, place):
    expected = alone(nlp, place)

    def get(each):
        doc = each if isinstance(each, Doc) else each.doc
        rng = np.random.default_rng(len(doc.text))
        return [rng.normal(size=WIDTH).astype("f") for _ in range(1 + getattr(each, "i", 0))][-1]

    owner = Doc if place == "doc._.image" else Token
    owner.set_extension("image", getter=get, force=True)
    assert_same(process(nlp, TEXTS), expected)
    assert_same(process(nlp, TEXTS, n_process=2, batch_size=2), expected)


def test_saved_and_packaged(nlp, place, tmp_path):
    expected = alone(nlp, place)
    nlp.to_disk(tmp_path / "saved")
    package(tmp_path / "saved", tmp_path, name="seen", version="1.0.0", create_sdist=False)
    loaded = spacy.load(tmp_path / "xx_seen-1.0.0" / "xx_seen" / "xx_seen-1.0.0")
    assert_same(alone(loaded, place), expected)
    restored = spacy.blank("xx").from_config(nlp.config).from_bytes(nlp.to_bytes())
    assert_same(alone(restored, place), expected)
    train(restored, place, Adam(0.01), steps=1)


def test_an_encoder_of_its_own(nlp, place, tmp_path):
    expected = alone(nlp, place)
    nlp.replace_listeners("transformer", "tagger", ["model.tok2vec"])
    nlp.remove_pipe("transformer")
    assert_same(alone(nlp, place), expected)
    nlp.to_disk(tmp_path)
    loaded = spacy.load(tmp_path)
    assert_same(alone(loaded, place), expected)
    train(loaded, place, Adam(0.01), steps=1)


def test_projection_and_attention_are_averaged(bert, place, tmp_path):
    nlp = make_pipeline(bert, place)
    optimizer = Adam(0.01, use_averages=True)
    train(nlp, place, optimizer)
    _, projection, fusion = tok2vec_of(nlp).layers
    keys = {(projection.id, "W"), (projection.id, "b")}
    keys |= {(fusion.shims[0].id, name) for name, _ in fusion.shims[0]._model.named_parameters()}
    assert keys <= optimizer.averages.keys()
    before = alone(nlp, place)
    with nlp.use_params(optimizer.averages):
        np.testing.assert_array_equal(
            projection.get_param("W"), optimizer.averages[projection.id, "W"]
        )
        averaged = alone(nlp, place)
        nlp.to_disk(tmp_path)
    assert np.abs(averaged[0][0] - before[0][0]).max() > 1e-3
    assert_same(alone(nlp, place), before)
    assert_same(alone(spacy.load(tmp_path), place), averaged)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (None, "has none"),
        ([1.0, 2.0, 3.0], "has a <class 'list'>"),
        (torch.zeros(WIDTH), "has a <class 'torch.Tensor'>"),
        (np.array(["a", "b", "c"]), "has an array of <U1"),
        (np.zeros(WIDTH + 1), r"has an array of shape \(4,\)"),
        (np.zeros((1, WIDTH)), r"has an array of shape \(1, 3\)"),
        (np.zeros(0), r"has an array of shape \(0,\)"),
        (np.array([0, np.nan, 0]), "has a number that is not finite"),
        (np.array([0, 1e300, 0]), "has a number that is not finite"),
    ],
)
def test_what_is_no_vector_is_named(nlp, place, value, found):
    docs = docs_of(nlp, place, ["Anna lives in Oslo .", "Berlin"])
    owners(docs[1], place)[0]._.image = value
    remedy = f"set {place} to a NumPy array of 3 finite numbers"
    with pytest.raises(ValueError, match=f"features = \"{place}\": .*'Berlin' {found}.*; {remedy}"):
        list(nlp.pipe(docs))


def test_documents_of_initialization_need_features_of_one_width(bert, place):
    nlp = spacy.blank("xx")
    nlp.add_pipe("dlfa_transformer", name="transformer", config=encoder_config(bert))
    nlp.add_pipe("tagger", config=tagger_config(1, features=place))
    with pytest.raises(ValueError, match=r"'Anna.* has none"):
        nlp.initialize(lambda: tag_examples(nlp))
    mixed = [
        Example(furnish(example.predicted, place, width), example.reference)
        for width, example in enumerate(tag_examples(nlp), start=2)
    ]
    with pytest.raises(ValueError, match=r"an array of shape \(3,\); .* array of 2 "):
        nlp.initialize(lambda: mixed)


def test_an_attribute_that_is_not_there_is_named(nlp, place):
    docs = docs_of(nlp, place)
    owner = Doc if place == "doc._.image" else Token
    owner.remove_extension("image")
    try:
        with pytest.raises(ValueError, match=rf'{owner.__name__}.set_extension\("image"'):
            nlp(docs[0])
    finally:
        owner.set_extension("image", default=None)


@pytest.mark.parametrize("place", ["image", "doc.image", "span._.image", "doc._.1", "doc._.a b"])
def test_what_names_no_attribute_is_refused(place):
    nlp = spacy.blank("xx")
    with pytest.raises(ValueError, match=r'expected "doc._.NAME".* or "token._.NAME"'):
        nlp.add_pipe("tagger", config=tagger_config(1, features=place))


def test_weights_are_for_the_attribute_that_they_were_trained_on(nlp, place, tmp_path):
    nlp.to_disk(tmp_path)
    (other,) = {*PLACES} - {place}
    with pytest.raises(ValueError, match=f"with features = '{other}': they were made with"):
        spacy.load(tmp_path, config={"components.tagger.model.tok2vec.features": other})


def test_empty_documents_need_no_features(nlp, place):
    assert [len(vectors) for vectors in process(nlp, ["", ""])[0]] == [0, 0]
    nlp.update([Example.from_dict(nlp.make_doc(""), {})], sgd=Adam(0.01))
