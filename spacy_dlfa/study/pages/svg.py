"""Charts as inline SVG that take their colours and fonts from the page."""

import re
from collections.abc import Callable
from io import StringIO
from typing import Any

import matplotlib
from markupsafe import Markup, escape
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from spacy_dlfa.study.pages.theme import COLOURS, light

# One point is one pixel of the page.
_DPI = 72
# Narrower than that nothing could be read; the page scrolls.
_NARROWEST = 720
_STYLE: Any = {
    "svg.fonttype": "none",
    "text.parse_math": False,  # labels come from files
    "font.size": 12,
    "text.color": light("ink"),
    "axes.edgecolor": light("line"),
    "axes.labelcolor": light("soft"),
    "axes.titlesize": 12,
    "axes.titleweight": "bold",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "grid.color": light("grid"),
    "grid.linewidth": 1,
    "xtick.color": light("line"),
    "ytick.color": light("line"),
    "xtick.labelcolor": light("soft"),
    "ytick.labelcolor": light("soft"),
    "xtick.major.size": 3,
    "ytick.major.size": 0,
    "lines.solid_capstyle": "round",
}
_OUTSIDE = {"font": "sans-serif", **{name: values[0] for name, values in COLOURS.items()}}
_VARIABLES = {values[0]: f"var(--{name})" for name, values in COLOURS.items()}


def render(draw: Callable[[Figure], None], width: float, height: float, label: str) -> Markup:
    """Draw a chart as an SVG element, the same on every run.

    Charts are drawn in the colours of the light page, which become CSS variables; text stays
    text, in the font of the page.

    draw (Callable[[Figure], None]): Draws the chart.
    width (float): Width in pixels; a narrow page shrinks it.
    height (float): Height in pixels.
    label (str): What the chart shows, for those who don't see it; no two charts of a page share
        it.
    """
    # The salt makes the ids, which must differ between charts of a page.
    with matplotlib.rc_context({**_STYLE, "svg.hashsalt": label}):
        figure = Figure(figsize=(width / _DPI, height / _DPI), dpi=_DPI)
        draw(figure)
        file = StringIO()
        no_metadata = dict.fromkeys(("Creator", "Date", "Format", "Type"))
        figure.savefig(file, format="svg", dpi=_DPI, transparent=True, metadata=no_metadata)
    text = file.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<svg[^>]*>", _opening_tag(width, height, label), text, count=1)
    text = re.sub(r"<style.*?</style>|<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    # Its own property, or part of `font` in older versions of matplotlib
    text = re.sub(r"((?:font|font-family): [^;\"']*)'[^;\"]*", r"\1var(--font)", text)
    text = re.sub(r"(?<=: )#[0-9a-f]{6}", lambda m: _VARIABLES.get(m[0], m[0]), text)
    used = set(re.findall(r"#([\w.-]+)", text))
    text = re.sub(r' id="([^"]*)"', lambda m: m[0] if m[1] in used else "", text)
    return Markup(text.replace("xlink:href", "href").strip())


def standalone(chart: str) -> str:
    """Make of a chart for a page a file of its own, in the colours of the light page."""
    text = re.sub(r"var\(--(\w+)\)", lambda m: _OUTSIDE[m[1]], chart)
    opening = f'<svg xmlns="http://www.w3.org/2000/svg" style="background: {light("page")}"'
    return re.sub(r'<svg (viewBox="[^"]*") style="[^"]*"', rf"{opening} \1", text, count=1)


def add_axes(
    figure: Figure, left: float, top: float, width: float, height: float, **settings: Any
) -> Axes:
    """Place axes by pixels from the upper left corner of the figure."""
    w, h = figure.get_size_inches() * _DPI
    box = (left / w, 1 - (top + height) / h, width / w, height / h)
    return figure.add_axes(box, **settings)


def _opening_tag(width: float, height: float, label: str) -> str:
    return (
        f'<svg viewBox="0 0 {width:g} {height:g}" style="max-width: {width:g}px; '
        f'min-width: {min(width, _NARROWEST):g}px" role="img" '
        f'aria-label="{escape(label)}">'
    ).replace("\\", r"\\")
