"""Whether systems predict the same."""

from collections.abc import Mapping, Sequence

from spacy.language import Language

#: What each system is compared with. `last` computes what `stock` does: on sentences, which are
#: one window in both, all predictions must be equal. Lower precision is compared with fp32 of the
#: same system. `dlfa` and `lower` read another layer, so that they have no other to agree with.
AGAINST = {
    "last": "stock",
    "curated": "stock",
    "stock-fp16": "stock",
    "last-auto": "last",
    "lower-auto": "lower",
    "dlfa-auto": "dlfa",
    "dlfa-int8": "dlfa",
    "dlfa-fp16": "dlfa",
}

#: The tag, and the label of the entity with its first letter in IOB, of each token.
Predictions = list[tuple[str, str]]


def predict(nlp: Language, texts: Sequence[str]) -> Predictions:
    """Return the predictions for all tokens of all texts."""
    return [
        (token.tag_, f"{token.ent_iob_}-{token.ent_type_}")
        for doc in nlp.pipe(texts)
        for token in doc
    ]


def agree(predictions: Mapping[str, Predictions]) -> dict[str, dict[str, str | float]]:
    """Return the shares of tokens with equal predictions, in 0 to 1.

    predictions (Mapping[str, Predictions]): By system, on the same texts.
    """
    found: dict[str, dict[str, str | float]] = {}
    for name, other in AGAINST.items():
        if name in predictions and other in predictions:
            pairs = list(zip(predictions[name], predictions[other], strict=True))
            tags = sum(own[0] == base[0] for own, base in pairs) / len(pairs)
            entities = sum(own[1] == base[1] for own, base in pairs) / len(pairs)
            found[name] = {"against": other, "tags": tags, "entities": entities}
    return found
