"""Comparisons and choices as tables for a terminal."""

from typing import Any

from spacy_dlfa.languages import language_of
from spacy_dlfa.study.comparison.paired import Comparison
from spacy_dlfa.study.comparison.runs import foreign, system_label
from spacy_dlfa.study.comparison.verdict import format_p
from spacy_dlfa.tables import lay_out


def format_comparisons(found: list[Comparison]) -> str:
    """Lay out one row for each system."""
    rows = [
        [
            row.name,
            "" if row.layer is None else str(row.layer),
            str(len(row.seeds)),
            f"{row.mean:.1f}",
            f"{row.difference:+.1f}",
            f"{row.low:+.1f} to {row.high:+.1f}",
            format_p(row.p_holm),
            f"{row.ahead} of {row.corpora}",
        ]
        for row in found
    ]
    header = ["System", "Layer", "Seeds", "Mean", "Diff.", "95 % interval", "p Holm", "Ahead in"]
    return lay_out(rows, ["l", *"r" * (len(header) - 1)], header)


def format_corpora(found: list[Comparison]) -> str:
    """Lay out the differences by test set, with an interval where there is one system."""
    targets = foreign(found[0].by_corpus)
    corpora = targets + sorted({*found[0].by_corpus} - {*targets})
    rows = []
    for corpus in corpora:
        cells = [f"{row.by_corpus[corpus]:+.1f}" for row in found]
        if len(found) == 1:
            low, high = found[0].intervals[corpus]
            cells.append(f"{low:+.1f} to {high:+.1f}")
        rows.append([language_of(corpus).name, corpus, *cells])
    names = [system_label((row.name, row.layer)) for row in found]
    header = ["Language", "Test set", *names, *(["95 % interval"] if len(found) == 1 else [])]
    return lay_out(rows, ["l", "l", *"r" * (len(header) - 2)], header)


def format_picks(rows: list[dict[str, Any]]) -> str:
    """Lay out the choice of each rule and its regret, among all and within each fusion."""
    among = list(rows[0]["regrets"])
    cells = [
        [row["rule"], row["choice"], row["checkpoint"]]
        + [
            "n/a" if row["regrets"][name] is None else f"{row['regrets'][name]:.1f}"
            for name in among
        ]
        for row in rows
    ]
    header = ["Rule", "Choice", "Checkpoint", *(f"Regret, {name}" for name in among)]
    return lay_out(cells, ["l", "l", "l", *"r" * len(among)], header)
