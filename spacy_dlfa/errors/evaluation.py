"""Errors of test sets, and of the files of scores."""

from spacy_dlfa.errors.message import Message


class EvaluationErrors:
    """Test sets and scores."""

    DL301 = Message(
        "{pattern}: found no such file; make some with python -m spacy dlfa convert",
        cause="A path or pattern of test sets finds no file.",
        remedy="Make test sets with `python -m spacy dlfa convert`, and check the path.",
    )
    DL302 = Message(
        "{path}: found the test set {name} in {other} too; expected each name once",
        cause="Scores are named by the file, and two files have the same name.",
        remedy="Rename one of them, or evaluate the folders one at a time.",
    )
    DL303 = Message(
        "{path}: there is no such file; expected a .spacy file or a folder of them",
        cause="There is no such file or folder.",
        remedy="Check the path; it must be a `.spacy` file, or a folder of them.",
    )
    DL304 = Message(
        "{path}: found no documents ({error}); expected a file that spaCy's DocBin wrote",
        cause="The file is no `.spacy` file, or is cut off.",
        remedy="Make it again with `python -m spacy dlfa convert`.",
    )
    DL305 = Message(
        "The pipeline has the components {found}; expected {components}; python -m spacy evaluate "
        "scores others",
        cause="The pipeline has no component for the task.",
        remedy=(
            "Give a pipeline that was trained for it, or another `--task`. What spaCy alone "
            "scores, as textcat_multilabel, spancat and morphologizer, is for "
            "`python -m spacy evaluate`."
        ),
    )
    DL306 = Message(
        "The test sets have gold annotation for {names}; say which to score with --task",
        cause="The test sets have annotation for more than one task that the pipeline does.",
        remedy="Say which to score, as in `--task ner`.",
    )
    DL307 = Message(
        "{path}: found gold annotation for {found}; expected some for {tasks}",
        cause=(
            "The test set has no gold annotation for the task, only text or another kind of "
            "annotation."
        ),
        remedy="Give test sets with that annotation, or another `--task`.",
    )
    DL308 = Message(
        "The gold labels are {labels}, but '{component}' knows {known}; expected test sets with "
        "labels that it was trained on",
        cause=(
            "None of the gold labels is one that the pipeline can predict; `PER` and `PERSON` are "
            "different labels."
        ),
        remedy=(
            "Convert the test sets with the labels of the training data, or give the pipeline "
            "that fits."
        ),
    )
    DL309 = Message(
        "Task '{task}': found the components {found}; expected '{component}'",
        cause="The pipeline lacks the component that the task is scored by.",
        remedy="Give a pipeline that has it, or another task.",
    )
    DL310 = Message(
        "Test set '{name}': found no document; expected one or more",
        cause="The test set is an empty file.",
        remedy="Convert it again from its source, or leave it out.",
    )
    DL311 = Message(
        "The text {text!r}: found {num_labels} labels in doc.cats ({labels}); expected one label "
        "with 1.0 and the others with 0.0",
        cause="Scoring takes exactly one label for each text.",
        remedy="Set one label to 1.0 and all others to 0.0 in `doc.cats`.",
    )
    DL312 = Message(
        "Task '{name}': there is no such task; choose from {tasks}",
        cause="The task is misspelt, or there is no such task.",
        remedy="Choose one of those in the message, as in `--task ner`.",
    )
    DL313 = Message(
        "{name}: found {num_found:,} ids of {length:,} sentences; expected one for each, as spacy "
        "dlfa evaluate or sweep writes them",
        cause=(
            "The file of sentence ids has another length than the test set; they were written at "
            "different times."
        ),
        remedy="Evaluate, or sweep, again.",
    )
    DL314 = Message(
        "{path}: its front matter can't be read as YAML ({error}); mend it",
        cause="The lines between `---` at the top of the encoder's model card are no YAML.",
        remedy="Mend them; most often a text with a colon needs quotation marks.",
    )
    DL315 = Message(
        "{path}: found a name that is not UTF-8; rename the file",
        cause="Scores are named by the file, and its name has bytes that are no characters.",
        remedy="Rename it, for instance to `de_mails.spacy`.",
    )
    DL316 = Message(
        "{name}: found the language {language} in the name, and --language {code}; expected one of "
        "the two",
        cause="The name of a test set says one language, and the command another one.",
        remedy=(
            "Leave out `--language` for this file, or rename it, if what stands there is no "
            "language, as in `it_mails` of the IT."
        ),
    )
    DL317 = Message(
        "{path}: found scores of another pipeline, with {key} = {found!r}; expected those of "
        "{pipeline}, which has {own!r}",
        cause="The scores are of a pipeline with another encoder, layer or fusion.",
        remedy="Give the scores of this pipeline, or evaluate it: `python -m spacy dlfa evaluate`.",
    )
    DL320 = Message(
        "{path}: there is no such file; expected scores of spacy dlfa evaluate",
        cause="There is no such file.",
        remedy=(
            "Check the path, or make the scores with `python -m spacy dlfa evaluate ... --output "
            "scores.json`."
        ),
    )
    DL321 = Message(
        "{path}: found no JSON ({error}); make the file anew with spacy dlfa evaluate or sweep",
        cause="The file is cut off, or no JSON.",
        remedy="Make it again with `spacy dlfa evaluate` or `sweep`.",
    )
    DL322 = Message(
        "{path}: found task = {task!r}; expected one of {tasks}",
        cause="The file is JSON, but of a task that isn't known, so perhaps not of this package.",
        remedy=(
            "Give scores of `spacy dlfa evaluate`; those of spaCy's own `evaluate` have another "
            "form."
        ),
    )
    DL323 = Message(
        "{path}: found no {missing}; make the file anew with spacy dlfa evaluate or sweep",
        cause="The file lacks fields that scores have.",
        remedy="Make it again with `spacy dlfa evaluate` or `sweep`.",
    )
    DL324 = Message(
        "{path}: found {found} ({error}); make the file anew with spacy dlfa evaluate or sweep",
        cause="A field of the file has a value of a wrong kind, as after an edit by hand.",
        remedy="Make it again with `spacy dlfa evaluate` or `sweep`.",
    )
    DL325 = Message(
        "{path}: found {field}, which is no test set of scores; make the file anew with spacy dlfa "
        "evaluate or sweep",
        cause=(
            "The file has examples or mistakes of a test set that it has no scores of, as after an "
            "edit by hand."
        ),
        remedy="Make it again with `spacy dlfa evaluate` or `sweep`.",
    )
    DL326 = Message(
        "Found the span {text!r}; expected first character, end and label; make the file anew with "
        "spacy dlfa evaluate or sweep",
        cause="An example sentence of the file has a damaged span, as after an edit by hand.",
        remedy="Make it again with `spacy dlfa evaluate` or `sweep`.",
    )
