"""Fill the templates of the study's pages."""

from functools import partial

from spacy_dlfa.study.comparison.verdict import format_p
from spacy_dlfa.study.pages.page import environment, fill, signed


def signed_interval(low_high: list[float] | None) -> str:
    """Format an interval of differences."""
    return "n/a" if low_high is None else f"{signed(low_high[0])} to {signed(low_high[1])}"


render_page = partial(
    fill,
    environment("spacy_dlfa.study.report", signed_interval=signed_interval, p_value=format_p),
)
