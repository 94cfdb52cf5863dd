"""Scores of many languages against what the encoder has seen: `spacy dlfa coverage`."""

from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import mean
from typing import Any, NamedTuple

from markupsafe import Markup
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from spacy.tokens import Doc
from spacy.vocab import Vocab

from spacy_dlfa.docbin import read_docs
from spacy_dlfa.encoder.pretrained import load_pretrained
from spacy_dlfa.evaluation.encoder_card import read_languages
from spacy_dlfa.evaluation.labels_seen import is_zero_shot
from spacy_dlfa.evaluation.record import Run
from spacy_dlfa.evaluation.tasks import task_named
from spacy_dlfa.languages import LANGUAGES, is_foreign, script_of
from spacy_dlfa.study.errors import Errors
from spacy_dlfa.study.pages.definitions import HEADINGS
from spacy_dlfa.study.pages.svg import add_axes, render
from spacy_dlfa.study.pages.theme import light
from spacy_dlfa.study.report.page import render_page

SEEN, NEW, NEW_SCRIPT = "language seen", "new language, script seen", "new script"
_COLOURS = {SEEN: "blue", NEW: "orange", NEW_SCRIPT: "magenta"}
# Pixels
_LEFT, _TOP, _WIDTH, _HEIGHT, _RIGHT, _BOTTOM = 56, 20, 700, 320, 24, 50


class Place(NamedTuple):
    """A test set among the others.

    name (str): Its name.
    language (str): Its language.
    family (str): The language's family.
    script (str): Its script.
    group (str): SEEN, NEW or NEW_SCRIPT.
    score (float): The headline metric, in per cent.
    interval (List[float]): Its 95 % interval.
    pieces (float): Wordpieces for each word.
    unknown (float): Share of the wordpieces that the vocabulary has no sign for, in per cent.
    """

    name: str
    language: str
    family: str
    script: str
    group: str
    score: float
    interval: list[float]
    pieces: float
    unknown: float


def find_places(run: Run, paths: Sequence[Path]) -> tuple[list[Place], float]:
    """Put scores beside what the encoder knows of each language.

    run (Run): Scores of texts or pairs, with test sets whose names say the script.
    paths (Sequence[Path]): The test sets.
    RETURNS (Tuple[List[Place], float]): The foreign test sets, best first, and the share of the
        largest class in per cent, which a pipeline reaches that knows nothing.
    RAISES (ValueError): If the encoder has no folder or no card that names languages, the run is of
        words, or no foreign test set with a script is in both.
    """
    backbone, metric = run["backbone"], task_named(run["task"]).metric
    if task_named(run["task"]).component != "textcat":
        raise ValueError(Errors.DL474.format(task=run["task"]))
    languages = read_languages(Path(backbone)) if backbone else None
    if languages is None:
        raise ValueError(Errors.DL475.format(backbone=backbone, folder=Path.cwd()))
    files = {path.stem: path for path in paths}
    rows = {
        name: row
        for name, row in run["scores"].items()
        if name in files and script_of(name) and row[metric] is not None and is_zero_shot(row)
    }
    if not any(map(is_foreign, rows)):
        raise ValueError(Errors.DL476.format())
    seen_ones = [language for language in LANGUAGES.values() if language.name in languages]
    scripts = {script for language in seen_ones for script in language.scripts.split()}
    tokenizer = load_pretrained(str(backbone), {}, {}).tokenizer
    places, shares = [], []
    for name, row in rows.items():
        docs = read_docs(files[name], Vocab())
        shares.append(_largest_class(docs))
        if not is_foreign(name):
            continue
        seen = row["language"] in languages
        group = SEEN if seen else NEW if script_of(name) in scripts else NEW_SCRIPT
        places.append(
            Place(
                name,
                row["language"],
                row["family"],
                str(script_of(name)),
                group,
                row[metric],
                row["interval"],
                *_count_pieces(tokenizer, docs),
            )
        )
    return sorted(places, key=lambda place: -place.score), mean(shares)


def coverage_page(run: Run, places: Sequence[Place], chance: float) -> str:
    """Show where zero-shot ends.

    RETURNS (str): The page, HTML that needs no other file.
    """
    metric = task_named(run["task"]).title
    return render_page(
        "coverage.html",
        title=f"{HEADINGS[run['task']]} in {len(places)} languages and scripts",
        metric=metric,
        backbone=run["backbone"],
        chance=chance,
        sentences=sentences(places, chance),
        legend=[(colour, group) for group, colour in _COLOURS.items()],
        chart=_chart(places, chance, metric),
        groups=_means(places, lambda place: place.group),
        scripts=_means(places, lambda place: place.script),
        families=_means(places, lambda place: place.family or "not known"),
        places=places,
    )


def sentences(places: Sequence[Place], chance: float) -> list[str]:
    """Say of each group how well it does, and how much of it is no better than chance."""
    found = []
    for group in _COLOURS:
        own = [place for place in places if place.group == group]
        if own:
            lost = sum(place.interval[0] <= chance for place in own)
            found.append(
                f"{group[0].upper()}{group[1:]}: {mean(place.score for place in own):.1f} on "
                f"average over {len(own)}; {lost} can't be told apart from chance, {chance:.1f}"
            )
    return found


def _largest_class(docs: Sequence[Doc]) -> float:
    counts: dict[str, float] = {}
    for doc in docs:
        for label, value in doc.cats.items():
            counts[label] = counts.get(label, 0) + value
    return 100 * max(counts.values()) / len(docs)


def _count_pieces(tokenizer: Any, docs: Sequence[Doc]) -> tuple[float, float]:
    ids = tokenizer([doc.text for doc in docs], add_special_tokens=False)["input_ids"]
    pieces = sum(map(len, ids))
    unknown = sum(each.count(tokenizer.unk_token_id) for each in ids)
    words = sum(not token.is_space for doc in docs for token in doc)
    return pieces / max(words, 1), 100 * unknown / max(pieces, 1)


def _means(places: Sequence[Place], key: Callable[[Place], str]) -> list[dict[str, Any]]:
    groups: dict[str, list[Place]] = {}
    for place in places:
        groups.setdefault(key(place), []).append(place)
    rows: list[dict[str, Any]] = [
        {
            "name": name,
            "count": len(own),
            "score": mean(place.score for place in own),
            "seen": sum(place.group == SEEN for place in own),
            "pieces": mean(place.pieces for place in own),
        }
        for name, own in groups.items()
    ]
    return sorted(rows, key=lambda row: -row["score"])


def _chart(places: Sequence[Place], chance: float, metric: str) -> Markup:
    def draw(figure: Figure) -> None:
        axes = add_axes(figure, _LEFT, _TOP, _WIDTH, _HEIGHT)
        axes.xaxis.set_major_locator(MaxNLocator(nbins=8))
        axes.yaxis.set_major_locator(MaxNLocator(nbins=6))
        axes.set_xlabel("wordpieces for each word")
        axes.set_ylabel(f"{metric}, per cent")
        axes.axhline(chance, color=light("soft"), linewidth=1, dashes=(4, 3), zorder=1)
        for group, colour in _COLOURS.items():
            own = [place for place in places if place.group == group]
            x, y = [place.pieces for place in own], [place.score for place in own]
            axes.plot(x, y, "o", color=light(colour), markersize=6, mec=light("page"))

    width, height = _LEFT + _WIDTH + _RIGHT, _TOP + _HEIGHT + _BOTTOM
    return render(draw, width, height, f"{metric} against wordpieces for each word")
