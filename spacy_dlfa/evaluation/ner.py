"""Score named entities by character spans, so that any tokenisation can be compared."""

from spacy.tokens import Doc

from spacy_dlfa.evaluation.tally import Tally, f_score


class EntityTally(Tally):
    """Precision, recall and F1, micro-averaged; an entity is right by characters and label."""

    kinds = ("tp", "fp", "fn")
    annotated = ("tp", "fn")

    def add(self, predicted: Doc, gold: Doc) -> None:
        """Count the entities of one sentence; of one without annotation there are none."""
        found, expected = scored_entities(predicted, gold), entities(gold)
        self.counts["tp"].append(len(found & expected))
        self.counts["fp"].append(len(found - expected))
        self.counts["fn"].append(len(expected - found))

    def metrics(self) -> dict[str, float | None]:
        """Return `p`, `r` and `f`."""
        tp, fp, fn = (sum(self.counts[kind]) for kind in ("tp", "fp", "fn"))
        if tp + fn == 0:
            return {"p": None, "r": None, "f": None}
        precision = 100 * tp / (tp + fp) if tp + fp else 0.0
        return {"p": precision, "r": 100 * tp / (tp + fn), "f": f_score(tp, fp, fn)}


def entities(doc: Doc) -> set[tuple[int, int, str]]:
    """Return the entities of a document as (first character, end, label)."""
    return {(ent.start_char, ent.end_char, ent.label_) for ent in doc.ents}


def scored_entities(predicted: Doc, gold: Doc) -> set[tuple[int, int, str]]:
    """Return the predicted entities that gold says anything of.

    Those that touch a token without annotation are neither right nor wrong, as in spaCy's scores.
    """
    missing = [(token.idx, token.idx + len(token)) for token in gold if not token.ent_iob]
    return {
        (start, end, label)
        for start, end, label in entities(predicted)
        if not any(start < last and first < end for first, last in missing)
    }
