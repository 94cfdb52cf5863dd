"""Small pipelines around a tiny encoder."""

import spacy
from spacy.language import Language
from spacy.training import Example
from transformers import BertConfig, BertModel

DLFA = {"@layers": "spacy_dlfa.DLFA.v1"}
#: The model of a `textcat` without its `tok2vec`
CLASSIFIER = {
    "@architectures": "spacy.TextCatReduce.v1",
    "exclusive_classes": True,
    "use_reduce_first": False,
    "use_reduce_last": False,
    "use_reduce_max": False,
    "use_reduce_mean": True,
}
SENTENCES = [
    ("Anna lives in Oslo .", ["PROPN", "VERB", "ADP", "PROPN", "PUNCT"]),
    ("She works for Acme", ["PRON", "VERB", "ADP", "PROPN"]),
    ("Berlin is big", ["PROPN", "AUX", "ADJ"]),
]


def transformer_config(encoder: str, **settings) -> dict:
    return {
        "model": {
            "@architectures": "spacy_dlfa.TransformerModel.v1",
            "name": encoder,
            "get_spans": {
                "@span_getters": "spacy-transformers.strided_spans.v1",
                "window": 10,
                "stride": 8,
            },
            **settings,
        }
    }


def listener_config(layer: int = 2, fusion: dict = DLFA, **settings) -> dict:
    return {
        "@architectures": "spacy_dlfa.DLFAListener.v1",
        "layer": layer,
        "fusion": fusion,
        "pooling": {"@layers": "reduce_mean.v1"},
        **settings,
    }


def tagger_config(layer: int = 2, fusion: dict = DLFA, **settings) -> dict:
    tok2vec = listener_config(layer, fusion, **settings)
    return {"model": {"@architectures": "spacy.Tagger.v2", "tok2vec": tok2vec}}


def tag_examples(nlp: Language) -> list[Example]:
    return [
        Example.from_dict(spacy.tokens.Doc(nlp.vocab, words=text.split()), {"tags": tags})
        for text, tags in SENTENCES
    ]


def tagger_pipeline(
    encoder: str, layer: int = 2, fusion: dict = DLFA, upper: int | None = None, **settings
) -> Language:
    """A transformer and a tagger, initialised."""
    nlp = spacy.blank("xx")
    config = transformer_config(encoder, **settings)
    nlp.add_pipe("dlfa_transformer", name="transformer", config=config)
    nlp.add_pipe("tagger", config=tagger_config(layer, fusion, upper=upper))
    nlp.initialize(lambda: tag_examples(nlp))
    return nlp


def save_wide_encoder(encoder: str, folder) -> str:
    """Save an encoder with the same tokenizer and twice the width; returns its name."""
    tagger_pipeline(encoder).get_pipe("transformer").model.tokenizer.save_pretrained(folder)
    config = BertConfig(
        vocab_size=500, hidden_size=32, num_hidden_layers=4, num_attention_heads=2,
        intermediate_size=32,
    )  # fmt: skip
    BertModel(config).save_pretrained(folder)
    return str(folder)


class Classifier:
    """Stands in for a trained `textcat`, or for another text classifier beside it."""

    def __init__(self, **scores: float):
        self.labels = tuple(scores)
        self.scores = scores

    def __call__(self, doc):
        doc.cats = {**doc.cats, **self.scores}
        return doc


@Language.factory("test_classifier_with_scores")
def create_classifier(nlp: Language, name: str, scores: dict[str, float]) -> Classifier:
    return Classifier(**scores)


def two_classifiers(nlp: Language) -> None:
    """Add a `textcat` that says "short", and another classifier that is surer of its own label."""
    scores = {"textcat": {"long": 0.4, "short": 0.6}, "flags": {"polite": 0.9, "rude": 0.1}}
    for name, each in scores.items():
        nlp.add_pipe("test_classifier_with_scores", name=name, config={"scores": each})
