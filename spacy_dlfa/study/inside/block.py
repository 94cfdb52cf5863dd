"""The block of `spacy dlfa inside` on a page of Markdown."""

from collections.abc import Mapping, Sequence
from statistics import mean

from spacy_dlfa.evaluation.averages import over_languages
from spacy_dlfa.evaluation.record import Run
from spacy_dlfa.study.inside.distances import (
    ByLanguage,
    Correlation,
    correlate,
    of_reading,
    of_sweep,
)
from spacy_dlfa.study.inside.layers import ALL, FusionLayers, best_layers
from spacy_dlfa.study.inside.reading import Reading
from spacy_dlfa.study.inside.translations import Likeness, by_family, mean_likeness
from spacy_dlfa.study.inside.weights import NOTHING, weights_section
from spacy_dlfa.study.pages.markdown import bullets, fold
from spacy_dlfa.tables import markdown_table

_LIKENESS = [
    f"{kind}, {layer}" for kind in ("cosine", "found") for layer in ("lower", "last", "fused")
]


def inside_block(
    readings: Sequence[Reading],
    sweeps: Sequence[Sequence[Run]],
    distances: Mapping[str, ByLanguage],
    *,
    sentences: int,
    image: str,
    minutes: float,
) -> str:
    """Show all that was seen.

    readings (Sequence[Reading]): The gates.
    sweeps (Sequence[Sequence[Run]]): The runs of each sweep, as `comparison.runs.read_runs` gives
        them.
    distances (Mapping[str, ByLanguage]): Distances from English, each with a title.
    sentences (int): How many of a test set were read.
    image (str): Where the page finds the chart.
    minutes (float): What it took.
    RAISES (ValueError): If a sweep is of no layers, or lacks what English dev picks by.
    """
    values: dict[str, ByLanguage] = {}
    for reading in readings:
        values |= of_reading(reading)
    for runs in sweeps:
        values |= of_sweep(runs)
    pieces = ({name: each.pieces for name, each in r.corpora.items()} for r in readings)
    measures = {**distances, "wordpieces for each word": over_languages(*pieces, english=False)}
    corpora = {name for reading in readings for name in reading.corpora}
    parts = [
        f"{sentences} sentences of each of {len(corpora)} test sets, evenly spread, or the "
        f"translations of the English ones; {minutes:.1f} minutes of one core.",
        weights_section(readings, image),
        layers_section([each for runs in sweeps for each in best_layers(runs)]),
        distances_section(correlate(values, measures)),
        translations_section(readings, sentences),
    ]
    return "\n\n".join(filter(None, parts))


def layers_section(found: Sequence[FusionLayers]) -> str:
    """Show the best layer of each family, for each task and fusion; nothing without a sweep."""
    if not found:
        return ""
    sweeps = {each.task: each for each in found}
    families = sorted({family for each in found for family in each.families} - {ALL})
    header = ["family", f"test sets ({', '.join(sweeps)})"]
    header += [f"{each.task}, `{each.fusion}`; dev: {each.picked}" for each in found]
    rows = []
    for family in [ALL, *families]:
        sets = [each.families.get(family) for each in sweeps.values()]
        counts = ", ".join(NOTHING if best is None else str(best.corpora) for best in sets)
        rows.append([family, counts, *(_best_cell(each, family) for each in found)])
    return "\n\n".join(
        [
            "### Layers by family",
            "The layer with the best mean over a family's test sets, and the points that it is "
            "ahead of the layer that English dev picks. **This is an oracle**: the best of all "
            "layers was read from the test sets, so some of these points are luck.",
            bullets(map(_layer_line, found)),
            fold("By family", markdown_table(header, rows)),
        ]
    )


def distances_section(found: Sequence[Correlation]) -> str:
    """Show what goes with distance; nothing if there are too few languages."""
    if not found:
        return ""
    measures = list(dict.fromkeys(each.measure for each in found))
    by_place = {(each.title, each.measure): each for each in found}
    rows = [
        [title, *(_correlation_cell(by_place.get((title, measure))) for measure in measures)]
        for title in dict.fromkeys(each.title for each in found)
    ]
    return "\n\n".join(
        [
            "### Distance from English",
            "Spearman's correlation over languages, their number in brackets; bold where p is "
            f"below 0.05 after Holm's correction for all {len(found)}.",
            markdown_table(["", *measures], rows),
        ]
    )


def translations_section(readings: Sequence[Reading], sentences: int) -> str:
    """Show how alike translations are before and after fusion; nothing if there are none."""
    shown = [reading for reading in readings if reading.translations]
    if not shown:
        return ""
    rows = [
        [each.title, str(len(each.translations)), *_likeness_cells(each.translations)]
        for each in shown
    ]
    folds = [
        fold(
            f"{each.title}: by family",
            markdown_table(
                ["family", "test sets", *_LIKENESS],
                [
                    [family, str(len(own)), *_likeness_cells(own)]
                    for family, own in by_family(each.translations).items()
                ],
            ),
        )
        for each in shown
    ]
    return "\n\n".join(
        [
            "### Translations",
            "A sentence is the mean of its wordpieces. *Cosine* is that of an English sentence "
            "and its translation; as all sentences are alike in some layers, *found* says how "
            "often, in per cent, the translation is the nearest of the other language's sentences "
            f"(at most {sentences}, both ways, the mean of each language taken off). Means over "
            "foreign test sets with an English parallel.",
            markdown_table(["gate, layers", "test sets", *_LIKENESS], rows),
            *folds,
        ]
    )


def _best_cell(each: FusionLayers, family: str) -> str:
    best = each.families.get(family)
    if best is None:
        return NOTHING
    return str(best.layer) if not best.gain else f"{best.layer}, {best.gain:+.1f}"


def _layer_line(each: FusionLayers) -> str:
    picked = each.picked
    own = {family: best for family, best in each.families.items() if family != ALL}
    near = sum(abs(best.layer - picked) <= 1 for best in own.values())
    seeds = "one seed" if each.seeds == 1 else f"{each.seeds} seeds"
    return (
        f"{each.task}, `{each.fusion}`, {each.layers} layers with {seeds} each: English dev picks "
        f"layer {picked}; the best for all foreign test sets is {each.families[ALL].layer}. Of "
        f"{len(own)} families {near} have their best layer there or next to it; a family's own "
        f"layer gains {mean(best.gain for best in own.values()):.1f} points on average."
    )


def _correlation_cell(each: Correlation | None) -> str:
    if each is None:
        return NOTHING
    rho = f"{each.rho:+.2f}".replace("-", "−")
    return f"{f'**{rho}**' if each.p < 0.05 else rho} ({each.languages})"


def _likeness_cells(found: Mapping[str, Likeness]) -> list[str]:
    means = mean_likeness(found)
    return [*(f"{x:.2f}" for x in means.cosines), *(f"{x:.0f}" for x in means.found)]
