"""Errors of test sets, and of the files of scores."""

from spacy_dlfa.errors.message import Message


class EvaluationErrors:
    """Test sets and scores."""

    DL301 = Message("{pattern}: found no such file; make some with python -m spacy dlfa convert")
    DL302 = Message("{path}: found the test set {name} in {other} too; expected each name once")
    DL303 = Message("{path}: there is no such file; expected a .spacy file or a folder of them")
    DL304 = Message(
        "{path}: found no documents ({error}); expected a file that spaCy's DocBin wrote"
    )
    DL305 = Message(
        "The pipeline has the components {found}; expected {components}; python -m spacy evaluate "
        "scores others"
    )
    DL306 = Message(
        "The test sets have gold annotation for {names}; say which to score with --task"
    )
    DL307 = Message("{path}: found gold annotation for {found}; expected some for {tasks}")
    DL308 = Message(
        "The gold labels are {labels}, but '{component}' knows {known}; expected test sets with "
        "labels that it was trained on"
    )
    DL309 = Message("Task '{task}': found the components {found}; expected '{component}'")
    DL310 = Message("Test set '{name}': found no document; expected one or more")
    DL311 = Message(
        "The text {text!r}: found {num_labels} labels in doc.cats ({labels}); expected one label "
        "with 1.0 and the others with 0.0"
    )
    DL312 = Message("Task '{name}': there is no such task; choose from {tasks}")
    DL313 = Message(
        "{name}: found {num_found:,} ids of {length:,} sentences; expected one for each, as spacy "
        "dlfa evaluate or sweep writes them"
    )
    DL314 = Message("{path}: its front matter can't be read as YAML ({error}); mend it")
    DL315 = Message("{path}: found a name that is not UTF-8; rename the file")
    DL316 = Message(
        "{name}: found the language {language} in the name, and --language {code}; expected one of "
        "the two"
    )
    DL317 = Message(
        "{path}: found scores of another pipeline, with {key} = {found!r}; expected those of "
        "{pipeline}, which has {own!r}"
    )
    DL318 = Message(
        "Test set '{name}': {found:,} of {length:,} documents came out of the pipeline; expected "
        "all, so leave out the error handler that lets them fall"
    )
    DL319 = Message(
        "{path}: found scores of another pipeline, which was trained without the labels of this "
        "one; expected those of {pipeline}: {note}"
    )
    DL320 = Message("{path}: there is no such file; expected scores of spacy dlfa evaluate")
    DL321 = Message(
        "{path}: found no JSON ({error}); make the file anew with spacy dlfa evaluate or sweep"
    )
    DL322 = Message("{path}: found task = {task!r}; expected one of {tasks}")
    DL323 = Message(
        "{path}: found no {missing}; make the file anew with spacy dlfa evaluate or sweep"
    )
    DL324 = Message(
        "{path}: found {found} ({error}); make the file anew with spacy dlfa evaluate or sweep"
    )
    DL325 = Message(
        "{path}: found {field}, which is no test set of scores; make the file anew with spacy dlfa "
        "evaluate or sweep"
    )
    DL326 = Message(
        "Found the span {text!r}; expected first character, end and label; make the file anew with "
        "spacy dlfa evaluate or sweep"
    )
