"""Charts of speed and memory, which suit light and dark pages alike."""

from typing import Any

from matplotlib.figure import Figure

from benchmarks.systems import SYSTEMS
from spacy_dlfa.study.pages.svg import add_axes, render
from spacy_dlfa.study.pages.theme import css_variables, light

PANELS = {"short": "short sentences", "mixed": "all lengths", "chinese": "Chinese"}
_COLOURS = {
    "dlfa": "blue",
    "last": "aqua",
    "lower": "yellow",
    "stock": "orange",
    "curated": "magenta",
    "bare": "faint",
    "own": "violet",
    "openvino": "faint",
    "onnx": "faint",
}
# Pixels
_ROW, _LABELS, _PANEL, _GAP, _TOP, _BOTTOM = 24, 250, 190, 60, 34, 40
_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, Arial, sans-serif"


def draw_speed(name: str, found: dict[str, Any]) -> str | None:
    """Draw the words per second of each system.

    name (str): The encoder.
    found (Dict[str, Any]): Its results.
    RETURNS (Optional[str]): The file, SVG; None if no speed was measured.
    """
    panels = [part for part in PANELS if part in found]
    if not panels:
        return None
    systems = list(found[panels[0]]["systems"])
    width = _LABELS + len(panels) * (_PANEL + _GAP)
    height = _TOP + len(systems) * _ROW + _BOTTOM

    def draw(figure: Figure) -> None:
        for number, part in enumerate(panels):
            left = _LABELS + number * (_PANEL + _GAP)
            axes = add_axes(figure, left, _TOP, _PANEL, len(systems) * _ROW)
            speeds = [found[part]["systems"][system]["words_per_s"] for system in systems]
            colours = [light(_COLOURS[SYSTEMS[system].kind]) for system in systems]
            axes.barh(range(len(systems)), speeds, height=0.62, color=colours)
            axes.set_ylim(len(systems) - 0.5, -0.5)
            axes.grid(visible=False, axis="y")
            axes.spines["left"].set_visible(False)
            axes.set_title(PANELS[part], loc="left", pad=10)
            axes.set_xlabel("words/s")
            axes.locator_params(axis="x", nbins=3)
            axes.xaxis.set_major_formatter("{x:,.0f}")
            titles = [SYSTEMS[system].title for system in systems] if number == 0 else []
            axes.set_yticks(range(len(titles)), titles)
            for y, speed in enumerate(speeds):
                axes.annotate(
                    f"{speed:,.0f}",
                    (speed, y),
                    xytext=(5, 0),
                    textcoords="offset points",
                    va="center_baseline",
                    color=light("soft"),
                )

    return _as_file(render(draw, width, height, f"Words per second, encoder {name}"), width, height)


def draw_kept(name: str, found: dict[str, Any]) -> str | None:
    """Draw how resident memory grows with the documents that are kept.

    name (str): The encoder.
    found (Dict[str, Any]): Its results.
    RETURNS (Optional[str]): The file, SVG; None if that was not measured.
    """
    systems = found.get("kept", {}).get("systems", {})
    if not systems:
        return None
    width, height = 720, 330

    def draw(figure: Figure) -> None:
        axes = add_axes(figure, 60, _TOP, 400, height - _TOP - _BOTTOM)
        axes.set_title("Resident memory, MB", loc="left", pad=10)
        axes.set_xlabel("documents kept")
        for system, own in systems.items():
            counts, sizes = zip((0, own["loaded_mb"]), *own["curve"], strict=True)
            kind, _, cleaned = system.partition(" + ")
            colour, dashes = light(_COLOURS[SYSTEMS[kind].kind]), (0, (3, 2)) if cleaned else "-"
            axes.plot(counts, sizes, color=colour, linestyle=dashes, linewidth=2, label=system)
        axes.set_ylim(bottom=0)
        axes.xaxis.set_major_formatter("{x:,.0f}")
        axes.legend(loc="upper left", bbox_to_anchor=(1.02, 1), frameon=False)

    return _as_file(render(draw, width, height, f"Memory kept, encoder {name}"), width, height)


def _as_file(svg: str, width: float, height: float) -> str:
    """Give an element of a page what a file of its own needs: name space, size and colours."""
    style = (
        f"<style>:root {{ --font: {_FONT}; {css_variables(dark=False)} }} "
        f"@media (prefers-color-scheme: dark) {{ :root {{ {css_variables(dark=True)} }} }} "
        "svg { background: var(--page) }</style>"
    )
    opening = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
    # Not as Markup, which would escape what it is given
    head, rest = str(svg).replace("<svg ", opening, 1).split(">", 1)
    return f"{head}>{style}{rest}\n"
