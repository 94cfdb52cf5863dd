"""Errors of self-training on unlabelled texts, and of estimates of quality."""

from spacy_dlfa.errors.message import Message


class UnlabelledErrors:
    """Self-training and estimates of quality."""

    DL501 = Message("Task '{task}': there is no such task for single texts; choose from {tasks}")
    DL502 = Message(
        "{name}: found the components {found}; expected {expected}; python -m spacy evaluate "
        "scores others, on test sets"
    )
    DL503 = Message("{pipelines}: found the tasks {tasks}; choose one with --task")
    DL504 = Message("{path}: found no JSON object ({error}); save the pipeline again")
    DL505 = Message(
        "{name}: found separator = {separator!r} in its config, as pipelines of sentence pairs "
        "have; expected one of single texts"
    )
    DL506 = Message(
        "{name}: found that it has learnt labels of other languages ({seen}); expected pipelines "
        "that know English ones alone"
    )
    DL510 = Message(
        "{path}: found no language in the name; expected its code, alone or before an underscore, "
        "as in {example}"
    )
    DL522 = Message(
        "{found:,} of {count:,} sentences came out of the pipeline; expected all, so leave out the "
        "error handler that lets them fall"
    )
    DL511 = Message("{path}, line {row}: {found}")
    DL512 = Message("--languages: found no texts in {missing}; there are some in {found}")
    DL520 = Message("{language}: {found}")
    DL521 = Message("Found no sentence to train on ({found}); expected other texts or rules")
    DL530 = Message("--config {path}: there is no such file; expected a training config")
    DL531 = Message("--config {path}: found the components {found}; expected '{component}'")
    DL532 = Message(
        "--config {path}: found {setting} = {value!r}; expected the English training corpus, as in "
        "--paths.train corpus/ner/train.spacy"
    )
    DL533 = Message("{path}: found no .spacy file; expected the English training corpus")
    DL534 = Message(
        "{path}: found labels of {language} by the name of the file; expected English ones"
    )
    DL540 = Message(
        "--quality {path}: there is no such file; expected what spacy dlfa quality --json prints"
    )
    DL541 = Message(
        "--quality {path}: found no estimates ({error}); expected what spacy dlfa quality --json "
        "prints"
    )
