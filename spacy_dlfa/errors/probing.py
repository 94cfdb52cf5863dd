"""Errors of comparing encoders."""

from spacy_dlfa.errors.message import Message


class ProbingErrors:
    """Encoders beside each other: data, folders, heads, and results."""

    DL450 = Message(
        "--data {data}: there is no such folder in {folder}; expected one with pos, ner and "
        "textcat, like the project's assets",
        cause="There is no such folder where the command runs.",
        remedy="Give a folder with `pos`, `ner` and `textcat`, like `--data assets`.",
    )
    DL451 = Message(
        "{source}: there is no such file; expected it as in the project's assets",
        cause="A file is missing in the data folder.",
        remedy="Give `--data` the folder `assets` of the repository, or restore the file.",
    )
    DL452 = Message(
        "{path}: found {found}; expected an English and a foreign test set, as in the project's "
        "assets",
        cause="A task needs an English and at least one foreign test set.",
        remedy="Put both into the folder that the message names.",
    )
    DL453 = Message(
        "Found an encoder twice; expected each folder once",
        cause="One folder was given twice.",
        remedy="Give each encoder once.",
    )
    DL454 = Message(
        "Found encoders of equal names, {names}; expected folders whose names, or whose parents' "
        "names, differ",
        cause="Encoders are called by their folders, and two would have one name.",
        remedy="Rename a folder.",
    )
    DL455 = Message(
        "{folder}: found no config.json; expected the folder of an encoder",
        cause="The folder isn't that of an encoder.",
        remedy="Give a folder with `config.json`, a tokenizer and weights.",
    )
    DL456 = Message(
        "{config}: there is no such file in {folder}; give the folder with a config for each task "
        "with --configs",
        cause="The folder of configs lacks the one of a task.",
        remedy="Give the folder with all of them: `--configs configs`.",
    )
    DL457 = Message(
        "Can't load '{backbone}': {reason}",
        cause="The encoder can't be loaded. The reason follows.",
        remedy="Mend what it says, or give another encoder.",
    )
    DL458 = Message(
        "{path}: can't be read ({error}); expected the head's tensors",
        cause="The file of the head that predicts masked words can't be read.",
        remedy="Copy it again, or remove it, so that the encoder is measured without it.",
    )
    DL459 = Message(
        "{path}: found {key} of shape {shape}; the encoder beside it asks for {wanted}",
        cause="The head that predicts masked words belongs to another encoder.",
        remedy="Put the head and the encoder of one training side by side.",
    )
    DL460 = Message(
        "{path}: found {num_rows} sentences with the id of an English one; expected two or more, "
        "so that translations can be told from other sentences",
        cause=(
            "Translations are found by the ids that they share with English sentences, and there "
            "are too few. Ids that begin anew in each document say nothing."
        ),
        remedy="Give test sets whose sentences have the ids of the English ones.",
    )
    DL461 = Message(
        "The model cards have no foreign language in common that there are test sets for; say "
        "which languages count with --languages",
        cause="No foreign language is in all model cards and has test sets.",
        remedy="Say which languages count, as in `--languages de,fr,zh`.",
    )
    DL462 = Message(
        "{task}: found no test set in {languages}; say which languages count with --languages",
        cause="None of the test sets of the task is in the languages that count.",
        remedy="Say which languages count, as in `--languages de,fr,zh`.",
    )
    DL463 = Message(
        "{found}",
        cause="Parts of the measurement failed, each with its own error.",
        remedy="Mend what the errors say, and run the same command again: finished parts are kept.",
    )
    DL464 = Message(
        "{model}: found {depth} layers to be left; the encoder has {num_layers}, so expected 1 to "
        "{num_layers}",
        cause="The number behind the `@` is not one of the encoder's layers.",
        remedy="Write a number from 1 to the one in the message, as in `mbert@8`.",
    )
    DL465 = Message(
        "{encoder}, speed: {found}",
        cause="An encoder's speed can't be measured. The error of the worker follows.",
        remedy="Mend what the error says. If the process died, free some memory and run again.",
    )
    DL466 = Message(
        "[training] max_steps = {steps!r}; expected 1 or more, as this training ends with its last "
        "step, not by patience or epochs",
        cause=(
            "What `backbone-report` compares, and intermediate tasks, are trained for the same "
            "number of steps, and the config says none."
        ),
        remedy="Say how many, as in `--training.max_steps 600`.",
    )
