"""A chart of encoders: the mean of the tasks against words per second."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from markupsafe import Markup
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullFormatter

from spacy_dlfa.study.pages.svg import add_axes, render
from spacy_dlfa.study.pages.theme import light

# Pixels
_LEFT, _TOP, _WIDTH, _HEIGHT, _RIGHT, _BOTTOM = 56, 24, 560, 280, 200, 56


def trade_chart(encoders: Sequence[Mapping[str, Any]], trades: Collection[str]) -> Markup:
    """Draw a dot for each encoder, and a line along those that none beats in both.

    encoders (Sequence[Mapping[str, Any]]): Those of a report that have a speed.
    trades (Collection[str]): Names of the encoders on the line.
    """
    places = {each["name"]: (each["speed"]["words_per_second"], each["mean"]) for each in encoders}

    def draw(figure: Figure) -> None:
        axes = add_axes(figure, _LEFT, _TOP, _WIDTH, _HEIGHT)
        # Set before the dots are, as the labels of ticks hang on it
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(MaxNLocator(nbins=6))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:,.0f}"))
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.yaxis.set_major_locator(MaxNLocator(nbins=6))
        axes.set_xlabel("words per second on one core")
        axes.set_ylabel("mean of the three tasks")
        line = sorted(places[name] for name in trades)
        axes.plot(
            [x for x, _ in line], [y for _, y in line], color=light("line"), linewidth=2, zorder=1
        )
        for name, (x, y) in places.items():
            colour = light("blue" if name in trades else "faint")
            axes.plot([x], [y], "o", color=colour, markersize=8, mec=light("page"))
            axes.annotate(
                name, (x, y), xytext=(8, 4), textcoords="offset points", color=light("ink")
            )
        axes.margins(0.1)

    width, height = _LEFT + _WIDTH + _RIGHT, _TOP + _HEIGHT + _BOTTOM
    return render(draw, width, height, "Mean of the three tasks against words per second")
