"""The augmenters as a config names them, in a corpus and in `spacy train`."""

import random
from pathlib import Path

import pytest
import spacy
from spacy import registry
from spacy.cli.train import train
from spacy.tokens import Doc, DocBin
from spacy.training import Corpus
from spacy.util import load_config

from spacy_dlfa.augmenters.noise import create_noise
from tests.configs import CONFIGS

NAMES = str(Path(__file__).parent.parent.parent / "assets" / "names")
NOISE = {
    "@augmenters": "spacy_dlfa.Noise.v1",
    "kinds": ["typos", "casing", "punctuation", "spaces"],
    "level": 0.9,
    "amount": 0.3,
}
SWAP = {"@augmenters": "spacy_dlfa.SwapNames.v1", "level": 1.0, "path": NAMES}
SPLIT = {"@augmenters": "spacy_dlfa.SplitNames.v1", "level": 1.0, "names": 1.0}
CHAIN = {"@augmenters": "spacy_dlfa.Chain.v1", "*": {"swap": SWAP, "split": SPLIT}}


@pytest.fixture
def corpus(tmp_path):
    vocab = spacy.blank("xx").vocab
    doc = Doc(
        vocab,
        words=["Elisabeth", "Tasman", "lives", "in", "Sarajevo", "."],
        spaces=[True, True, True, True, False, False],
        tags=["PROPN", "PROPN", "VERB", "ADP", "PROPN", "PUNCT"],
        ents=["B-PER", "I-PER", "O", "O", "B-LOC", "O"],
        sent_starts=[True] + [False] * 5,
    )
    DocBin(docs=[doc] * 20).to_disk(tmp_path / "corpus.spacy")
    return tmp_path / "corpus.spacy"


def resolve(block):
    return registry.resolve({"augmenter": block})["augmenter"]


def texts(corpus, block, gold=True, seed=0):
    random.seed(seed)
    reader = Corpus(corpus, gold_preproc=gold, augmenter=resolve(block))
    examples = list(reader(spacy.blank("xx")))
    for example in examples:
        assert example.predicted.text == example.reference.text
        assert not example.predicted.ents
        # Unless the tokenizer of raw text can't know better
        assert not gold or None not in example.get_aligned_ner()
    return [example.reference.text for example in examples]


CLEAN = "Elisabeth Tasman lives in Sarajevo."


@pytest.mark.parametrize("gold", [True, False])
def test_noise(corpus, gold):
    made = texts(corpus, NOISE, gold)
    assert len(made) == 20
    assert sum(text != CLEAN for text in made) >= 14
    assert "Elisabeth Tasman lives in Sarajevo" in made
    assert CLEAN.lower() in made or CLEAN.upper() in made


@pytest.mark.parametrize("block", [NOISE, SWAP, CHAIN], ids=["noise", "swap", "chain"])
def test_one_seed_one_corpus(corpus, block):
    made = texts(corpus, block)
    assert texts(corpus, block) == made
    assert texts(corpus, block, seed=1) != made


@pytest.mark.parametrize("block", [NOISE, SWAP], ids=["noise", "swap"])
def test_level(corpus, block):
    assert texts(corpus, {**block, "level": 0.0}) == [CLEAN] * 20


def test_a_chain_is_one_after_the_other(corpus):
    random.seed(0)
    (example, *_) = Corpus(corpus, gold_preproc=True, augmenter=resolve(CHAIN))(spacy.blank("xx"))
    doc = example.reference
    assert "Tasman" not in doc.text.replace(" ", "")
    assert [ent.label_ for ent in doc.ents] == ["PER", "LOC"]
    assert texts(corpus, {"@augmenters": "spacy_dlfa.Chain.v1", "*": {}}) == [CLEAN] * 20
    alone = {"@augmenters": "spacy_dlfa.Chain.v1", "*": {"only": SPLIT}}
    assert texts(corpus, alone) == texts(corpus, SPLIT)


def test_annotation_is_not_dropped_in_silence(tmp_path):
    nlp = spacy.blank("xx")
    doc = Doc(nlp.vocab, words=["Anna", ",", "hi"], lemmas=["Anna", ",", "hi"])
    DocBin(docs=[doc]).to_disk(tmp_path / "one.spacy")
    corpus = Corpus(
        tmp_path / "one.spacy", augmenter=resolve({**NOISE, "kinds": ["punctuation"], "level": 1.0})
    )
    with pytest.raises(ValueError, match="Noise, punctuation: the text 'Anna , hi ' has LEMMA"):
        list(corpus(nlp))


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"kinds": ["typo"]}, "found 'typo'; choose from typos, casing"),
        ({"kinds": []}, "found none; choose from"),
        ({"level": 1.5}, "Noise: level = 1.5, expected a share"),
        ({"amount": -1}, "Noise: amount = -1, expected a share"),
    ],
)
def test_wrong_settings(setting, message):
    with pytest.raises(ValueError, match=message):
        create_noise(**{"kinds": ["typos"], "level": 0.5, "amount": 0.5, **setting})


@pytest.mark.slow
@pytest.mark.parametrize("block", [NOISE, SWAP, CHAIN], ids=["noise", "swap", "chain"])
def test_spacy_train(corpus, block, bert, tmp_path):
    config = load_config(CONFIGS / "ner.cfg")
    config["corpora"]["train"]["augmenter"] = block
    config.to_disk(tmp_path / "ner.cfg")
    overrides = {
        "paths.train": str(corpus),
        "paths.dev": str(corpus),
        "vars.backbone": bert,
        "vars.layer": 2,
        "components.transformer.model.precision": "fp32",
        "components.transformer.model.freeze_below": 1,
        "training.max_steps": 2,
        "training.eval_frequency": 1,
    }
    train(tmp_path / "ner.cfg", tmp_path / "training", overrides=overrides)
    nlp = spacy.load(tmp_path / "training" / "model-last")
    assert nlp.config["corpora"]["train"]["augmenter"] == block
    assert {*nlp.get_pipe("ner").labels} == {"PER", "LOC"}
