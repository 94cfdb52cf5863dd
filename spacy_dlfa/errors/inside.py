"""Errors of `inside`."""

from spacy_dlfa.errors.message import Message


class InsideErrors:
    """A look inside fusions."""

    DL491 = Message(
        "Found no component that weighs two layers among {found}; expected one with a fusion like "
        "spacy_dlfa.DLFA.v1",
        cause="The components of the pipeline read one layer alone, and have no gate.",
        remedy="Give a pipeline that was trained with `spacy_dlfa.DLFA.v1` as a fusion.",
    )
    DL492 = Message(
        "{path}: found no part of speech; expected a test set with universal parts of speech, such "
        "as python -m spacy dlfa convert makes of CoNLL-U",
        cause="`--tags` groups words by their parts of speech, and a test set has none.",
        remedy="Give test sets of tags, such as `corpus/tagger/test`.",
    )
    DL493 = Message(
        "Found no fusion with more than one layer among {found}; expected the runs of a sweep over "
        "layers",
        cause="`--runs` finds the best layer for each family, and the runs are of one layer.",
        remedy="Sweep over layers first: `python -m spacy dlfa sweep ner --layers 1-11`.",
    )
    DL494 = Message(
        "--distances {path}: found no distances ({error}); expected a table with tabs and the "
        "columns code and syntax",
        cause="The table of distances can't be read, or has other columns.",
        remedy="Give the project's: `--distances assets/languages/distances.tsv`.",
    )
    DL495 = Message(
        "{pipeline}: can't load the pipeline ({error}); expected the folder of a trained one",
        cause="The folder isn't that of a pipeline, or parts of it are damaged or missing.",
        remedy="Give a folder that `spacy train` made, such as `training/textcat/model-best`.",
    )
