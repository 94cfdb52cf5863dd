"""Errors of training on another task first."""

from spacy_dlfa.errors.message import Message


class IntermediateErrors:
    """Trainings that start from others."""

    DL480 = Message(
        "--intermediates: found '{part}'; expected {none}, or some of {tasks} with {separator} "
        "between them"
    )
    DL481 = Message(
        "--intermediates: found '{start}' for {target}; expected tasks that differ from each other "
        "and from the target"
    )
    DL483 = Message(
        "{path}: found a run with {key} = {found!r}, and {wanted!r} here; choose another --output, "
        "or remove the folder"
    )
    DL484 = Message(
        "{path}: there is no such file in {folder}; make it with python -m spacy project run "
        "{name}-convert"
    )
    DL485 = Message(
        "{path}: there is no such file in {folder}; give the folder of the project's configs with "
        "--configs"
    )
