"""Errors of augmenters."""

from spacy_dlfa.errors.message import Message


class AugmenterErrors:
    """Augmenters, and the tables of names that they read."""

    DL070 = Message(
        "Kinds of noise: found {found}; choose from {known}",
        cause="A kind of noise is misspelt, or there is no such kind.",
        remedy="Choose from the kinds in the message. See [noise](noise.md).",
    )
    DL071 = Message(
        "{augmenter}: the text {text!r} has {lost}, which can't be kept where words are cut, "
        "added or dropped; leave the augmenter out where components learn from it",
        cause=(
            "The augmenter cuts, adds or drops words, and the example has annotation that would "
            "no longer fit, such as a parse."
        ),
        remedy=(
            "Leave the augmenter out of `[corpora.train.augmenter]` where components learn from "
            "that annotation."
        ),
    )
    DL072 = Message(
        "{augmenter}: {name} = {share}, expected a share between 0 and 1",
        cause="A share is a part of all words or names, so 0.1 is a tenth.",
        remedy="Set a number from 0 to 1.",
    )
    DL073 = Message(
        "{path}: there is no such file; expected names in {columns}",
        cause="The augmenter reads names from tables, and one isn't there.",
        remedy=(
            "Give the folder that has `persons.tsv` and `places.tsv`, as the project's "
            "`assets/names`."
        ),
    )
    DL074 = Message(
        "{path}: found a byte that isn't UTF-8; save the file as UTF-8",
        cause="The table of names was saved in another encoding.",
        remedy="Save it as UTF-8, or convert it: `iconv -f latin1 -t utf8 old.tsv > persons.tsv`.",
    )
    DL075 = Message(
        "found {line!r}; expected the header {columns}, set apart by tabs, and rows below it",
        cause=(
            "The first line of a table of names must name its columns, set apart by tabs, and "
            "rows must follow."
        ),
        remedy="Put the header of the message in the first line.",
    )
    DL076 = Message(
        "found kind {kind!r}; expected one of {known}",
        cause="A row of `persons.tsv` has an unknown kind of name.",
        remedy="Write one of the kinds in the message.",
    )
    DL077 = Message(
        "found {num_found} column(s), {line!r}; expected {num_columns}, none of them empty",
        cause=(
            "A row has too many or too few columns, or an empty one; often spaces stand in place "
            "of tabs."
        ),
        remedy="Set the columns apart by single tabs, and fill all of them.",
    )
