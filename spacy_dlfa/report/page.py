"""Fill the templates of pages."""

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from spacy_dlfa.comparison.verdict import format_p
from spacy_dlfa.report.theme import css_variables

_ENVIRONMENT = Environment(
    loader=PackageLoader("spacy_dlfa.report"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def score(value: float | None) -> str:
    """Format a score in per cent."""
    return "n/a" if value is None else f"{value:.1f}"


def signed(value: float | None) -> str:
    """Format a difference in points."""
    if value is None:
        return "n/a"
    return f"{value:+.1f}".replace("-", "−") if abs(value) >= 0.05 else "0.0"


def interval(low_high: list[float] | None) -> str:
    """Format an interval of scores."""
    return "n/a" if low_high is None else f"{low_high[0]:.1f}–{low_high[1]:.1f}"


def signed_interval(low_high: list[float] | None) -> str:
    """Format an interval of differences."""
    return "n/a" if low_high is None else f"{signed(low_high[0])} to {signed(low_high[1])}"


def render_page(template: str, **values: Any) -> str:
    """Fill a template; what comes from files is escaped."""
    colours = {"light": css_variables(dark=False), "dark": css_variables(dark=True)}
    return _ENVIRONMENT.get_template(template).render(colours=colours, **values)


_ENVIRONMENT.filters.update(
    score=score,
    signed=signed,
    interval=interval,
    signed_interval=signed_interval,
    p_value=format_p,
)
