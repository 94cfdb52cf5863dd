"""Fill the templates of pages."""

from collections.abc import Callable
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from spacy_dlfa.messages import counted
from spacy_dlfa.study.pages.theme import css_variables


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


def environment(*packages: str, **filters: Callable[..., str]) -> Environment:
    """Make what fills templates, those of `spacy_dlfa.study.pages` and of other packages.

    packages (str): Their names.
    filters (Callable): What templates can use besides `score`, `signed`, `interval` and
        `counted`.
    """
    found = Environment(
        loader=ChoiceLoader(
            [PackageLoader(name) for name in ("spacy_dlfa.study.pages", *packages)]
        ),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters.update(score=score, signed=signed, interval=interval, counted=counted, **filters)
    return found


def fill(templates: Environment, template: str, **values: Any) -> str:
    """Fill a template; what comes from files is escaped."""
    colours = {"light": css_variables(dark=False), "dark": css_variables(dark=True)}
    return templates.get_template(template).render(colours=colours, **values)
