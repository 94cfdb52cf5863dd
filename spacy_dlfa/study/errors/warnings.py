"""Warnings: what goes on, but not as it should."""

from spacy_dlfa.errors import Message
from spacy_dlfa.errors import Warnings as PluginWarnings


class Warnings(PluginWarnings):
    """Warnings of the study, and those of the plugin."""

    DL909 = Message(
        "Runs that don't say how they were trained: {runs}. Differences may be the training's; "
        "evaluate the pipelines again, and it is checked"
    )
    DL910 = Message(
        "{run} was trained in another way than {other}: {found}. Differences may be the training's"
    )
