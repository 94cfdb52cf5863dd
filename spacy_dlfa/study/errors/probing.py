"""Errors of comparing encoders."""

from spacy_dlfa.errors.message import Message


class ProbingErrors:
    """Encoders beside each other: data, folders, heads, and results."""

    DL450 = Message(
        "--data {data}: there is no such folder in {folder}; expected one with pos, ner and "
        "textcat, like the project's assets"
    )
    DL451 = Message("{source}: there is no such file; expected it as in the project's assets")
    DL452 = Message(
        "{path}: found {found}; expected an English and a foreign test set, as in the project's "
        "assets"
    )
    DL453 = Message("Found an encoder twice; expected each folder once")
    DL454 = Message(
        "Found encoders of equal names, {names}; expected folders whose names, or whose parents' "
        "names, differ"
    )
    DL455 = Message("{folder}: found no config.json; expected the folder of an encoder")
    DL456 = Message(
        "{config}: there is no such file in {folder}; give the folder with a config for each task "
        "with --configs"
    )
    DL457 = Message("Can't load '{backbone}': {reason}")
    DL458 = Message("{path}: can't be read ({error}); expected the head's tensors")
    DL459 = Message("{path}: found {key} of shape {shape}; the encoder beside it asks for {wanted}")
    DL460 = Message(
        "{path}: found {num_rows} sentences with the id of an English one; expected two or more, "
        "so that translations can be told from other sentences"
    )
    DL461 = Message(
        "The model cards have no foreign language in common that there are test sets for; say "
        "which languages count with --languages"
    )
    DL462 = Message(
        "{task}: found no zero-shot test set in {languages}; say which languages count with "
        "--languages"
    )
    DL463 = Message("{found}")
    DL464 = Message(
        "{model}: found {depth} layers to be left; the encoder has {num_layers}, so expected 1 to "
        "{num_layers}"
    )
    DL465 = Message("{encoder}, speed: {found}")
    DL466 = Message(
        "[training] max_steps = {steps!r}; expected 1 or more, as this training ends with its last "
        "step, not by patience or epochs"
    )
