"""Tables for a terminal, and in Markdown."""

from collections.abc import Iterable, Sequence
from typing import Literal

from wasabi import table

#: Letters of a column; cells that are longer push the rest of their row aside.
_WIDEST = 80


def lay_out(
    rows: Iterable[Sequence[str]],
    aligns: Iterable[Literal["l", "r"]],
    header: Sequence[str] | None = None,
) -> str:
    """Lay out a table, with a line below its header.

    rows (Iterable[Sequence[str]]): The cells.
    aligns (Iterable[str]): "l" or "r" for each column.
    header (Optional[Sequence[str]]): The titles of the columns.
    """
    laid_out: str = table(
        list(rows), header=header, divider=header is not None, aligns=aligns, max_col=_WIDEST
    )
    return laid_out


def markdown_table(
    header: Sequence[str], rows: Iterable[Sequence[str]], aligns: str | None = None
) -> str:
    """Return a table in Markdown.

    header (Sequence[str]): The titles of the columns.
    rows (Iterable[Sequence[str]]): The cells.
    aligns (Optional[str]): "l" or "r" for each column; if not given, the first one is flush left
        and the others right.
    """
    line = [{"l": "---", "r": "---:"}[align] for align in aligns or "l".ljust(len(header), "r")]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [header, line, *rows])
