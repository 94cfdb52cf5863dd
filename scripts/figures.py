"""Find again the figures of README and docs that need no training.

    python scripts/figures.py

reads scripts/figures.yml, which says for a piece of a page what gives the figures in it, and fails
with page, line, what was said and what was found. Scores of trained pipelines have their command on
the page, and take minutes to hours.
"""

import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import srsly

ROOT = Path(__file__).parents[1]
# In a clone that is not installed, too
sys.path.insert(0, str(ROOT))

from scripts.found import FOUND  # noqa: E402

PLAN = Path(__file__).with_suffix(".yml")
_FIGURE = r"([+-]?\d[\d,]*(?:\.\d+)?)"


class Figure(NamedTuple):
    """A figure on a page.

    page (str): The page, a path in the repository.
    line (int): Its line.
    said (str): The figure as it stands there.
    """

    page: str
    line: int
    said: str

    def is_near(self, found: float, tolerance: float) -> bool:
        """Whether what was found, with as many decimals as the page has, is the figure."""
        decimals = len(self.said.partition(".")[2])
        said = float(self.said.replace(",", ""))
        return abs(said - float(f"{found:.{decimals}f}")) <= tolerance + 1e-9


def find_figures(page: str, text: str) -> list[Figure]:
    """Find a piece of a page, and the figures that stand where it has {}.

    RAISES (ValueError): If it is not there, or more than once.
    """
    whole = (ROOT / page).read_text(encoding="utf8")
    parts = [re.escape(part) for part in text.strip().split("{}")]
    # Lines may be broken elsewhere
    pattern = _FIGURE.join(re.sub(r"(\\\s|\s)+", r"\\s+", part) for part in parts)
    matches = list(re.finditer(pattern, whole))
    if len(matches) != 1:
        raise ValueError(
            f"{page}: found {text.strip()!r} {len(matches)} times; expected it once, with a figure "
            f"for each {{}}: mend scripts/figures.yml or the page"
        )
    (match,) = matches
    return [
        Figure(page, 1 + whole.count("\n", 0, match.start(group)), match[group])
        for group in range(1, 1 + pattern.count(_FIGURE))
    ]


def problems(plan: list[dict[str, Any]]) -> Iterator[str]:
    """Say which figures are not what is found.

    plan (List[Dict]): For each piece its `page` and `text`, and `found`, for each figure a function
        of scripts/found.py with its arguments; or `same`, another piece with the same figures. And
        `tolerance`, in units of the figures.
    RAISES (ValueError): If there are not as many of them as figures, or a piece is not on its page.
    """
    for piece in plan:
        figures = find_figures(piece["page"], piece["text"])
        if "same" in piece:
            others = find_figures(**piece["same"])
            sources = [f"{other.page}:{other.line}" for other in others]
            values = [float(other.said.replace(",", "")) for other in others]
        else:
            sources = piece["found"]
            values = [_find(source) for source in sources]
        if len(values) != len(figures):
            raise ValueError(
                f"{piece['page']}:{figures[0].line}: found {len(figures)} figures, and "
                f"{len(values)} in what they are compared with; expected as many"
            )
        for figure, value, source in zip(figures, values, sources, strict=True):
            if not figure.is_near(value, piece.get("tolerance", 0)):
                yield (
                    f"{figure.page}:{figure.line}: said {figure.said}, found {value:g} ({source})"
                )


@cache
def _find(source: str) -> float:
    name, *arguments = source.split()
    return float(FOUND[name](*arguments))


def main() -> None:
    """Compare all figures of the plan."""
    plan = srsly.read_yaml(PLAN)
    wrong = list(problems(plan))
    print(*wrong, sep="\n", end="\n" if wrong else "")
    count = sum(piece["text"].count("{}") for piece in plan)
    print(f"{count} figures, {len(wrong)} of them not what was found")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
