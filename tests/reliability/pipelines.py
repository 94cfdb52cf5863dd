"""Pipelines of entities and tags around a tiny encoder: ours and stock spacy-transformers'."""

import numpy
import spacy
from spacy.tokens import Doc
from spacy.training import Example
from spacy.util import fix_random_seed
from thinc.api import Adam

from tests.pipelines import DLFA, listener_config, transformer_config

SENTENCES = {
    "Anna lives in Oslo .": ("PROPN VERB ADP PROPN PUNCT", "U-PER O O U-LOC O"),
    "She works for Acme": ("PRON VERB ADP PROPN", "O O O U-ORG"),
    "Berlin is big": ("PROPN AUX ADJ", "U-LOC O O"),
}
NER = {
    "@architectures": "spacy.TransitionBasedParser.v2",
    "state_type": "ner",
    "extra_state_tokens": False,
    "hidden_width": 8,
    "maxout_pieces": 2,
    "use_upper": False,
}
STOCK_LISTENER = {
    "@architectures": "spacy-transformers.TransformerListener.v1",
    "pooling": {"@layers": "reduce_mean.v1"},
}


def examples(nlp):
    return [
        Example.from_dict(
            Doc(nlp.vocab, words=text.split()), {"tags": tags.split(), "entities": entities.split()}
        )
        for text, (tags, entities) in SENTENCES.items()
    ]


def build(transformer, factory, listeners):
    """A pipeline that was not initialised."""
    nlp = spacy.blank("xx")
    nlp.add_pipe(factory, name="transformer", config=transformer)
    for name, model in {"ner": NER, "tagger": {"@architectures": "spacy.Tagger.v2"}}.items():
        nlp.add_pipe(name, config={"model": {**model, "tok2vec": listeners[name]}})
    return nlp


def ours(encoder, factory="dlfa_transformer", fusion=DLFA, listeners=None, **settings):
    """Windows are short, so that most texts have several."""
    spans = {"@span_getters": "spacy-transformers.doc_spans.v1"}
    config = transformer_config(encoder, get_spans=spans, window=24, **settings)
    own = {"ner": listener_config(1, fusion), "tagger": listener_config(2, fusion)}
    return build(config, factory, {**own, **(listeners or {})})


def stock_listeners(names=("ner", "tagger")):
    return {name: STOCK_LISTENER for name in names}


def stock(encoder):
    """The same with stock spacy-transformers."""
    model = transformer_config(encoder)["model"]
    model["@architectures"] = "spacy-transformers.TransformerModel.v3"
    return build({"model": model}, "transformer", stock_listeners())


def train(nlp, steps):
    """Initialise, and train for some steps."""
    fix_random_seed(0)
    nlp.initialize(lambda: examples(nlp))
    optimizer = Adam(0.01)
    for _ in range(steps):
        step(nlp, examples(nlp), optimizer)
    return nlp


def learn(nlp):
    """Train until all is learnt, for sure."""
    nlp, optimizer = train(nlp, steps=1), Adam(0.01)
    gold = [labels(example.reference) for example in examples(nlp)]
    right = 0
    for _ in range(500):
        step(nlp, examples(nlp), optimizer)
        right = right + 1 if [labels(doc) for doc in nlp.pipe(SENTENCES)] == gold else 0
        # Each of these steps has changed weights by far more than the rounding of a machine does.
        if right == 10:
            return nlp
    raise AssertionError("the sentences are not learnt in 500 steps")


def step(nlp, batch, optimizer, exclude=()):
    """One step as `spacy train` does it: all updates first, then the optimizer."""
    losses = nlp.update(batch, sgd=False, exclude=exclude)
    for name, component in nlp.pipeline:
        if name not in exclude:
            component.finish_update(optimizer)
    return losses


def vectors(nlp, doc):
    """Token vectors that the tagger sees, (tokens, E)."""
    return nlp.get_pipe("tagger").model.get_ref("tok2vec").predict([doc])[0]


def labels(doc):
    return [token.tag_ for token in doc], [(e.start, e.end, e.label_) for e in doc.ents]


def assert_same(nlp, docs, expected):
    """The same labels, and vectors that agree within 1e-5 of their largest number."""
    assert [doc.text for doc in docs] == [doc.text for doc in expected]
    for doc, other in zip(docs, expected, strict=True):
        assert labels(doc) == labels(other)
        left, right = vectors(nlp, doc), vectors(nlp, other)
        largest = numpy.abs(right).max(initial=1)
        numpy.testing.assert_allclose(left, right, rtol=0, atol=1e-5 * largest)


def weights(nlp):
    """All parameters and running statistics, as they are saved."""
    return {name: component.model.to_bytes() for name, component in nlp.pipeline}


def parameters(nlp):
    """All that the optimizer may change."""
    found = {}
    for name, component in nlp.pipeline:
        # A cleaner of documents has no model.
        for i, node in enumerate(component.model.walk() if hasattr(component, "model") else ()):
            for key in node.param_names:
                found[name, i, key] = node.maybe_get_param(key)
            for shim in node.shims:
                for key, value in shim._model.named_parameters():
                    if value.requires_grad:
                        found[name, i, key] = value.detach().numpy()
    return {key: value.tobytes() for key, value in found.items() if value is not None}
