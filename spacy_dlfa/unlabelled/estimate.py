"""What unlabelled sentences say of how good a pipeline is in their language."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any, Final, NamedTuple

from spacy.language import Language
from spacy.tokens import Doc

from spacy_dlfa.apply.inputs import stem_of
from spacy_dlfa.evaluation.confidence import cleaners, confidence
from spacy_dlfa.evaluation.ner import entities
from spacy_dlfa.evaluation.tasks import Task
from spacy_dlfa.languages import language_by, script_of
from spacy_dlfa.pipeline.transformer_model import TransformerModel
from spacy_dlfa.text.wordpieces import tokenize
from spacy_dlfa.unlabelled.agreement import annotation, overlap, predict
from spacy_dlfa.unlabelled.texts import read_texts

#: Estimates by name, with the titles of their columns. What is expected goes by the first of the
#: last three that there is.
ESTIMATES: Final[Mapping[str, str]] = {
    "pieces_per_word": "Pieces a word",
    "unknown": "Unknown, %",
    "entities_per_sentence": "Entities a sentence",
    "agreement": "Agreement, %",
    "confidence": "Confidence, %",
    "stability": "Stability, %",
}
BEST: Final = ("agreement", "confidence", "stability")
Estimates = dict[str, float | None]


class Variety(NamedTuple):
    """A language, in a script where names say it.

    language (str): Its name.
    script (Optional[str]): `Latn`.
    """

    language: str
    script: str | None

    def __str__(self) -> str:
        return self.language if self.script is None else f"{self.language}, {self.script}"


def find_varieties(texts: Mapping[str, Sequence[Path]]) -> dict[Variety, list[Path]]:
    """Group files by language and script.

    texts (Mapping[str, Sequence[Path]]): What `find_texts` returns.
    """
    found: dict[Variety, list[Path]] = {}
    for code, paths in texts.items():
        for path in paths:
            variety = Variety(language_by(code).name, script_of(stem_of(path)))
            found.setdefault(variety, []).append(path)
    return found


def draw(paths: Sequence[Path], number: int) -> list[str]:
    """Draw sentences from files, the same each time.

    number (int): How many, at most.
    RAISES (ValueError): If a file can't be read.
    """
    found = list(dict.fromkeys(sentence.text for sentence in read_texts(paths)))
    return Random(0).sample(found, min(number, len(found)))


def estimate(nlp: Language, second: Language | None, texts: Sequence[str], task: Task) -> Estimates:
    """Estimate how good a pipeline is on sentences like these.

    nlp (Language): The pipeline.
    second (Optional[Language]): Another one for the same task.
    texts (Sequence[str]): The sentences, one or more.
    RETURNS (Dict[str, Optional[float]]): By name of the estimate; None of one that there is not.
    RAISES (ValueError): If a pipeline lets sentences fall.
    """
    docs = list(predict(nlp, texts, disable=cleaners(nlp)))
    pieces, unknown = _pieces(nlp, docs)
    found: Estimates = {**dict.fromkeys(ESTIMATES), "pieces_per_word": pieces, "unknown": unknown}
    said = [annotation(doc, task.name) for doc in docs]
    if task.name == "ner":
        found["entities_per_sentence"] = sum(map(len, said)) / len(said)
        found["stability"] = _stability(nlp, texts, docs)
    else:
        found["confidence"] = 100 * confidence(nlp, docs, task.component)
    if second is not None:
        others = [annotation(doc, task.name) for doc in predict(second, texts)]
        # Where neither finds an entity they know none
        found["agreement"] = overlap(list(zip(said, others, strict=True))) or 0.0
    return found


def _stability(nlp: Language, texts: Sequence[str], docs: Sequence[Doc]) -> float:
    """Return how far entities are the same where another sentence follows.

    The parser of entities has no probabilities. A sentence in company has the same words and the
    same entities in any script; who knows the language finds them again.
    RETURNS (float): F1 of the entities of both readings, in per cent; 0 if there is none.
    """
    following = [*texts[1:], *texts[:1]]
    company = [f"{text} {other}" for text, other in zip(texts, following, strict=True)]
    pairs = []
    for text, doc, longer in zip(texts, docs, predict(nlp, company), strict=True):
        again = frozenset(each for each in entities(longer) if each[0] < len(text))
        pairs.append((frozenset(entities(doc)), again))
    return overlap(pairs) or 0.0


def _pieces(nlp: Language, docs: Sequence[Doc]) -> tuple[float | None, float | None]:
    """Return wordpieces a word, and the share of unknown ones in per cent."""
    models = (getattr(component, "model", None) for _, component in nlp.pipeline)
    model: Any = next((each for each in models if isinstance(each, TransformerModel)), None)
    words = sum(not token.is_space for doc in docs for token in doc)
    if model is None or not words:
        return None, None
    cut = tokenize(
        model.tokenizer,
        model.shim.template,
        [doc[:] for doc in docs],
        separator=None,
        word_spaces=model.shim.show_spaces,
    )
    ids = [piece for pieces in cut for piece in pieces.ids]
    unknown = model.tokenizer.unk_token_id
    return len(ids) / words, 100 * ids.count(unknown) / max(1, len(ids))
