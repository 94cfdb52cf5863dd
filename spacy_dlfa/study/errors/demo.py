"""Errors of the page to try a pipeline."""

from spacy_dlfa.errors.message import Message


class DemoErrors:
    """The sentences of the page."""

    DL490 = Message(
        "--samples {folder}: found no table with the sentences {ids} of SIB-200; expected a folder "
        "like assets/textcat/test"
    )
