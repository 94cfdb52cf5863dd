"""Settings that are saved beside weights, and a config that says otherwise when they are loaded."""

from collections.abc import Mapping
from typing import Any

import srsly
from thinc.api import Model
from thinc.model import deserialize_attr

from spacy_dlfa.errors import Errors


class Fixed:
    """An attribute of a layer without which its weights are worth nothing.

    thinc restores saved attributes over those of the config. Weights that were made with another
    value than the config's are an error instead.
    """

    def check(self, saved: Any, name: str) -> None:
        """Raise if the saved value is another one."""
        if saved != self:
            raise changed(name, self, saved)


class FixedInt(Fixed, int):
    """A number that is fixed."""


class FixedText(Fixed, str):
    """A text that is fixed."""


class FixedReads(FixedText):
    """Which layers a fusion reads."""

    def check(self, saved: Any, name: str) -> None:
        """Raise if the saved fusion reads others."""
        super().check(saved, "fusion layers")


class Free(float):
    """A number for training, which the config says anew when weights are loaded."""


def check_unchanged(saved: Any, made_with: Mapping[str, Any]) -> None:
    """Raise if an encoder was loaded with other settings than the config's, before it was saved.

    saved (Any): What was saved as those settings.
    made_with (Mapping[str, Any]): Those of the config.
    """
    if not isinstance(saved, dict):
        raise ValueError(Errors.DL017.format())
    # As JSON has it, without tuples
    configured = srsly.json_loads(srsly.json_dumps(dict(made_with)))
    for name, value in configured.items():
        if name in saved and saved[name] != value:
            raise changed(name, value, saved[name])


def changed(name: str, configured: Any, saved: Any) -> ValueError:
    """Make the error for weights that were made with another setting than the config's."""
    return ValueError(
        Errors.DL018.format(name=name, configured=_show(configured), saved=_show(saved))
    )


@deserialize_attr.register(Fixed)
def _check(configured: Fixed, value: bytes, name: str, model: Model) -> Any:
    configured.check(srsly.msgpack_loads(value), name)
    return configured


@deserialize_attr.register(Free)
def _leave(configured: Free, value: bytes, name: str, model: Model) -> Any:
    return configured


def _show(value: Any) -> str:
    # Of a saved file, so of any length
    return repr(str(value) if isinstance(value, str) else value)[:200]
