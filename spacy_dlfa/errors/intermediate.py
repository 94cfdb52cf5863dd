"""Errors of training on another task first."""

from spacy_dlfa.errors.message import Message


class IntermediateErrors:
    """Trainings that start from others."""

    DL480 = Message(
        "--intermediates: found '{part}'; expected {none}, or some of {tasks} with {separator} "
        "between them",
        cause="An intermediate task is misspelt, or there is no such task.",
        remedy="Choose from those in the message, as in `--intermediates none,nli,pairs+nli`.",
    )
    DL481 = Message(
        "--intermediates: found '{start}' for {target}; expected tasks that differ from each other "
        "and from the target",
        cause="An intermediate task is named twice, or is the one that is trained after it.",
        remedy="Name each task once, and leave out the target.",
    )
    DL483 = Message(
        "{path}: found a run with {key} = {found!r}, and {wanted!r} here; choose another --output, "
        "or remove the folder",
        cause="The folder holds runs that were made with other data or settings.",
        remedy="Choose another `--output`, or remove the folder.",
    )
    DL484 = Message(
        "{path}: there is no such file in {folder}; make it with python -m spacy project run "
        "{name}-convert",
        cause="English data of a task haven't been converted, or the command runs elsewhere.",
        remedy="Run the project's command that the message names, in the project's folder.",
    )
    DL485 = Message(
        "{path}: there is no such file in {folder}; give the folder of the project's configs with "
        "--configs",
        cause="The folder of configs lacks the one of a task, or that of intermediate tasks.",
        remedy="Give the project's: `--configs configs`.",
    )
