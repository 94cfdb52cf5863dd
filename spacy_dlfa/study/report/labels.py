"""Names of lines, written at their right ends."""

from collections.abc import Mapping

from matplotlib.axes import Axes

from spacy_dlfa.study.pages.theme import light

_HEIGHT = 14  # pixels


def direct_labels(axes: Axes, labels: Mapping[str, tuple[float, str]]) -> None:
    """Write each label at its height, pushed apart where they would overlap.

    labels (Dict[str, Tuple[float, str]]): Height in the data's units and name of the colour.
    """
    names = sorted(labels, key=lambda name: labels[name][0])
    # The limits must be final before heights become pixels.
    axes.autoscale_view()
    heights = [float(axes.transData.transform((0, labels[name][0]))[1]) for name in names]
    for name, height, wanted in zip(names, spread_out(heights, _HEIGHT), heights, strict=True):
        y, colour = labels[name]
        axes.annotate(
            name,
            (1, y),
            xycoords=axes.get_yaxis_transform(),
            xytext=(8, height - wanted),
            textcoords="offset points",
            va="center_baseline",
            color=light(colour),
        )


def spread_out(heights: list[float], gap: float) -> list[float]:
    """Move ascending heights as little as needed to be `gap` apart."""
    # Neighbours that are too close become one block around their mean.
    blocks: list[tuple[float, int]] = []
    for height in heights:
        centre, size = height, 1
        while blocks and centre - blocks[-1][0] < gap * (size + blocks[-1][1]) / 2:
            other, count = blocks.pop()
            centre, size = (centre * size + other * count) / (size + count), size + count
        blocks.append((centre, size))
    return [
        centre + gap * (place - (size - 1) / 2) for centre, size in blocks for place in range(size)
    ]
