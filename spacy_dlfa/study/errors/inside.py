"""Errors of `inside`."""

from spacy_dlfa.errors.message import Message


class InsideErrors:
    """A look inside fusions."""

    DL491 = Message(
        "Found no component that weighs two layers among {found}; expected one with a fusion like "
        "spacy_dlfa.DLFA.v1"
    )
    DL492 = Message(
        "{path}: found no part of speech; expected a test set with universal parts of speech, such "
        "as python -m spacy dlfa convert makes of CoNLL-U"
    )
    DL493 = Message(
        "Found no fusion with more than one layer among {found}; expected the runs of a sweep over "
        "layers"
    )
    DL494 = Message(
        "--distances {path}: found no distances ({error}); expected a table with tabs and the "
        "columns code and syntax"
    )
    DL495 = Message(
        "{pipeline}: can't load the pipeline ({error}); expected the folder of a trained one"
    )
