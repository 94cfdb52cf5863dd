"""Test sets on disk: read one at a time, and checked before anything is scored."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc

from spacy_dlfa.docbin import read_docs
from spacy_dlfa.errors import Errors, place_first
from spacy_dlfa.evaluation.sentences import find_restart
from spacy_dlfa.evaluation.tasks import TASKS, task_named
from spacy_dlfa.languages import add_code
from spacy_dlfa.messages import described
from spacy_dlfa.text.tokenizer import SEPARATOR


class GoldCorpora(Mapping[str, list[Doc]]):
    """Test sets by name, read whenever they are asked for, so that one at a time is in memory.

    nlp (Language): The pipeline, whose vocabulary the documents get.
    paths (Sequence[Path]): The files, `<name>.spacy`.
    language (Optional[str]): Code of the language, put before names that do not say it.
    RAISES (ValueError): If two files have one name, or one says another language.
    """

    def __init__(self, nlp: Language, paths: Sequence[Path], language: str | None = None) -> None:
        self.nlp = nlp
        self.paths: dict[str, Path] = {}
        #: What is wrong with the test sets that were left out, a sentence each.
        self.failures: list[str] = []
        #: The gold labels that the pipeline does not know, by test set.
        self.unknown: dict[str, list[str]] = {}
        #: An id that stands for too many sentences, and for how many, by test set.
        self.restarts: dict[str, tuple[str, int]] = {}
        for path in paths:
            name = add_code(path.stem, language)
            other = self.paths.setdefault(name, path)
            if other is not path:
                raise ValueError(Errors.DL302.format(path=path, name=name, other=other))

    def leave_out(self, name: str, error: Exception) -> None:
        """Take out a test set that can't be scored, and remember why."""
        self.failures.append(place_first(self.paths.pop(name), described(error)))

    def __getitem__(self, name: str) -> list[Doc]:
        return read_docs(self.paths[name], self.nlp.vocab)

    def __iter__(self) -> Iterator[str]:
        return iter(self.paths)

    def __len__(self) -> int:
        return len(self.paths)


def find_corpora(corpora: list[Path]) -> list[Path]:
    """List the test sets in files, folders and patterns, each once.

    RAISES (ValueError): If there is none, two have one name, or a name is not UTF-8.
    """
    paths: list[Path] = []
    for source in corpora:
        # Patterns too, for the scripts of a spaCy project, which no shell expands
        pattern = source / "*.spacy" if source.is_dir() else source
        found = sorted(pattern.parent.glob(pattern.name)) if "*" in pattern.name else [source]
        if not found:
            raise ValueError(Errors.DL301.format(pattern=pattern))
        paths += found
    stems: dict[str, Path] = {}
    for path in paths:
        if not path.is_file():
            raise ValueError(Errors.DL303.format(path=path))
        try:
            path.name.encode("utf8")
        except UnicodeEncodeError as err:
            raise ValueError(Errors.DL315.format(path=path)) from err
        other = stems.setdefault(path.stem, path)
        if other.resolve() != path.resolve():
            raise ValueError(Errors.DL302.format(path=path, name=path.stem, other=other))
    return list(stems.values())


def infer_task(corpora: GoldCorpora, task: str | None = None) -> str:
    """Return the one task that the pipeline does and the test sets have gold annotation for.

    task (Optional[str]): The task if it is known, which is then checked only.
    RETURNS (str): Its name. Test sets that are damaged, lack the annotation or have none of the
        pipeline's labels are left out of the corpora, see `GoldCorpora.failures`; labels that the
        pipeline does not know are in `GoldCorpora.unknown`, ids that say nothing in `restarts`.
    RAISES (ValueError): If there is no such task, or more than one; or if no test set is left.
    """
    nlp = corpora.nlp
    wanted = [task_named(task)] if task else list(TASKS.values())
    able = [each.name for each in wanted if each.component in nlp.pipe_names]
    if not able:
        components = " or ".join(f"'{name}'" for name in {each.component: 0 for each in wanted})
        raise ValueError(Errors.DL305.format(found=nlp.pipe_names, components=components))
    labels: dict[str, dict[str, set[str]]] = {}
    for name in list(corpora):
        try:
            docs = corpora[name]
            labels[name] = annotations(docs)
            if restart := find_restart(docs):
                corpora.restarts[name] = restart
        except ValueError as err:
            corpora.leave_out(name, err)
    names = [name for name in able if any(name in found for found in labels.values())]
    if len(names) > 1:
        raise ValueError(Errors.DL306.format(names=" and ".join(names)))
    chosen = names[0] if names else able[0]
    for name, found in labels.items():
        try:
            check_annotated(corpora.paths[name], found, [chosen] if names else able)
            unknown = check_labels(chosen, found[chosen], _known_labels(nlp, chosen))
        except ValueError as err:
            corpora.leave_out(name, err)
        else:
            if unknown:
                corpora.unknown[name] = unknown
    if not corpora:
        raise ValueError("; ".join(corpora.failures))
    return chosen


def _known_labels(nlp: Language, task: str) -> set[str]:
    return {*getattr(nlp.get_pipe(task_named(task).component), "labels", ())}


def label_notes(gold: GoldCorpora, task: str) -> list[str]:
    """Say in a sentence each which gold labels the pipeline can't find."""
    return notes_of_labels(task, gold.unknown, _known_labels(gold.nlp, task))


def notes_of_labels(
    task: str, unknown: Mapping[str, Sequence[str]], known: Collection[str]
) -> list[str]:
    """Say it of the labels of each test set that are unknown, and those that are known."""
    names: dict[str, list[str]] = {}
    for name, labels in unknown.items():
        names.setdefault(", ".join(labels), []).append(name)
    return [
        f"{', '.join(where)}: found gold labels that '{task_named(task).component}' does not know, "
        f"which count as missed: {labels}; it knows {', '.join(sorted(known))}"
        for labels, where in names.items()
    ]


def id_notes(gold: GoldCorpora) -> list[str]:
    """Say in a sentence each which test sets have ids that tell no sentences apart."""
    return [
        f"{name}: found the id {id} of {number:,} different sentences, so ids count for nothing in "
        "its interval; expected a sent_id or id for each sentence, or none"
        for name, (id, number) in gold.restarts.items()
        if name in gold.paths
    ]


def component_notes(nlp: Language) -> list[str]:
    """Say in a sentence which components of a pipeline spaCy's own command scores alone."""
    ours = {task.component for task in TASKS.values()}
    others = [
        name
        for name, pipe in nlp.pipeline
        if name not in ours and getattr(pipe, "is_trainable", False) and getattr(pipe, "scorer", 0)
    ]
    scored = f"Not scored here: {', '.join(others)}; python -m spacy evaluate scores them"
    return [scored] if others else []


def annotations(docs: Sequence[Doc]) -> dict[str, set[str]]:
    """List the labels in the gold annotation of documents, by the task they are for."""
    found: dict[str, set[str]] = {}
    for doc in docs:
        # spaCy says of a document without tokens that it has any annotation
        if len(doc) and doc.has_annotation("ENT_IOB"):
            found.setdefault("ner", set()).update(ent.label_ for ent in doc.ents)
        if len(doc) and doc.has_annotation("TAG"):
            found.setdefault("tagger", set()).update(token.tag_ for token in doc if token.tag_)
    if classified := [doc for doc in docs if doc.cats]:
        # A text may mention the separator, too
        are_pairs = all(sum(t.text == SEPARATOR for t in doc) == 1 for doc in classified)
        found["pairs" if are_pairs else "textcat"] = {
            label for doc in classified for label, value in doc.cats.items() if value >= 0.5
        }
    return found


def check_annotated(path: Path, found: Collection[str], tasks: Sequence[str]) -> None:
    """Check that a test set has gold annotation for one of some tasks.

    path (Path): Its file.
    found (Collection[str]): The tasks that it has annotation for, see `annotations`.
    RAISES (ValueError): If it has not.
    """
    if not any(task in found for task in tasks):
        raise ValueError(
            Errors.DL307.format(
                path=path, found=", ".join(found) or "no task", tasks=" or ".join(tasks)
            )
        )


def check_labels(task: str, labels: Collection[str], known: Collection[str]) -> list[str]:
    """Check that a component can find some of the gold labels of a test set.

    known (Collection[str]): The labels that it knows; with none, nothing is said.
    RETURNS (List[str]): Those that it can't find, sorted.
    RAISES (ValueError): If these are all.
    """
    unknown = sorted({*labels} - {*known}) if known else []
    if unknown and len(unknown) == len(labels):
        raise ValueError(
            Errors.DL308.format(
                labels=", ".join(unknown),
                component=task_named(task).component,
                known=", ".join(sorted(known)),
            )
        )
    return unknown
