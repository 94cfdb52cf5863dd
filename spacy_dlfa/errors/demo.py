"""Errors of the page to try a pipeline."""

from spacy_dlfa.errors.message import Message


class DemoErrors:
    """The sentences of the page."""

    DL490 = Message(
        "--samples {folder}: found no table with the sentences {ids} of SIB-200; expected a folder "
        "like assets/textcat/test",
        cause="The demo shows some sentences of SIB-200 by their ids, and no table has them.",
        remedy="Give a folder with SIB-200's test sets: `--samples assets/textcat/test`.",
    )
