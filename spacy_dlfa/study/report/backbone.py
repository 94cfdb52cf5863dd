"""The page of `spacy dlfa backbone-report`."""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from spacy_dlfa.languages import LANGUAGES
from spacy_dlfa.study.pages.dot_chart import Dot, DotRow, Panel, dot_chart
from spacy_dlfa.study.pages.svg import add_axes, render
from spacy_dlfa.study.pages.theme import IN_TURN, family_legend, light
from spacy_dlfa.study.probing.results import TITLES
from spacy_dlfa.study.probing.tables import (
    figures_by_language,
    language_rows,
    language_titles,
    losses_by_language,
    seen_sentences,
    summary_rows,
    trade_sentence,
)
from spacy_dlfa.study.report.labels import direct_labels
from spacy_dlfa.study.report.page import render_page
from spacy_dlfa.study.report.trade_chart import trade_chart

_FAMILIES = {language.name: language.family for language in LANGUAGES.values()}
_PANEL, _HEIGHT = 320, 230  # pixels
_LABELS = 190


def backbone_page(report: Mapping[str, Any]) -> str:
    """Show the figures of encoders: verdicts, tables, charts by language and by layer.

    report (Mapping[str, Any]): What `spacy dlfa backbone-report` writes as JSON.
    RETURNS (str): The page, HTML that needs no other file.
    """
    encoders = report["encoders"]
    named = [each for each in encoders if each["floor"] is not None]
    charts = [{"name": each["name"], "chart": _task_chart(report, each)} for each in named]
    languages = {row[0] for row in language_rows(report, named[0]["name"])}
    return render_page(
        "backbone.html",
        title=", ".join(each["name"] for each in named),
        report=report,
        header=[each["name"] for each in encoders],
        rows=summary_rows(report),
        seen=seen_sentences(report),
        charts=charts,
        trade=trade_chart(named, report["trades"]),
        trades=trade_sentence(report),
        legend=family_legend({_FAMILIES[language] for language in languages}),
        retrieval=_retrieval_chart(encoders),
        losses=_loss_chart(report, named),
        language_titles=language_titles(report),
        languages=[
            {"name": each["name"], "rows": language_rows(report, each["name"])} for each in named
        ],
        settings=_settings(report),
    )


def _settings(report: Mapping[str, Any]) -> dict[str, str]:
    tasks = report["encoders"][0]["tasks"]
    found = {
        "Languages": ", ".join(report["languages"] or []) or "all",
        "Seeds": ", ".join(map(str, report["seeds"])),
        "Steps": ", ".join(f"{TITLES[task]}: {each['steps']}" for task, each in tasks.items()),
    }
    for each in report["encoders"]:
        found[each["name"]] = (
            f"{each['folder']}: {each['layers']} layers, {each['parameters'] / 1e6:.1f} million "
            f"parameters, {each['vocabulary']:,} wordpieces"
        )
    return found


def _task_chart(report: Mapping[str, Any], encoder: Mapping[str, Any]) -> Markup:
    floor = next(each for each in report["encoders"] if each["name"] == encoder["floor"])
    ours = [figures_by_language(encoder, task) for task in TITLES]
    theirs = [figures_by_language(floor, task) for task in TITLES]
    shown = sorted(
        _shown(report, ours), key=lambda each: (each != "English", _FAMILIES.get(each, ""), each)
    )
    panels = [
        Panel(title, "per cent", encoder["tasks"][task]["means"]["trained"])
        for task, title in TITLES.items()
    ]
    return dot_chart(_rows(shown, ours, theirs), panels, f"Scores of {encoder['name']} by language")


def _loss_chart(report: Mapping[str, Any], encoders: Sequence[Mapping[str, Any]]) -> Markup | None:
    with_head = [each for each in encoders if each["masked_lm"] is not None]
    if not with_head:
        return None
    found = [losses_by_language(each) for each in with_head]
    by_name = {each["name"]: each for each in report["encoders"]}
    floors = [losses_by_language(by_name[each["floor"]]) for each in with_head]
    shown = sorted(_shown(report, found), key=lambda each: (found[0].get(each, 0.0), each))
    panels = [Panel(each["name"], "nats for each masked wordpiece", None) for each in with_head]
    title = "Loss of masked language modelling by language"
    return dot_chart(_rows(shown, found, floors), panels, title)


def _shown(report: Mapping[str, Any], figures: Sequence[Mapping[str, float]]) -> set[str]:
    """Return the languages that have a figure and count."""
    found = {language for each in figures for language in each}
    return found if report["languages"] is None else found & {"English", *report["languages"]}


def _rows(
    languages: Sequence[str],
    ours: Sequence[Mapping[str, float]],
    theirs: Sequence[Mapping[str, float]],
) -> list[DotRow]:
    """Put the figures of languages beside those of the same encoders with random weights."""
    return [
        DotRow(
            language,
            _FAMILIES.get(language, ""),
            [
                Dot(a.get(language), other=b.get(language))
                for a, b in zip(ours, theirs, strict=True)
            ],
            strong=language == "English",
        )
        for language in languages
    ]


def _retrieval_chart(encoders: Sequence[Mapping[str, Any]]) -> Markup:
    names = list(encoders[0]["retrieval"])
    width = 56 + len(names) * (_PANEL + _LABELS)

    def draw(figure: Figure) -> None:
        for column, name in enumerate(names):
            left = 56 + column * (_PANEL + _LABELS)
            _draw_retrieval(add_axes(figure, left, 40, _PANEL, _HEIGHT), encoders, name)

    return render(draw, width, _HEIGHT + 90, "Retrieval of translations by layer")


def _draw_retrieval(axes: Axes, encoders: Sequence[Mapping[str, Any]], name: str) -> None:
    axes.yaxis.set_major_locator(MaxNLocator(nbins=6))
    axes.xaxis.set_major_locator(MaxNLocator(nbins=12, integer=True))
    axes.grid(visible=False, axis="x")
    axes.spines["left"].set_visible(False)
    axes.set_title(name, loc="left")
    axes.set_xlabel("layer; 0 is the embeddings")
    axes.set_ylabel("per cent found")
    labels: dict[str, tuple[float, str]] = {}
    colours = iter(IN_TURN * len(encoders))
    for each in encoders:
        layers = each["retrieval"][name]["means"]["trained"]
        if None in layers:
            continue
        colour = "faint" if each["floor"] is None else next(colours)
        axes.plot(
            range(len(layers)), layers, "o-", color=light(colour), linewidth=2, markersize=6,
            mec=light("page"),
        )  # fmt: skip
        labels[each["name"]] = (layers[-1], colour)
    chance = encoders[0]["retrieval"][name]["chance"]
    axes.axhline(chance, color=light("soft"), linewidth=1, dashes=(4, 3), zorder=1)
    labels["chance"] = (chance, "soft")
    axes.set_ylim(bottom=0)
    direct_labels(axes, labels)
