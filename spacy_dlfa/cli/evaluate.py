"""`python -m spacy dlfa evaluate`: zero-shot scores on any number of test sets."""

from pathlib import Path
from typing import Annotated

import spacy
import typer
from spacy.cli._util import setup_gpu
from spacy.language import Language
from spacy.tokens import Doc, DocBin
from tqdm import tqdm

from spacy_dlfa.cli.messages import fail
from spacy_dlfa.evaluation.languages import language_of
from spacy_dlfa.evaluation.ner import score_entities
from spacy_dlfa.evaluation.report import (
    averages,
    corpus_row,
    format_table,
    run_settings,
    write_json,
)


def evaluate_cli(
    pipeline: Annotated[str, typer.Argument(help="Folder or package of a trained pipeline")],
    corpora: Annotated[
        list[Path], typer.Argument(help="Test sets <code>_<treebank>.spacy, or folders of them")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", dir_okay=False, help="JSON file")],
    gpu_id: Annotated[int, typer.Option("--gpu-id", "-g", help="GPU, or -1 for the CPU")] = -1,
) -> None:
    """Score an English-trained NER pipeline on each test set, on its tokens and on plain text."""
    try:
        setup_gpu(gpu_id, silent=True)
    except ValueError as err:
        fail(f"--gpu-id {gpu_id}: {' '.join(str(err).split())}")
    paths = find_corpora(corpora)
    nlp = load_pipeline(pipeline)
    scores = {}
    for path in (progress := tqdm(paths, unit="set", leave=False)):
        progress.set_description(path.stem)
        gold = read_corpus(nlp, path)
        scores[path.stem] = corpus_row(
            path.stem,
            len(gold),
            sum(len(doc.ents) for doc in gold),
            score_entities(nlp, gold, raw_text=False),
            score_entities(nlp, gold, raw_text=True),
        )
    metrics = {**run_settings(nlp), "scores": scores, "averages": averages(scores)}
    write_json(output, metrics)
    typer.echo(format_table(metrics))
    typer.echo(f"Scores in per cent, entities by characters and label: {output}")


def find_corpora(corpora: list[Path]) -> list[Path]:
    """List the test sets; ends the command if there is none or a name says no language."""
    paths: list[Path] = []
    for source in corpora:
        found = sorted(source.glob("*.spacy")) if source.is_dir() else [source]
        if not found:
            fail(f"{source}: found no *.spacy file; make some with python -m spacy dlfa convert")
        paths += found
    stems: dict[str, Path] = {}
    for path in paths:
        other = stems.setdefault(path.stem, path)
        if other is not path:
            fail(f"{path}: found the test set {path.stem} in {other} too; expected each name once")
        if not path.is_file():
            fail(f"{path}: there is no such file; expected a .spacy file or a folder of them")
        try:
            language_of(path.stem)
        except ValueError as err:
            fail(str(err))
    return paths


def load_pipeline(name: str) -> Language:
    """Load a pipeline with an `ner` component."""
    try:
        nlp = spacy.load(name)
    except (OSError, ValueError) as err:
        fail(f"{name}: can't load the pipeline: {' '.join(str(err).split())}")
    if "ner" not in nlp.pipe_names:
        fail(f"{name}: found the components {nlp.pipe_names}; expected an 'ner' component")
    return nlp


def read_corpus(nlp: Language, path: Path) -> list[Doc]:
    """Read the documents of a test set."""
    try:
        return list(DocBin().from_disk(path).get_docs(nlp.vocab))
    except Exception as err:  # whatever a damaged file makes zlib and msgpack raise
        fail(f"{path}: found no documents ({err}); expected a file that spaCy's DocBin wrote")
