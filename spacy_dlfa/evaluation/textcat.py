"""Score the categories of documents and of pairs."""

from collections import Counter
from statistics import mean

from spacy.language import Language
from spacy.tokens import Doc

from spacy_dlfa.errors import Errors
from spacy_dlfa.evaluation.tally import Tally


class CategoryTally(Tally):
    """Accuracy, and the plain mean of F1 over the labels in gold or predictions."""

    def __init__(self) -> None:
        super().__init__()
        self._pairs: Counter[tuple[str, str]] = Counter()

    def add(self, predicted: Doc, gold: Doc) -> None:
        """Count one document."""
        expected = category(gold)
        if expected is None:
            self.counts["correct"].append(0)
            self.counts["total"].append(0)
            return
        found = best_category(predicted) if predicted.cats else ""
        self.counts["correct"].append(int(found == expected))
        self.counts["total"].append(1)
        self._pairs[found, expected] += 1

    def metrics(self) -> dict[str, float | None]:
        """Return `accuracy` and `macro_f1`."""
        if not self.support:
            return {"accuracy": None, "macro_f1": None}
        accuracy = 100 * sum(self.counts["correct"]) / self.support
        return {"accuracy": accuracy, "macro_f1": self._macro_f()}

    def _macro_f(self) -> float:
        labels = {label for pair in self._pairs for label in pair}
        found, expected = Counter[str](), Counter[str]()
        for (found_label, gold_label), count in self._pairs.items():
            found[found_label] += count
            expected[gold_label] += count
        return mean(
            200 * self._pairs[label, label] / (found[label] + expected[label]) for label in labels
        )


def keep_topics(nlp: Language, doc: Doc) -> Doc:
    """Leave a document no categories but those of `textcat`: others are of another classifier.

    nlp (Language): The pipeline that the document went through.
    doc (Doc): The document, which is changed.
    RETURNS (Doc): The same document.
    """
    if doc.cats and "textcat" in nlp.pipe_names:
        # A component that names no labels may have set any
        labels = getattr(nlp.get_pipe("textcat"), "labels", ()) or doc.cats
        doc.cats = {label: score for label, score in doc.cats.items() if label in labels}
    return doc


def best_category(doc: Doc) -> str:
    """Return the label with the highest score; the document has one at least."""
    return max(doc.cats, key=lambda label: doc.cats[label])


def category(doc: Doc) -> str | None:
    """Return the gold label of a document, or None if it has no annotation.

    RAISES (ValueError): If it has annotation, but not exactly one label.
    """
    labels = [label for label, value in doc.cats.items() if value >= 0.5]
    if doc.cats and len(labels) != 1:
        raise ValueError(
            Errors.DL311.format(text=doc.text[:40], num_labels=len(labels), labels=labels)
        )
    return labels[0] if labels else None
