"""What fusions do inside: the weight of the lower layer, and the similarity of translations."""

from collections.abc import Callable, Sequence
from statistics import mean
from typing import Any

from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from spacy_dlfa.study.comparison.runs import foreign
from spacy_dlfa.study.pages.svg import add_axes, render
from spacy_dlfa.study.pages.theme import light
from spacy_dlfa.study.report.labels import direct_labels
from spacy_dlfa.study.report.systems import SweptSystem, fused_names, fusion_colour, spread

_EVEN = 0.5
_LINES_WIDTH, _LINES_HEIGHT = 480, 300  # pixels

Inside = dict[str, Any]


def weight_chart(systems: Sequence[SweptSystem]) -> Markup | None:
    """Draw the mean weight of the lower layer over the foreign test sets, by layer."""
    lines = _lines(systems, lambda inside: _foreign_mean(inside["weight"]))
    # A half by definition, as of the plain mean, is not worth a line.
    lines = {name: line for name, line in lines.items() if {*line.values()} != {_EVEN}}
    if not lines:
        return None

    def draw(figure: Figure) -> None:
        axes = _layer_axes(figure, lines, "weight of the lower layer")
        axes.axhline(_EVEN, color=light("soft"), linewidth=1, dashes=(4, 3), zorder=1)
        _draw_lines(axes, lines)

    return render(draw, _LINES_WIDTH, _LINES_HEIGHT, "Weight of the lower layer by layer")


def similarity_chart(systems: Sequence[SweptSystem]) -> Markup | None:
    """Draw the mean similarity of translations after fusion by layer, and before it."""
    after = _lines(systems, lambda inside: _foreign_mean(inside["cosine"], "after"))
    if not after:
        return None
    befores = (s.inside(lambda inside: _foreign_mean(inside["cosine"], "before")) for s in systems)
    before = spread(found.mean for found in befores if found)

    def draw(figure: Figure) -> None:
        axes = _layer_axes(figure, after, "cosine with English")
        labels = {}
        if before:
            # With a trained encoder each run has its own.
            axes.axhspan(before.low, before.high, color=light("ink"), alpha=0.07, linewidth=0)
            axes.axhline(before.mean, color=light("ink"), linewidth=1.3, zorder=1.8)
            labels["before fusion"] = (before.mean, "ink")
        _draw_lines(axes, after, labels)

    return render(draw, _LINES_WIDTH, _LINES_HEIGHT, "Similarity of translations by layer")


def _layer_axes(figure: Figure, lines: dict[str, dict[int, float]], title: str) -> Axes:
    axes = add_axes(figure, 60, 32, 256, 220)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=6))
    layers = sorted({layer for line in lines.values() for layer in line})
    axes.set_xlim(layers[0] - 0.4, layers[-1] + 0.4)
    axes.set_xticks(layers)
    axes.grid(visible=False, axis="x")
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("lower layer")
    axes.set_ylabel(title)
    return axes


def _lines(
    systems: Sequence[SweptSystem], read: Callable[[Inside], float | None]
) -> dict[str, dict[int, float]]:
    lines: dict[str, dict[int, float]] = {name: {} for name in fused_names(systems)}
    for system in systems:
        if system.layer is not None and (found := system.inside(read)):
            lines[system.name][system.layer] = found.mean
    return {name: line for name, line in lines.items() if line}


def _draw_lines(
    axes: Axes,
    lines: dict[str, dict[int, float]],
    labels: dict[str, tuple[float, str]] | None = None,
) -> None:
    labels = dict(labels or {})
    for name, line in lines.items():
        colour = fusion_colour(name)
        axes.plot(
            list(line), list(line.values()), "o-", color=light(colour), linewidth=2, markersize=6,
            mec=light("page"),
        )  # fmt: skip
        labels[name] = (list(line.values())[-1], colour)
    direct_labels(axes, labels)


def _foreign_mean(by_corpus: dict[str, Any], key: str | None = None) -> float | None:
    values = [by_corpus[c] if key is None else by_corpus[c][key] for c in foreign(by_corpus)]
    return mean(values) if values else None


def weight_map(
    systems: Sequence[SweptSystem], name: str, corpora: Sequence[str], labels: dict[str, str]
) -> Markup | None:
    """Draw the weight of the lower layer by test set and layer, for one fusion."""
    found = {
        (corpus, s.layer): value.mean
        for s in systems
        if s.name == name
        for corpus in corpora
        if (value := s.inside(lambda inside: inside["weight"].get(corpus)))  # noqa: B023
    }
    if not found:
        return None
    layers = sorted({layer for _, layer in found if layer is not None})
    rows = [corpus for corpus in corpora if any((corpus, layer) in found for layer in layers)]
    most = max(abs(value - _EVEN) for value in found.values()) or 1.0
    cell_width, cell_height, left, top = 32, 18, 204, 46

    def draw(figure: Figure) -> None:
        width, height = cell_width * len(layers), cell_height * len(rows)
        axes = add_axes(figure, left, top, width, height)
        axes.set(xlim=(-0.5, len(layers) - 0.5), ylim=(len(rows) - 0.5, -0.5))
        axes.grid(visible=False)
        axes.spines[:].set_visible(False)
        axes.set_xticks(range(len(layers)), [str(layer) for layer in layers])
        axes.set_yticks(range(len(rows)), [labels[corpus] for corpus in rows])
        axes.tick_params(top=False, bottom=False, labeltop=True, labelbottom=False)
        axes.tick_params(axis="y", labelcolor=light("ink"))
        axes.set_title(f"{name}, lower layer", loc="left", color=light(fusion_colour(name)))
        for y, corpus in enumerate(rows):
            for x, layer in enumerate(layers):
                if (value := found.get((corpus, layer))) is not None:
                    _draw_cell(axes, x, y, value, (value - _EVEN) / most)

    width = left + cell_width * len(layers) + 8
    height = top + cell_height * len(rows) + 8
    return render(draw, width, height, f"Weight of the lower layer by language, {name}")


def _draw_cell(axes: Axes, x: int, y: int, value: float, strength: float) -> None:
    colour = light("blue" if strength > 0 else "orange")
    box = Rectangle((x - 0.47, y - 0.46), 0.94, 0.92, color=colour, linewidth=0)
    box.set_alpha(0.65 * abs(strength))
    axes.add_patch(box)
    axes.text(x, y, f"{100 * value:.0f}", ha="center", va="center_baseline", fontsize=10)
