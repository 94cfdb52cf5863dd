"""Write the table of docs/troubleshooting.md anew, from spacy_dlfa/errors.

python scripts/troubleshooting.py
"""

import re
import textwrap
from pathlib import Path

from spacy_dlfa.errors import ROOMS, Message, messages

PAGE = Path(__file__).parent.parent / "docs" / "troubleshooting.md"
#: What is below this line is made by this script, what is above by hand.
MARK = "<!-- Below: made by python scripts/troubleshooting.py -->\n"
_CONVERSION = re.compile(r"\{(\w+)[^{}]*\}")


def describe(message: Message) -> str:
    """Make the section of a code."""
    text = _CONVERSION.sub(r"{\1}", message.text)
    parts = (f"`` {text} ``", message.cause, f"**What to do:** {message.remedy}")
    paragraphs = (
        textwrap.fill(part, 115, break_long_words=False, break_on_hyphens=False) for part in parts
    )
    return "\n\n".join([f"### {message.code}", *paragraphs])


def table() -> str:
    """Make all sections, each of the rooms of its title."""
    sections = []
    for title, rooms in ROOMS.items():
        sections.append(f"## {title}")
        sections += [describe(message) for room in rooms for message in messages(room)]
    return "\n\n".join(sections) + "\n"


def page(text: str) -> str:
    """Put the table of today in place of that of a page."""
    return f"{text.partition(MARK)[0]}{MARK}\n{table()}"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf8")), encoding="utf8")
