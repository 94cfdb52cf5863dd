"""Errors of `apply`."""

from spacy_dlfa.errors.message import Message


class ApplyErrors:
    """Files that are annotated, and those they become."""

    DL201 = Message(
        "{path}: found {name}, which no run with a {memo} here has made; expected a new folder, "
        "or one of a run to go on with"
    )
    DL202 = Message(
        "{path}: its rows were made otherwise, {changed}. Choose another folder, or make anew "
        "what has changed with --force"
    )
    DL203 = Message(
        "{file}: found another content than {source} was made of; choose another folder, or make "
        "anew what has changed with --force"
    )
    DL204 = Message(
        "{path}: another run is at work in this folder; wait for it, or choose another one"
    )
    DL205 = Message("{path}: found no JSON of a run ({error}); choose another folder")
    DL206 = Message("{each}: found no such file; expected {known}, or a folder of them")
    DL207 = Message(
        "{path}: found no column '{column}' among {columns}; name the one with the text by "
        "--text-field"
    )
    DL208 = Message("{path}: found bytes in '{column}'; expected text")
    DL209 = Message("{file}: found the suffix '{suffix}'; expected {known}")
    DL210 = Message("{file}: {found}")
    DL211 = Message("{pipeline}: {found}")
    DL212 = Message("{name}: found no such pipeline; expected an installed package, or a folder")
    DL213 = Message(
        "{each}: found only files in the output folder {output}, which are no input; choose "
        "another folder for the output"
    )
    DL214 = Message("{path}: found more than one column '{column}'; expected one")
    DL215 = Message(
        "{path}: found UTF-16, or bytes that are no text; expected UTF-8. Convert it: iconv -f "
        "UTF-16 -t UTF-8"
    )
    DL216 = Message(
        "{path}: found an id or a language of document {row} that is no JSON ({found}); expected "
        "a text or a number"
    )
    DL217 = Message(
        "{file}: found other rows than when the run began; make its rows anew with --force"
    )
