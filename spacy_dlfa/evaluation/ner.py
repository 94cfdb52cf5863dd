"""Score named entities by character spans, so that any tokenisation can be compared."""

from collections.abc import Sequence
from typing import NamedTuple

from spacy.language import Language
from spacy.scorer import PRFScore
from spacy.tokens import Doc


class EntityScore(NamedTuple):
    """Micro-averaged scores in per cent; None if the test set has no entity.

    p (Optional[float]): Precision.
    r (Optional[float]): Recall.
    f (Optional[float]): F1.
    """

    p: float | None
    r: float | None
    f: float | None


def score_entities(nlp: Language, gold: Sequence[Doc], *, raw_text: bool) -> EntityScore:
    """Score a pipeline's entities; one counts if its characters and its label are right.

    nlp (Language): The pipeline.
    gold (Sequence[Doc]): Documents with entities.
    raw_text (bool): Whether the pipeline tokenises the text itself; otherwise it gets the
        tokens of `gold`, and nothing else of them.
    RETURNS (EntityScore): The scores.
    """
    texts = (doc.text if raw_text else bare(nlp, doc) for doc in gold)
    counts = PRFScore()
    for predicted, doc in zip(nlp.pipe(texts), gold, strict=True):
        counts.score_set(entities(predicted), entities(doc))
    if counts.tp + counts.fn == 0:
        return EntityScore(None, None, None)
    return EntityScore(100 * counts.precision, 100 * counts.recall, 100 * counts.fscore)


def bare(nlp: Language, doc: Doc) -> Doc:
    """Copy the tokens of a document without its annotations."""
    words = [token.text for token in doc]
    return Doc(nlp.vocab, words=words, spaces=[bool(token.whitespace_) for token in doc])


def entities(doc: Doc) -> set[tuple[int, int, str]]:
    """Return the entities of a document as (first character, end, label)."""
    return {(ent.start_char, ent.end_char, ent.label_) for ent in doc.ents}
