"""A chart of scores against the fused layer: a column of panels for each fusion."""

from collections.abc import Callable, Sequence
from itertools import cycle
from textwrap import fill
from typing import Any, NamedTuple

from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from spacy_dlfa.study.comparison.rules import BASELINE
from spacy_dlfa.study.pages.svg import add_axes, render
from spacy_dlfa.study.pages.theme import light
from spacy_dlfa.study.report.labels import direct_labels
from spacy_dlfa.study.report.systems import Spread, SweptSystem, fused_names, fusion_colour

# Pixels
_LEFT = 56
_WIDTH = 860
_RIGHT = 76
_TOP = 44
_HEIGHT = 190
_GAP = 18
_BETWEEN = 46
_BOTTOM = 46
_WIDEST = 320
_LETTER = 7.5

#: Of the systems without a layer that stand beside the last layer, in turn
_DASHES = ((2, 2), (6, 3), (6, 2, 2, 2), (1, 3))


class Measure(NamedTuple):
    """A row of panels.

    title (str): What is measured.
    of (Callable[[SweptSystem], Optional[Spread]]): Measures a system.
    """

    title: str
    of: Callable[[SweptSystem], Spread | None]


def layer_chart(
    systems: Sequence[SweptSystem], measures: Sequence[Measure], label: str
) -> Markup | None:
    """Draw each measure's mean, and a bar from its low to its high end.

    Controls without a layer are horizontal lines, and each panel repeats the other fusions
    faintly. None if no fusion has a layer.
    """
    names = fused_names(systems)
    measures = [measure for measure in measures if any(map(measure.of, systems))]
    if not names or not measures:
        return None
    panel = min(_WIDEST, (_WIDTH - _GAP * (len(names) - 1)) / len(names))
    width = _LEFT + len(names) * (panel + _GAP) - _GAP + _RIGHT
    height = _TOP + len(measures) * (_HEIGHT + _BETWEEN) - _BETWEEN + _BOTTOM

    def draw(figure: Figure) -> None:
        for row, measure in enumerate(measures):
            shared: Axes | None = None
            for column, name in enumerate(names):
                left, top = _LEFT + column * (panel + _GAP), _TOP + row * (_HEIGHT + _BETWEEN)
                axes = add_axes(figure, left, top, panel, _HEIGHT, sharey=shared)
                _draw_panel(axes, systems, measure, name, first=column == 0)
                if row == 0:
                    title = fill(name, int(panel / _LETTER))
                    axes.set_title(title, color=light(fusion_colour(name)), loc="left")
                if row == len(measures) - 1:
                    axes.set_xlabel("lower layer")
                shared = shared or axes
            _label_controls(axes, systems, measure)

    return render(draw, width, height, label)


def _draw_panel(
    axes: Axes, systems: Sequence[SweptSystem], measure: Measure, name: str, *, first: bool
) -> None:
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5))
    axes.grid(visible=False, axis="x")
    axes.spines["left"].set_visible(False)
    layers = sorted({system.layer for system in systems if system.layer is not None})
    axes.set_xlim(min(layers) - 0.6, max(layers) + 0.6)
    axes.set_xticks(layers)
    if first:
        axes.set_ylabel(measure.title)
    axes.tick_params(axis="y", labelleft=first)
    dashes = cycle(_DASHES)
    for system in systems:
        if system.layer is not None:
            continue
        own = None if system.name == BASELINE else next(dashes)
        if found := measure.of(system):
            _draw_control(axes, found, own)
    for other in fused_names(systems):
        known = {
            system.layer: found
            for system in systems
            if system.name == other and system.layer is not None and (found := measure.of(system))
        }
        x, y = list(known), [found.mean for found in known.values()]
        if other != name:
            axes.plot(x, y, color=light("line"), linewidth=1, zorder=1.5)
            continue
        colour = light(fusion_colour(name))
        for layer, found in known.items():
            ends = [found.low, found.high]
            axes.plot([layer, layer], ends, color=colour, linewidth=2.5, alpha=0.45)
        axes.plot(x, y, "o-", color=colour, linewidth=2, markersize=7, mec=light("page"))


def _draw_control(axes: Axes, found: Spread, dashes: tuple[int, ...] | None) -> None:
    style: dict[str, Any] = {"dashes": dashes} if dashes else {}
    axes.axhline(found.mean, color=light("ink"), linewidth=1.3, zorder=1.8, **style)


def _label_controls(axes: Axes, systems: Sequence[SweptSystem], measure: Measure) -> None:
    found = {s.name: measure.of(s) for s in systems if s.layer is None}
    places = {name: value.mean for name, value in found.items() if value}
    direct_labels(axes, {name: (y, "ink") for name, y in places.items()})
