"""The code blocks of the documentation."""

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for path in (
        *ROOT.glob("docs/*.md"),
        *(ROOT / f"{name}.md" for name in ("README", "CONTRIBUTING", "SECURITY")),
    )
)
#: What a reader sees above a block that no test runs, with the reason
NOT_RUN = re.compile(r"\*Not run in the tests of these pages: (.+)\*")
_FENCE = re.compile(r"(`{3,})(.*)")
_INLINE = re.compile(r"`((?:(?:[A-Z_]+=\S+ )?(?:\.venv/bin/)?python -m|make) [^`]+)`")


class Block(NamedTuple):
    """A block of code.

    page (str): Its page, a path in the repository.
    line (int): Number of its first line.
    language (str): What stands behind its fence; "indented" if it has none.
    code (str): What is in it.
    reason (str): Why it is not run, if the page says so.
    """

    page: str
    line: int
    language: str
    code: str
    reason: str = ""

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def read_blocks(page: str) -> tuple[list[Block], str]:
    """Return the code blocks of a page, and the text between them."""
    return find_blocks(page, (ROOT / page).read_text(encoding="utf8"))


def find_blocks(page: str, markdown: str) -> tuple[list[Block], str]:
    lines = markdown.split("\n")
    blocks, text, i = [], [], 0
    while i < len(lines):
        start = i
        if fence := _FENCE.fullmatch(lines[i]):
            i = lines.index(fence[1], i + 1)
            code, language, i = lines[start + 1 : i], fence[2], i + 1
        elif lines[i].startswith("    ") and not lines[i - 1].strip():
            while i < len(lines) and (lines[i].startswith("    ") or not lines[i]):
                i += 1
            code, language = [line[4:] for line in lines[start:i]], "indented"
        else:
            text.append(lines[i])
            i += 1
            continue
        said = NOT_RUN.fullmatch(next((line for line in reversed(text) if line), ""))
        code = "\n".join(code).rstrip() + "\n"
        blocks.append(Block(page, start + 1, language, code, said[1] if said else ""))
    return blocks, "\n".join(text)


def inline_commands(text: str) -> list[str]:
    """Return the commands in the text of a page; those with an ellipsis are no whole ones."""
    return [" ".join(found.split()) for found in _INLINE.findall(text) if "…" not in found]
