"""Colours of pages and charts, each in a light and a dark version."""

#: By name: on a light page, on a dark page. No two light ones are equal, see `svg.render`.
COLOURS = {
    "page": ("#fcfcfb", "#1a1a19"),
    "raised": ("#f3f2ee", "#252523"),
    "ink": ("#0b0b0b", "#f5f5f2"),
    "soft": ("#52514e", "#c3c2b7"),
    "faint": ("#85837b", "#8f8d85"),
    "line": ("#d3d1c8", "#45443f"),
    "grid": ("#e6e5de", "#30302d"),
    "blue": ("#2a78d6", "#4a95ec"),
    "orange": ("#e0602a", "#ea7340"),
    "aqua": ("#159a68", "#22b27c"),
    "violet": ("#4a3aa7", "#9d92f0"),
    "yellow": ("#c98500", "#dda520"),
    "magenta": ("#d4568a", "#e373a0"),
    "green": ("#3f7d20", "#6fae4a"),
}

#: Of things that have no colour of their own, in turn
IN_TURN = ("blue", "orange", "aqua", "violet", "yellow", "magenta", "green")

#: The families with most languages have a colour of their own, the same one on every page.
_FAMILIES = {
    "Germanic": "blue",
    "Romance": "orange",
    "Slavic": "aqua",
    "Indic": "magenta",
    "Semitic": "yellow",
    "Turkic": "green",
    "Sinitic": "violet",
}
OTHER_FAMILIES = "other families"


def light(name: str) -> str:
    """Return a colour of the light page, which charts are drawn in."""
    return COLOURS[name][0]


def family_colour(family: str) -> str:
    """Return the name of a family's colour."""
    return _FAMILIES.get(family, "faint")


def family_legend(families: set[str]) -> list[tuple[str, str]]:
    """List the colours of some families with their titles, the families without one together."""
    legend = [(colour, family) for family, colour in _FAMILIES.items() if family in families]
    return legend + ([("faint", OTHER_FAMILIES)] if families - set(_FAMILIES) else [])


def css_variables(*, dark: bool) -> str:
    """Declare the colours as CSS custom properties."""
    return " ".join(f"--{name}: {values[dark]};" for name, values in COLOURS.items())
