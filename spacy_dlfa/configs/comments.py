"""Comments of a config, which spaCy leaves out when it writes one."""

import re
from collections.abc import Iterator

# A section and a key in it, or "" for the section itself
Place = tuple[str, str]


def carry_comments(old: str, new: str) -> tuple[str, list[str]]:
    """Put the comments of a config above the same settings of another.

    RETURNS (Tuple[str, List[str]]): The text, and the comments whose settings are gone.
    """
    lines: list[str] = []
    comments: dict[Place, list[str]] = {}
    waiting: list[str] = []
    for line, place in _places(old):
        if line.lstrip().startswith(("#", ";")):
            waiting.append(line)
        elif place:
            comments[place] = waiting
            waiting = []
        elif not line.strip() and not comments and waiting:
            # Of the file, not of its first section
            lines += [*waiting, ""]
            waiting = []
    for line, place in _places(new):
        if place:
            section, key = place
            # A block in braces becomes a section when it is written.
            parent, _, name = section.rpartition(".")
            inline = [] if key else comments.pop((parent, name), [])
            lines += inline + comments.pop(place, [])
        lines.append(line)
    lost = [line for block in comments.values() for line in block]
    return "\n".join(lines) + "\n", lost + waiting


def _places(text: str) -> Iterator[tuple[str, Place | None]]:
    section = ""
    for line in text.splitlines():
        place = None
        if header := re.match(r"\[([^]]+)\]", line):
            section = header[1]
            place = (section, "")
        elif setting := re.match(r"([^\s#;=][^=]*)=", line):
            place = (section, setting[1].strip())
        yield line, place
