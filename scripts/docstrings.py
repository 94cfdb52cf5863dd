"""Docstrings in spaCy's form, read for the API reference by mkdocstrings.

`name (type): what` becomes the argument of a table, and `RETURNS (type): what` its like.
"""

import re
from typing import Any

from griffe import (
    Docstring,
    DocstringParameter,
    DocstringRaise,
    DocstringReturn,
    DocstringSection,
    DocstringSectionParameters,
    DocstringSectionRaises,
    DocstringSectionReturns,
    DocstringSectionText,
    Extension,
    Function,
    Object,
)

_ENTRY = re.compile(r"^(\w+) \((.+?)\): (.*(?:\n[ ]{4}.*)*)", re.MULTILINE)
_SPECIAL = ("RETURNS", "RAISES", "YIELDS")


class SpacyDocstrings(Extension):
    """Take the sections of a docstring apart before anything renders it."""

    def on_object(self, *, obj: Object, **kwargs: Any) -> None:
        """Replace what the docstring of an object would be parsed to."""
        if obj.docstring is not None:
            # A cached property of griffe's
            obj.docstring.__dict__["parsed"] = sections(obj.docstring, obj)


def sections(docstring: Docstring, obj: Object) -> list[DocstringSection]:
    """Return text, arguments, results and errors, in this order.

    docstring (Docstring): The docstring.
    obj (Object): What it belongs to; its signature has the defaults.
    """
    text = _ENTRY.sub("", docstring.value).strip()
    entries = [
        (name, type_, " ".join(what.split()))
        for name, type_, what in _ENTRY.findall(docstring.value)
    ]
    arguments = [
        DocstringParameter(name, annotation=type_, description=what, value=default(obj, name))
        for name, type_, what in entries
        if name not in _SPECIAL
    ]
    found: list[DocstringSection] = [DocstringSectionText(re.sub(r"\n{3,}", "\n\n", text))]
    if arguments:
        found.append(DocstringSectionParameters(arguments))
    for name, type_, what in entries:
        if name in ("RETURNS", "YIELDS"):
            found.append(
                DocstringSectionReturns([DocstringReturn("", annotation=type_, description=what)])
            )
        elif name == "RAISES":
            found.append(
                DocstringSectionRaises([DocstringRaise(annotation=type_, description=what)])
            )
    return found


def default(obj: Object, name: str) -> str | None:
    """Return the default of an argument as it is written; None for what is required."""
    parameters = obj.parameters if isinstance(obj, Function) else ()
    for parameter in parameters:
        if parameter.name == name and parameter.default is not None:
            return str(parameter.default)
    return None
