"""Parts of a page of Markdown, whose conclusions are written by hand around them."""

from collections.abc import Iterable

from spacy_dlfa.study.errors import Errors


def put_block(page: str, name: str, block: str) -> str:
    """Put a block on a page: in the place of the one before of its name, or else at the end.

    name (str): Name of the block, which stands in the comments around it.
    RAISES (ValueError): If there is one of these comments without the other, or more than one.
    """
    start, end = f"<!-- report: {name} -->", f"<!-- end of report: {name} -->"
    marked = f"{start}\n\n{block}\n\n{end}"
    if start not in page and end not in page:
        return f"{page.rstrip()}\n\n{marked}\n".lstrip()
    counts = page.count(start), page.count(end)
    if counts != (1, 1) or page.index(start) > page.index(end):
        raise ValueError(
            Errors.DL470.format(
                name=name, num_start=counts[0], start=start, num_end=counts[1], end=end
            )
        )
    return page[: page.index(start)] + marked + page[page.index(end) + len(end) :]


def bullets(lines: Iterable[str]) -> str:
    """Return a list."""
    return "\n".join(f"- {line}" for line in lines)


def fold(title: str, text: str) -> str:
    """Return a text that is shown when its title is clicked on."""
    return f"<details>\n<summary>{title}</summary>\n\n{text}\n\n</details>"


def fence(table: str) -> str:
    """Return a table for terminals as a block of code."""
    rows = [line.rstrip() for line in table.strip("\n").splitlines()]
    return "\n".join(["```", *rows, "```"])
