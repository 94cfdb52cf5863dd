"""entity_linker, which predicts on copies of sentences, and so needs an encoder of its own."""

import numpy as np
import pytest
import spacy
from spacy.kb import InMemoryLookupKB
from spacy.training import Example

from tests.pipelines import listener_config, transformer_config

TEXTS = {"Anna lives in Oslo .": "Q1", "Anna is big": "Q2"}


def make_kb(vocab):
    kb = InMemoryLookupKB(vocab, entity_vector_length=16)
    for name, sign in (("Q1", 1), ("Q2", -1)):
        kb.add_entity(name, 10, np.full(16, sign, dtype="f"))
    kb.add_alias("Anna", ["Q1", "Q2"], [0.5, 0.5])
    return kb


def linker(tok2vec, bert, **settings):
    nlp = spacy.blank("en")
    nlp.add_pipe("dlfa_transformer", name="transformer", config=transformer_config(bert))
    model = {"@architectures": "spacy.EntityLinker.v2", "tok2vec": tok2vec}
    nlp.add_pipe("sentencizer")
    ruler = {"label": "PER", "pattern": [{"TEXT": "Anna"}]}
    nlp.add_pipe("entity_ruler").add_patterns([ruler])
    nlp.add_pipe("entity_linker", config={"model": model, **settings}).set_kb(make_kb)
    return nlp


def examples_of(nlp):
    return [
        Example.from_dict(
            nlp.make_doc(text),
            {
                "entities": [(0, 4, "PER")],
                "links": {(0, 4): {link: 1.0}},
                "sent_starts": [1] + [0] * text.count(" "),
            },
        )
        for text, link in TEXTS.items()
    ]


def initialize(nlp):
    patterns = nlp.get_pipe("entity_ruler").patterns
    optimizer = nlp.initialize(lambda: examples_of(nlp))
    nlp.get_pipe("entity_ruler").add_patterns(patterns)
    return optimizer


def test_a_listener_is_refused(bert):
    nlp = linker(listener_config(), bert)
    with pytest.raises(ValueError, match=r"\[DL059\].*copies of sentences.*replace_listeners"):
        initialize(nlp)


@pytest.mark.parametrize("replaced", [False, True])
def test_an_encoder_of_its_own(bert, replaced):
    own = {**transformer_config(bert)["model"], **listener_config()}
    own["@architectures"] = "spacy_dlfa.DLFATok2Vec.v1"
    nlp = linker(listener_config() if replaced else own, bert)
    if replaced:
        nlp.replace_listeners("transformer", "entity_linker", ["model.tok2vec"])
    optimizer = initialize(nlp)
    for _ in range(2):
        nlp.update(examples_of(nlp), sgd=optimizer, annotates=["sentencizer", "entity_ruler"])
    for doc in nlp.pipe(TEXTS):
        assert [ent.kb_id_ in ("Q1", "Q2") for ent in doc.ents] == [True]


def test_a_listener_that_is_not_asked_in_prediction(bert):
    nlp = linker(listener_config(), bert, incl_context=False)
    initialize(nlp)
    assert [ent.kb_id_ in ("Q1", "Q2") for ent in nlp("Anna is big").ents] == [True]
