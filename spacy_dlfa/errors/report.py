"""Errors of the pages of a study."""

from spacy_dlfa.errors.message import Message


class ReportErrors:
    """Pages on runs, and on what an encoder covers."""

    DL470 = Message(
        "Block {name}: found {num_start} of {start} and {num_end} of {end}; expected one, and "
        "behind it the other",
        cause="The page must have one comment where a block begins, and one where it ends.",
        remedy="Restore both comments in the page, in order, or remove what is left of the block.",
    )
    DL471 = Message(
        "Fusion '{name}' of {registered}: found the colour '{colour}'; expected one of {colours}",
        cause="A fusion of another package asks for a colour that charts don't have.",
        remedy="Choose one of those in the message in its `@variants`.",
    )
    DL472 = Message(
        "{path}: --markdown expects the folders of sweeps",
        cause="`--markdown` writes blocks of sweeps, and a file was given.",
        remedy="Give folders of sweeps.",
    )
    DL473 = Message(
        "Found two folders called {name}; expected a name for each block",
        cause="Blocks of the page are named by the folders, and two have one name.",
        remedy="Rename a folder.",
    )
    DL474 = Message(
        "Found scores of {task}; expected some of texts or pairs, whose classes say what chance is",
        cause="Coverage is drawn against chance, which tags and entities have no measure of.",
        remedy="Give scores of a pipeline for texts or pairs.",
    )
    DL475 = Message(
        "{backbone}: found no folder of an encoder in {folder} whose model card names languages; "
        "run this where the pipeline was evaluated",
        cause=(
            "From this folder the encoder's path leads nowhere, or its model card doesn't say "
            "which languages it has seen."
        ),
        remedy=(
            "Run the command where the pipeline was evaluated. If the card lacks them, write "
            "`language: [en, de, ...]` at the top of its `README.md`, between two lines `---`."
        ),
    )
    DL476 = Message(
        "Found no foreign test set that has scores, a file and a script in its name; expected "
        "names like deu_Latn, as of SIB-200",
        cause="The test sets aren't those of the scores, or their names don't say the script.",
        remedy="Give the test sets that were scored, with names like `deu_Latn.spacy`.",
    )
