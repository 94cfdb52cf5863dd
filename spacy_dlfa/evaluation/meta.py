"""What a pipeline's meta data must be like for `describe` to add to them."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError
from typing_extensions import TypedDict


class Meta(TypedDict, total=False):
    """The keys that pages of packages show, and those that are added to; others may be anything."""

    lang: str
    version: str
    author: str | None
    email: str | None
    url: str | None
    license: str | None
    description: str | None
    notes: str | None
    sources: list[str | dict[str, Any]] | None
    labels: dict[str, Any] | None
    performance: dict[str, Any] | None
    dlfa: dict[str, Any] | None


_adapter = cache(TypeAdapter)


def find_wrong(meta: Mapping[str, Any]) -> str | None:
    """Say which key has a value of a wrong kind, if any, and what is wrong with it."""
    try:
        _adapter(Meta).validate_python(dict(meta), strict=True)
    except ValidationError as err:
        first = err.errors(include_url=False)[0]
        return f"{first['loc'][0]} = {meta[str(first['loc'][0])]!r} ({first['msg']})"
    return None
