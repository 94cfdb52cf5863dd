"""Trees of Markdown files and their translations, aligned by heading and paragraph."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from pathlib import Path
from typing import NamedTuple

_COMMENT = re.compile(r"<!--.*?-->", re.S)
_FENCE = re.compile(r"\s*(```|~~~)")
#: Tables, images, badges, HTML and rules.
_NO_TEXT = ("|", "![", "[![", "<", "---", "***")
_MARK = re.compile(r"\s*(#{1,6}|[-*+]|\d+[.)]|>)?\s*(.*)")
_IMAGE = re.compile(r"!\[[^\]]*\]\([^)]*\)")
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_MARKUP = re.compile(r"<[^>]+>|\*\*|__|\[[ xX]\]|https?://\S+|[`*]")
#: So many headings in a row must be alike where the documents differ.
_MIN_HEADINGS = 4
_TRANSLATIONS = "translations"


class Block(NamedTuple):
    """A paragraph.

    kind (str): "h1" to "h6", "item", "quote" or "text".
    text (str): Without markup.
    """

    kind: str
    text: str


def read_markdown(english: Path, translation: Path) -> Iterator[tuple[str, str]]:
    """Yield the paragraphs of a tree, keyed by file, section and place in the English tree.

    english (Path): Its folder; in it, the folder `translations` isn't read.
    translation (Path): The folder of a translation with the same files, or the English one.
    """
    seen: set[str] = set()
    for path in sorted(english.rglob("*.md")):
        name = path.relative_to(english)
        other = translation / name
        if name.parts[0] == _TRANSLATIONS or not other.exists():
            continue
        sections = split_sections(path.read_text(encoding="utf8"))
        translated = split_sections(other.read_text(encoding="utf8"))
        for number, mine in _match(sections, translated):
            for place, (source, block) in enumerate(zip(sections[number], mine, strict=True)):
                # What stayed in English isn't a translation.
                stayed = other != path and block.text == source.text
                prose = _is_prose(source.text) and _is_prose(block.text)
                if prose and not stayed and block.text not in seen:
                    seen.add(block.text)
                    yield f"{name.as_posix()}:{number}.{place}", block.text


def split_sections(markdown: str) -> list[list[Block]]:
    """Return the paragraphs of each section; a heading starts one."""
    sections: list[list[Block]] = [[]]
    code = False
    for line in _COMMENT.sub("", markdown).splitlines():
        if _FENCE.match(line):
            code = not code
        elif not code and line.strip() and not line.lstrip().startswith(_NO_TEXT):
            match = _MARK.match(line)
            assert match is not None
            block = Block(_name_mark(match[1]), _strip_markup(match[2]))
            if block.kind.startswith("h") and sections[-1]:
                sections.append([])
            sections[-1].append(block)
    return [section for section in sections if section]


def _match(
    sections: list[list[Block]], translated: list[list[Block]]
) -> Iterator[tuple[int, list[Block]]]:
    """Yield the number of a section and its translation, where both are built alike."""
    heads = [section[0].kind for section in sections]
    other_heads = [section[0].kind for section in translated]
    pairs = list(zip(range(len(heads)), translated, strict=False))
    if heads != other_heads:
        matcher = SequenceMatcher(None, heads, other_heads, autojunk=False)
        pairs = [
            (run.a + i, translated[run.b + i])
            for run in matcher.get_matching_blocks()
            if run.size >= _MIN_HEADINGS
            for i in range(run.size)
        ]
    for number, section in pairs:
        if [block.kind for block in sections[number]] == [block.kind for block in section]:
            yield number, section


def _name_mark(mark: str | None) -> str:
    if mark is None:
        return "text"
    if mark[0] == "#":
        return f"h{len(mark)}"
    return "quote" if mark == ">" else "item"


def _strip_markup(text: str) -> str:
    return _MARKUP.sub("", _LINK.sub(r"\1", _IMAGE.sub("", text))).strip()


def _is_prose(text: str) -> bool:
    letters = sum(char.isalpha() for char in text)
    return letters >= 3 and letters > 0.6 * len(text.replace(" ", ""))
