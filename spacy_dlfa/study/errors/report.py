"""Errors of the pages of a study."""

from spacy_dlfa.errors.message import Message


class ReportErrors:
    """Pages on runs, and on what an encoder covers."""

    DL470 = Message(
        "Block {name}: found {num_start} of {start} and {num_end} of {end}; expected one, and "
        "behind it the other"
    )
    DL471 = Message(
        "Fusion '{name}' of {registered}: found the colour '{colour}'; expected one of {colours}"
    )
    DL472 = Message("{path}: --markdown expects the folders of sweeps")
    DL473 = Message("Found two folders called {name}; expected a name for each block")
    DL474 = Message(
        "Found scores of {task}; expected some of texts or pairs, whose classes say what chance is"
    )
    DL475 = Message(
        "{backbone}: found no folder of an encoder in {folder} whose model card names languages; "
        "run this where the pipeline was evaluated"
    )
    DL476 = Message(
        "Found no foreign test set that has scores, a file and a script in its name; expected "
        "names like deu_Latn, as of SIB-200"
    )
