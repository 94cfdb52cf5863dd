"""A chart with one row for each test set: a dot, its interval, the language and its family."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from spacy_dlfa.study.pages.page import score, signed
from spacy_dlfa.study.pages.svg import add_axes, render
from spacy_dlfa.study.pages.theme import family_colour, light

# Pixels
_ROW = 18
_LABELS = 204
_PANELS = 580
_VALUE = 56
_FAMILY = 164
_TOP = 36
_TITLE = 30
_BOTTOM = 44


class Dot(NamedTuple):
    """A value with its interval.

    value (Optional[float]): The value; None draws nothing.
    low (Optional[float]): Lower end of the interval.
    high (Optional[float]): Upper end.
    other (Optional[float]): A second value, drawn as a ring.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    other: float | None = None


class DotRow(NamedTuple):
    """A test set.

    label (str): Its language.
    family (str): The family, which gives the colour.
    dots (Sequence[Dot]): One for each panel.
    strong (bool): Whether to print the label in bold, as that of English.
    """

    label: str
    family: str
    dots: Sequence[Dot]
    strong: bool = False


class Panel(NamedTuple):
    """A column of dots.

    title (str): Title.
    unit (str): What the axis measures.
    reference (float): Where a line is drawn.
    signed (bool): Whether values are printed with their sign.
    """

    title: str
    unit: str
    reference: float | None
    signed: bool = False


def dot_chart(rows: Sequence[DotRow], panels: Sequence[Panel], label: str) -> Markup:
    """Draw the rows from top to bottom, the panels side by side.

    label (str): What the chart shows.
    """
    column = _PANELS / len(panels)
    top = _TOP + (_TITLE if any(panel.title for panel in panels) else 0)
    width, height = _LABELS + _PANELS + _FAMILY, top + _ROW * len(rows) + _BOTTOM

    def draw(figure: Figure) -> None:
        shared: Axes | None = None
        for number, panel in enumerate(panels):
            left = _LABELS + _VALUE + number * column
            axes = add_axes(figure, left, top, column - _VALUE, _ROW * len(rows), sharex=shared)
            shared = shared or axes
            _draw_panel(axes, rows, [row.dots[number] for row in rows], panel)
            for y, row in enumerate(rows):
                if number == 0:
                    weight = "bold" if row.strong else "normal"
                    _write(axes, 0, y, -_VALUE - 2, row.label, ha="right", fontweight=weight)
                if number == len(panels) - 1:
                    _write(axes, 1, y, 10, row.family, color=light("faint"))

    return render(draw, width, height, label)


def _draw_panel(axes: Axes, rows: Sequence[DotRow], dots: Sequence[Dot], panel: Panel) -> None:
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.spines["top"].set_visible(True)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, min_n_ticks=3))
    axes.tick_params(axis="x", top=True, labeltop=True)
    axes.set_xlabel(panel.unit)
    axes.set_title(panel.title, pad=24, loc="left")
    axes.margins(x=0.03)
    if panel.reference is not None:
        axes.axvline(panel.reference, color=light("soft"), linewidth=1, dashes=(4, 3), zorder=1)
    for y, (row, dot) in enumerate(zip(rows, dots, strict=True)):
        colour = light(family_colour(row.family))
        if dot.low is not None and dot.high is not None:
            axes.plot([dot.low, dot.high], [y, y], color=colour, linewidth=2.5, alpha=0.45)
        if dot.other is not None:
            axes.plot(dot.other, y, "o", markersize=5, markerfacecolor="none", color=light("faint"))
        if dot.value is not None:
            axes.plot(dot.value, y, "o", markersize=8, color=colour, markeredgecolor=light("page"))
        text = signed(dot.value) if panel.signed else score(dot.value)
        # On the left, where a narrow screen begins
        _write(axes, 0, y, -10, text, ha="right", color=light("soft"))


def _write(axes: Axes, side: int, y: float, offset: float, text: str, **style: Any) -> None:
    axes.annotate(
        text,
        (side, y),
        xycoords=axes.get_yaxis_transform(),
        xytext=(offset, 0),
        textcoords="offset points",
        va="center_baseline",
        **style,
    )
