"""Errors of self-training on unlabelled texts, and of estimates of quality."""

from spacy_dlfa.errors.message import Message


class UnlabelledErrors:
    """Self-training and estimates of quality."""

    DL501 = Message(
        "Task '{task}': there is no such task for single texts; choose from {tasks}",
        cause="The task is misspelt, or it is of pairs of texts, which unlabelled texts are not.",
        remedy="Choose one of those in the message, as in `--task ner`.",
    )
    DL502 = Message(
        "{name}: found the components {found}; expected {expected}; python -m spacy evaluate "
        "scores others, on test sets",
        cause=(
            "The pipeline has no component for the task, or two pipelines have no task in common."
        ),
        remedy="Give pipelines that were trained for the same task, or another `--task`.",
    )
    DL503 = Message(
        "{pipelines}: found the tasks {tasks}; choose one with --task",
        cause="The pipelines do more than one task.",
        remedy="Say which one is meant, as in `--task ner`.",
    )
    DL504 = Message(
        "{path}: found no JSON object ({error}); save the pipeline again",
        cause="The `meta.json` of the pipeline is cut off, or was edited by hand.",
        remedy="Save the pipeline again with `nlp.to_disk`, or copy it again from its source.",
    )
    DL505 = Message(
        "{name}: found separator = {separator!r} in its config, as pipelines of sentence pairs "
        "have; expected one of single texts",
        cause=(
            "The pipeline classifies pairs of sentences, which its encoder sees with a separator "
            "between them, and unlabelled texts are no pairs."
        ),
        remedy=(
            "Give a pipeline of single texts, as one of `configs/textcat.cfg`. If it is one, train "
            "it with `separator = null` in the transformer's model."
        ),
    )
    DL510 = Message(
        "{path}: found no language in the name; expected its code, alone or before an underscore, "
        "as in {example}",
        cause="The language of unlabelled texts is told by the beginning of the file's name.",
        remedy="Rename the file, as to `de.txt` or `deu_Latn.txt.xz`.",
    )
    DL511 = Message(
        "{path}, line {row}: {found}",
        cause="A row of a file of unlabelled texts can't be read.",
        remedy=(
            "Mend or remove the row that the message names. The forms of files are in "
            "[apply](apply.md)."
        ),
    )
    DL512 = Message(
        "--languages: found no texts in {missing}; there are some in {found}",
        cause="Languages that are asked for have no file among the unlabelled texts.",
        remedy=(
            "Take them out of `--languages`, or add files whose names begin with their codes. The "
            "message lists the codes of all that were found; English has labels, and is left out."
        ),
    )
    DL520 = Message(
        "{language}: {found}",
        cause=(
            "The texts of a language can't be labelled. The error of the worker follows, of a text "
            "or of a pipeline."
        ),
        remedy=(
            "Mend what the error says, and run the same command again: languages that were done "
            "are kept. If the process died, use fewer `--workers`."
        ),
    )
    DL521 = Message(
        "Found no sentence to train on ({found}); expected other texts or rules",
        cause=(
            "All sentences fell out. The message counts them by the reason: of a test set, read "
            "before, labelled otherwise by the second pipeline, or without entities."
        ),
        remedy="Give more or other texts, or keep more with `--keep all`.",
    )
    DL530 = Message(
        "--config {path}: there is no such file; expected a training config",
        cause="There is no such config.",
        remedy="Check the path, as in `--config configs/ner.cfg`.",
    )
    DL531 = Message(
        "--config {path}: found the components {found}; expected '{component}'",
        cause="The config trains another task than the pipeline does.",
        remedy="Give the config of the task, such as `configs/ner.cfg`, or another `--task`.",
    )
    DL532 = Message(
        "--config {path}: found {setting} = {value!r}; expected the English training corpus, as in "
        "--paths.train corpus/ner/train.spacy",
        cause=(
            "Training takes the English corpus beside the new sentences, and the config names none "
            "that is there."
        ),
        remedy="Name it by `--paths.train corpus/ner/train.spacy`.",
    )
    DL533 = Message(
        "{path}: found no .spacy file; expected the English training corpus",
        cause="The folder that the config names as the English corpus has no `.spacy` file.",
        remedy=(
            "Make the corpus with `python -m spacy dlfa convert`, or name another by "
            "`--paths.train`."
        ),
    )
    DL534 = Message(
        "{path}: found labels of {language} by the name of the file; expected English ones",
        cause=(
            "The corpus that self-training calls English, or the one that chooses the checkpoint, "
            "is in another language, and the pipeline would be called zero-shot there."
        ),
        remedy=(
            "Name English corpora by `--paths.train` and `--paths.dev`. If they are English, begin "
            "the file's name with no other language's code, as in `train.spacy` or "
            "`en_train.spacy`."
        ),
    )
    DL540 = Message(
        "--quality {path}: there is no such file; expected what spacy dlfa quality --json prints",
        cause="There is no such file.",
        remedy=(
            "Check the path, or make the file with `python -m spacy dlfa quality ... --json > "
            "quality.json`."
        ),
    )
    DL541 = Message(
        "--quality {path}: found no estimates ({error}); expected what spacy dlfa quality --json "
        "prints",
        cause="The file is no JSON, or lacks the fields that estimates have.",
        remedy="Make it again with `python -m spacy dlfa quality ... --json > quality.json`.",
    )
