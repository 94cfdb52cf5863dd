"""`python -m spacy dlfa quality`: what to expect in a language that has no test set."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from spacy_dlfa.cli.options import GpuId, TaskName, Texts, check_second, use_gpu
from spacy_dlfa.messages import fail, one_sentence
from spacy_dlfa.tables import lay_out

if TYPE_CHECKING:
    from spacy_dlfa.unlabelled.quality import Quality


@one_sentence
def quality_cli(
    pipeline: Annotated[str, typer.Argument(help="Folder or package of a trained pipeline")],
    texts: Texts,
    second: Annotated[
        str | None,
        typer.Option("--second", "-s", help="Pipeline to compare with, as of another seed"),
    ] = None,
    task: TaskName = None,
    sentences: Annotated[
        int, typer.Option("--sentences", "-n", min=1, help="Sentences of a language, at most")
    ] = 200,
    scores: Annotated[
        Path | None,
        typer.Option(
            "--scores",
            dir_okay=False,
            help="Scores of spacy dlfa evaluate, to correlate the estimates with",
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON, as `describe --quality` reads it")
    ] = False,
    gpu_id: GpuId = -1,
) -> None:
    """Estimate from unlabelled text how good a pipeline is in each language.

    No label is read. What is expected goes by the scores that the pipeline carries, in languages
    that there are estimates of; without them estimates stand for themselves.
    """
    from tqdm import tqdm

    from spacy_dlfa.atomic import to_json
    from spacy_dlfa.cli.evaluate import load_pipeline
    from spacy_dlfa.evaluation.record import read_run
    from spacy_dlfa.evaluation.settings import check_same, run_settings
    from spacy_dlfa.unlabelled.agreement import find_task
    from spacy_dlfa.unlabelled.estimate import find_varieties
    from spacy_dlfa.unlabelled.quality import estimate_quality
    from spacy_dlfa.unlabelled.texts import find_texts

    check_second(pipeline, second)
    use_gpu(gpu_id)
    chosen = find_task([pipeline, *([second] if second else [])], task)
    varieties = find_varieties(find_texts(texts))
    run = read_run(scores) if scores else None
    if run and run["task"] != chosen.name:
        fail(f"{scores}: found scores of the task {run['task']}; expected {chosen.name}")
    nlp = load_pipeline(pipeline)
    if run and scores:
        check_same(scores, run, pipeline, run_settings(nlp, chosen.name))
    other = load_pipeline(second) if second else None
    with tqdm(total=len(varieties), unit="language", leave=False) as bar:
        quality = estimate_quality(nlp, other, varieties, chosen, sentences, run, bar.update)
    for variety in varieties:
        if variety not in quality.estimates:
            typer.echo(f"{variety}: found no sentence in its files; left out", err=True)
    if not quality.estimates:
        fail(f"{', '.join(texts)}: found no sentence; expected a text on each line")
    if as_json:
        made = {"task": chosen.name, "sentences": sentences, "estimates": quality.rows()}
        typer.echo(to_json({**made, **quality.correlation}).decode("utf8"))
        return
    _print_table(quality)
    if quality.correlation:
        _print_correlation(quality.correlation, f"of {scores}")


def _print_correlation(correlation: Mapping[str, Any], source: str) -> None:
    from spacy_dlfa.languages import MIN_LANGUAGES

    shown = [
        f"{name} {'n/a' if value is None else f'{value:.2f}'}"
        for name, value in correlation["spearman"].items()
    ]
    languages = f"{correlation['languages']} languages {source}"
    typer.echo(f"Spearman's correlation with the score over {languages}: {', '.join(shown)}")
    if correlation["languages"] < MIN_LANGUAGES:
        typer.echo(f"With fewer than {MIN_LANGUAGES} languages a rank correlation says nothing")


def _print_table(quality: "Quality") -> None:
    from spacy_dlfa.unlabelled.estimate import BEST, ESTIMATES

    found, expected = quality.estimates, quality.expected
    names = [name for name in ESTIMATES if any(row[name] is not None for row in found.values())]
    best = next(name for name in BEST if name in names)
    ordered = sorted(found, key=lambda each: -(found[each][best] or 0.0))
    rows = []
    for rank, variety in enumerate(ordered, 1):
        cells = [_cell(found[variety][name]) for name in names]
        more = [_cell(expected.get(variety))] if expected else []
        rows.append([str(rank), str(variety), *cells, *more])
    titles = ["Rank", "Language", *(ESTIMATES[name] for name in names)]
    titles += ["Expected score"] * bool(expected)
    aligns = ["r", "l", *"r" * (len(titles) - 2)]
    typer.echo(lay_out(rows, aligns, titles))


def _cell(value: float | None) -> str:
    return "n/a" if value is None else f"{value:.2f}"
