"""`python -m spacy dlfa evaluate`: zero-shot scores on any number of test sets."""

from pathlib import Path
from typing import Annotated, Any

import spacy
import typer
from spacy.cli._util import setup_gpu
from spacy.language import Language
from tqdm import tqdm

from spacy_dlfa.atomic import check_writable, write_each
from spacy_dlfa.cli.convert import check_code
from spacy_dlfa.evaluation.gold import GoldCorpora, infer_task
from spacy_dlfa.evaluation.languages import language_notes
from spacy_dlfa.evaluation.report import format_table, to_json
from spacy_dlfa.evaluation.run import evaluate, run_settings
from spacy_dlfa.evaluation.tasks import TASKS, task_named
from spacy_dlfa.messages import fail, one_sentence

SCORED = {
    "ner": "entities by characters and label",
    "tagger": "gold tokens by characters and tag",
    "textcat": "documents by label",
    "pairs": "pairs by label",
}


@one_sentence
def evaluate_cli(
    pipeline: Annotated[str, typer.Argument(help="Folder or package of a trained pipeline")],
    corpora: Annotated[
        list[Path],
        typer.Argument(help="Test sets, <code>_<name>.spacy by their language, or folders"),
    ],
    outputs: Annotated[
        list[Path],
        typer.Option("--output", "-o", dir_okay=False, help="JSON file, HTML page, or one of each"),
    ],
    task: Annotated[
        str | None,
        typer.Option("--task", "-t", help=f"{', '.join(TASKS)}; by the annotation, if not given"),
    ] = None,
    language: Annotated[
        str | None,
        typer.Option(
            "--language", help="Code like de, put before names that do not say this language"
        ),
    ] = None,
    gpu_id: Annotated[int, typer.Option("--gpu-id", "-g", help="GPU, or -1 for the CPU")] = -1,
) -> None:
    """Score an English-trained pipeline on each test set, on its tokens and on plain text."""
    for path in outputs:
        if path.suffix not in (".json", ".html"):
            fail(f"--output {path}: found the suffix '{path.suffix}'; expected .json or .html")
        check_writable(path)
    try:
        setup_gpu(gpu_id, silent=True)
    except ValueError as err:
        fail(f"--gpu-id {gpu_id}: {' '.join(str(err).split())}")
    check_code(language)
    paths = find_corpora(corpora)
    try:
        gold = GoldCorpora(load_pipeline(pipeline), paths, language)
        chosen = infer_task(gold, task)
        with tqdm(total=len(gold), unit="set", leave=False) as bar:

            def show(name: str) -> None:
                bar.set_description(name)
                bar.update()

            scored = evaluate(
                gold.nlp, gold, chosen, raw=True, progress=show, failed=gold.leave_out
            )
    except ValueError as err:
        fail(" ".join(str(err).split()))
    check_scores(gold, chosen, scored)
    metrics = {**run_settings(gold.nlp, chosen), **scored}
    try:
        write_each((path, to_output(path, metrics)) for path in outputs)
    finally:
        typer.echo(format_table(metrics))
    files = ", ".join(map(str, outputs))
    typer.echo(f"Scores in per cent, {SCORED[chosen]}; 95 % bootstrap intervals: {files}")
    for note in [*language_notes(gold), *label_notes(gold, chosen)]:
        typer.echo(note, err=True)
    if gold.failures:
        fail("\n".join(gold.failures))


def find_corpora(corpora: list[Path]) -> list[Path]:
    """List the test sets; ends the command if there is none or two have one name."""
    paths: list[Path] = []
    for source in corpora:
        # Patterns too, for the scripts of a spaCy project, which no shell expands
        pattern = source / "*.spacy" if source.is_dir() else source
        found = sorted(pattern.parent.glob(pattern.name)) if "*" in pattern.name else [source]
        if not found:
            fail(f"{pattern}: found no such file; make some with python -m spacy dlfa convert")
        paths += found
    stems: dict[str, Path] = {}
    for path in paths:
        other = stems.setdefault(path.stem, path)
        if other is not path:
            fail(f"{path}: found the test set {path.stem} in {other} too; expected each name once")
        if not path.is_file():
            fail(f"{path}: there is no such file; expected a .spacy file or a folder of them")
    return paths


def check_scores(gold: GoldCorpora, task: str, scored: dict[str, Any]) -> None:
    """End the command if no test set could be scored."""
    if any(row[scored["metric"]] is not None for row in scored["scores"].values()):
        return
    empty = f"{', '.join(scored['scores'])}: found no {task_named(task).support} in gold; "
    fail("\n".join([*gold.failures, *[f"{empty}expected some"] * bool(scored["scores"])]))


def label_notes(gold: GoldCorpora, task: str) -> list[str]:
    """Say in a sentence each which gold labels the pipeline can't find."""
    component = task_named(task).component
    known = ", ".join(sorted(getattr(gold.nlp.get_pipe(component), "labels", ())))
    names: dict[str, list[str]] = {}
    for name, labels in gold.unknown.items():
        names.setdefault(", ".join(labels), []).append(name)
    return [
        f"{', '.join(where)}: found gold labels that '{component}' does not know, which count as "
        f"missed: {labels}; it knows {known}"
        for labels, where in names.items()
    ]


def load_pipeline(name: str) -> Language:
    """Load a pipeline."""
    try:
        return spacy.load(name)
    except (OSError, ValueError) as err:
        fail(f"{name}: can't load the pipeline: {' '.join(str(err).split())}")


def to_output(path: Path, metrics: dict[str, Any]) -> bytes:
    """Return the content of a JSON file or a page, by the file's suffix."""
    if path.suffix == ".json":
        return to_json(metrics)
    from spacy_dlfa.report import evaluation_page  # draws figures, which takes a while to import

    return evaluation_page(metrics).encode("utf8")
