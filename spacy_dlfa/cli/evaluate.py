"""`python -m spacy dlfa evaluate`: zero-shot scores on any number of test sets."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import spacy
import typer
from spacy.language import Language

from spacy_dlfa.cli.options import Code, CodeFile, GpuId, check_code, use_gpu
from spacy_dlfa.evaluation.tasks import TASKS, task_named
from spacy_dlfa.extras import need_extra
from spacy_dlfa.messages import described, fail, one_sentence

if TYPE_CHECKING:
    from spacy_dlfa.evaluation.gold import GoldCorpora
    from spacy_dlfa.evaluation.record import Run, Scored


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
    language: Code = None,
    noise: Annotated[
        str | None,
        typer.Option("--noise", help="Kinds of damage to score besides, as typos,casing"),
    ] = None,
    gpu_id: GpuId = -1,
    code: CodeFile = None,
) -> None:
    """Score an English-trained pipeline on each test set, on its tokens and on plain text."""
    from spacy.cli._util import import_code
    from tqdm import tqdm

    from spacy_dlfa.atomic import check_writable, write_each
    from spacy_dlfa.augmenters.kinds import check_kinds
    from spacy_dlfa.evaluation.encoder_card import card_notes
    from spacy_dlfa.evaluation.gold import (
        GoldCorpora,
        component_notes,
        find_corpora,
        id_notes,
        infer_task,
        label_notes,
    )
    from spacy_dlfa.evaluation.noise import evaluate_noise
    from spacy_dlfa.evaluation.run import evaluate
    from spacy_dlfa.evaluation.settings import run_settings
    from spacy_dlfa.evaluation.table import format_table
    from spacy_dlfa.languages import language_notes

    for path in outputs:
        if path.suffix not in (".json", ".html"):
            fail(f"--output {path}: found the suffix '{path.suffix}'; expected .json or .html")
        if path.suffix == ".html":
            need_extra("study", f"--output {path}")
        check_writable(path)
    use_gpu(gpu_id)
    check_code(language)
    kinds = [] if noise is None else list(dict.fromkeys(map(str.strip, noise.split(","))))
    if noise is not None:
        check_kinds(kinds)
    paths = find_corpora(corpora)
    import_code(code)
    gold = GoldCorpora(load_pipeline(pipeline), paths, language)
    chosen = infer_task(gold, task)
    with tqdm(total=len(gold), unit="set", leave=False) as bar:
        scored = evaluate(
            gold.nlp,
            gold,
            chosen,
            raw=True,
            examples=True,
            progress=_advance(bar),
            failed=gold.leave_out,
        )
    check_scores(gold, chosen, scored)
    metrics: Run = {**run_settings(gold.nlp, chosen), **scored}
    failures = list(gold.failures)
    if kinds:
        with tqdm(total=len(gold) * len(kinds), unit="set", leave=False) as bar:
            parts = evaluate_noise(
                gold.nlp,
                gold,
                chosen,
                kinds,
                progress=_advance(bar),
                failed=lambda kind, err: failures.append(f"--noise {kind}: {described(err)}"),
            )
        if parts:
            metrics["noise"] = parts
    try:
        write_each((path, to_output(path, metrics)) for path in outputs)
    finally:
        typer.echo(format_table(metrics))
    what, files = task_named(chosen).scored, ", ".join(map(str, outputs))
    typer.echo(f"Scores in per cent, {what}; 95 % bootstrap intervals: {files}")
    notes = [*language_notes(gold), *label_notes(gold, chosen), *id_notes(gold)]
    notes += component_notes(gold.nlp)
    for note in [*notes, *card_notes(metrics["backbone"])]:
        typer.echo(note, err=True)
    if failures:
        fail("\n".join(failures))


def _advance(bar: Any) -> Callable[[str], None]:
    def show(name: str) -> None:
        bar.set_description(name)
        bar.update()

    return show


def check_scores(gold: "GoldCorpora", task: str, scored: "Scored") -> None:
    """End the command if no test set could be scored."""
    if any(row[scored["metric"]] is not None for row in scored["scores"].values()):
        return
    empty = f"{', '.join(scored['scores'])}: found no {task_named(task).support} in gold; "
    fail("\n".join([*gold.failures, *[f"{empty}expected some"] * bool(scored["scores"])]))


def load_pipeline(name: str) -> Language:
    """Load a pipeline."""
    try:
        return spacy.load(name)
    except Exception as err:  # whatever damaged files and other packages make spaCy raise
        fail(f"{name}: can't load the pipeline: {described(err)}")


def to_output(path: Path, metrics: "Run") -> bytes:
    """Return the content of a JSON file or a page, by the file's suffix."""
    if path.suffix == ".json":
        from spacy_dlfa.atomic import to_json

        return to_json(metrics)
    from spacy_dlfa.study.pages.evaluation import evaluation_page

    return evaluation_page(metrics).encode("utf8")
