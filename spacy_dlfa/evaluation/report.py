"""The scores of one run: averages, JSON, table."""

from collections.abc import Iterable
from pathlib import Path
from statistics import mean
from typing import Any, Final

import srsly
from spacy.language import Language as Pipeline
from wasabi import table

from spacy_dlfa.atomic import write_bytes
from spacy_dlfa.evaluation.languages import ENGLISH_FAMILY, language_of
from spacy_dlfa.evaluation.ner import EntityScore

SCORES = ("p", "r", "f")
ALIGNS: Final = ("l", "l", "l", "r", "r", "r", "r", "r", "r")
GROUPS = {"all": "all foreign", "enf": "enf (Germanic)", "nenf": "nenf (the others)"}


def corpus_row(
    corpus: str, sentences: int, num_entities: int, tokens: EntityScore, raw: EntityScore
) -> dict[str, Any]:
    """Put the scores of one test set together: on its own tokens and, `raw`, on plain text."""
    language = language_of(corpus)
    return {
        "language": language.name,
        "family": language.family,
        "sentences": sentences,
        "entities": num_entities,
        **tokens._asdict(),
        "raw": raw._asdict(),
    }


def run_settings(nlp: Pipeline) -> dict[str, Any]:
    """Read from a pipeline's config what was trained."""
    config = nlp.config.interpolate()
    tok2vec = config["components"]["ner"].get("model", {}).get("tok2vec", {})
    transformer = config["components"].get("transformer", {}).get("model", {})
    fusion = tok2vec.get("fusion") or {}
    reads_lower = fusion.get("@layers") != "spacy_dlfa.LastLayer.v1"
    return {
        "task": "ner",
        # A listener that was replaced holds the encoder itself.
        "backbone": tok2vec.get("name") or transformer.get("name"),
        "layer": tok2vec.get("layer") if reads_lower else None,
        "fusion": tok2vec.get("fusion"),
        "seed": config["training"].get("seed"),
    }


def averages(scores: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Average over the foreign test sets that have entities.

    scores (Dict[str, Dict[str, Any]]): Rows by name of the test set.
    RETURNS (Dict[str, Dict[str, Any]]): For `all`, `enf` (English's own family, the Germanic
        languages, without English) and `nenf` (the others): plain means, and the number of sets.
    """
    foreign = [
        row for row in scores.values() if row["language"] != "English" and row["f"] is not None
    ]
    own = [row for row in foreign if row["family"] == ENGLISH_FAMILY]
    others = [row for row in foreign if row["family"] != ENGLISH_FAMILY]
    return {
        group: {
            "corpora": len(rows),
            **{key: mean_of(row[key] for row in rows) for key in SCORES},
            "raw": {key: mean_of(row["raw"][key] for row in rows) for key in SCORES},
        }
        for group, rows in zip(GROUPS, (foreign, own, others), strict=True)
    }


def mean_of(values: Iterable[float]) -> float | None:
    """Return the mean, or None of nothing."""
    numbers = list(values)
    return mean(numbers) if numbers else None


def format_table(metrics: dict[str, Any]) -> str:
    """Lay out the scores for a terminal: languages by family, English apart, averages."""
    scores = metrics["scores"].items()
    foreign = [(name, row) for name, row in scores if row["language"] != "English"]
    foreign.sort(key=lambda item: (item[1]["family"], item[1]["language"], item[0]))
    english = [(name, row) for name, row in scores if row["language"] == "English"]
    rows = [format_row(name, row) for name, row in foreign + english]
    for group, title in GROUPS.items():
        row = metrics["averages"][group]
        rows.append(["mean", title, f"{row['corpora']} sets", "", "", *format_scores(row)])
    header = ["Language", "Test set", "Family", "Sent.", "Ent.", "P", "R", "F1", "F1 raw text"]
    return table(rows, header=header, divider=True, aligns=ALIGNS)


def format_row(name: str, row: dict[str, Any]) -> list[str]:
    """Format one test set."""
    counts = [f"{row['sentences']:,}", f"{row['entities']:,}"]
    return [row["language"], name, row["family"], *counts, *format_scores(row)]


def format_scores(row: dict[str, Any]) -> list[str]:
    """Format precision, recall, F1 and F1 from raw text."""
    values = [row[key] for key in SCORES] + [row["raw"]["f"]]
    return ["n/a" if value is None else f"{value:.1f}" for value in values]


def write_json(path: Path, data: dict[str, Any]) -> None:
    """Write a JSON file whole or not at all."""
    write_bytes(path, srsly.json_dumps(data, indent=2).encode("utf8"))
