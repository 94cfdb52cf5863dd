"""Errors of augmenters."""

from spacy_dlfa.errors.message import Message


class AugmenterErrors:
    """Augmenters, and the tables of names that they read."""

    DL070 = Message("Kinds of noise: found {found}; choose from {known}")
    DL071 = Message(
        "{augmenter}: the text {text!r} has {lost}, which can't be kept where words are cut, "
        "added or dropped; leave the augmenter out where components learn from it"
    )
    DL072 = Message("{augmenter}: {name} = {share}, expected a share between 0 and 1")
    DL073 = Message("{path}: there is no such file; expected names in {columns}")
    DL074 = Message("{path}: found a byte that isn't UTF-8; save the file as UTF-8")
    DL075 = Message(
        "found {line!r}; expected the header {columns}, set apart by tabs, and rows below it"
    )
    DL076 = Message("found kind {kind!r}; expected one of {known}")
    DL077 = Message(
        "found {num_found} column(s), {line!r}; expected {num_columns}, none of them empty"
    )
