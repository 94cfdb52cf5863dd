"""Errors of `apply`."""

from spacy_dlfa.errors.message import Message


class ApplyErrors:
    """Files that are annotated, and those they become."""

    DL201 = Message(
        "{path}: found {name}, which no run with a {memo} here has made; expected a new folder, "
        "or one of a run to go on with",
        cause="The output folder has files of something else, which `apply` doesn't write over.",
        remedy="Choose a new folder, or the one of a run that was stopped, to go on with it.",
    )
    DL202 = Message(
        "{path}: its rows were made otherwise, {changed}. Choose another folder, or make anew "
        "what has changed with --force",
        cause=(
            "A run in this folder was made with another pipeline or other settings, and rows of "
            "two kinds would be mixed."
        ),
        remedy="Choose another folder, or write the changed ones anew with `--force`.",
    )
    DL203 = Message(
        "{file}: found another content than {source} was made of; choose another folder, or make "
        "anew what has changed with --force",
        cause="An input file has changed since the folder's rows were made of it.",
        remedy="Choose another folder, or make these rows anew with `--force`.",
    )
    DL204 = Message(
        "{path}: another run is at work in this folder; wait for it, or choose another one",
        cause="Another process writes to the same folder, on this machine or another.",
        remedy=(
            "Wait for it, or choose another folder. The lock of a process that has ended counts "
            "no more."
        ),
    )
    DL205 = Message(
        "{path}: found no JSON of a run ({error}); choose another folder",
        cause="The file in which a run remembers its settings is damaged.",
        remedy="Choose another folder.",
    )
    DL206 = Message(
        "{each}: found no such file; expected {known}, or a folder of them",
        cause="A path or pattern finds no file. The shell or a typo may have changed it.",
        remedy=(
            'Check the path, and put patterns in quotation marks: `"texts/*.jsonl"`. See '
            "[apply](apply.md)."
        ),
    )
    DL207 = Message(
        "{path}: found no column '{column}' among {columns}; name the one with the text by "
        "--text-field",
        cause="The Parquet file keeps its text in a column of another name.",
        remedy="Name it: `--text-field content`.",
    )
    DL208 = Message(
        "{path}: found bytes in '{column}'; expected text",
        cause=(
            "The column has bytes where text is expected. Ids and languages may be bytes, if these "
            "are UTF-8."
        ),
        remedy=(
            "Write the column as strings, or name another one by `--text-field`, `--id-field` or "
            "`--language-field`."
        ),
    )
    DL209 = Message(
        "{file}: found the suffix '{suffix}'; expected {known}",
        cause="`apply` tells the kind of a file by the end of its name.",
        remedy="Rename the file, for instance to `texts.jsonl` or `texts.txt`.",
    )
    DL210 = Message(
        "{file}: {found}",
        cause=(
            "Worker processes died again and again, and not for the sake of single documents. "
            "Most often the memory is short."
        ),
        remedy=(
            "Use fewer workers (`--workers 1`), or a machine with more memory. Each worker holds "
            "a pipeline of its own."
        ),
    )
    DL211 = Message(
        "{pipeline}: {found}",
        cause="The pipeline can't be loaded or used. Its own error follows.",
        remedy=(
            "Load the pipeline alone, `python -c \"import spacy; spacy.load('PIPELINE')\"`, and "
            "mend what that says. Packages that it needs must be installed."
        ),
    )
    DL212 = Message(
        "{name}: found no such pipeline; expected an installed package, or a folder",
        cause="There is no installed package and no folder of that name.",
        remedy=(
            "Install the pipeline's package with pip, or give the path of the folder, as in "
            "`training/model-best`."
        ),
    )
    DL213 = Message(
        "{each}: found only files in the output folder {output}, which are no input; choose "
        "another folder for the output",
        cause=(
            "The input is the output folder, or lies in it. A pattern without quotation marks, "
            "which the shell fills in, may have found the rows of the run before."
        ),
        remedy='Choose another output folder, and put patterns in quotation marks: `"*/*.jsonl"`.',
    )
    DL214 = Message(
        "{path}: found more than one column '{column}'; expected one",
        cause="The Parquet file has several columns of that name.",
        remedy="Write the file anew, with each name once.",
    )
    DL215 = Message(
        "{path}: found UTF-16, or bytes that are no text; expected UTF-8. Convert it: iconv -f "
        "UTF-16 -t UTF-8",
        cause=(
            "The file begins with the mark of UTF-16, or has a NUL in its first line. Windows "
            "calls UTF-16 Unicode."
        ),
        remedy="Convert it: `iconv -f UTF-16 -t UTF-8 in.txt > out.txt`, or save it as UTF-8.",
    )
    DL216 = Message(
        "{path}: found an id or a language of document {row} that is no JSON ({found}); expected "
        "a text or a number",
        cause="`id` or `language` in the `user_data` of a Doc has keys that JSON lacks.",
        remedy="Write a text or a number there before the Doc is saved.",
    )
