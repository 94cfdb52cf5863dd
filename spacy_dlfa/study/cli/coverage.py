"""`python -m spacy dlfa coverage`: scores against what the encoder has seen."""

from pathlib import Path
from typing import Annotated

import typer

from spacy_dlfa.extras import need_extra
from spacy_dlfa.messages import one_sentence


@one_sentence
def coverage_cli(
    run: Annotated[Path, typer.Argument(dir_okay=False, help="Scores of dlfa evaluate")],
    corpora: Annotated[list[Path], typer.Argument(help="Its test sets, or their folders")],
    output: Annotated[Path, typer.Option("--output", "-o", dir_okay=False, help="HTML page")],
) -> None:
    """Show where zero-shot ends: by languages and scripts seen, family and pieces per word.

    Names of test sets say language and script, as SIB-200's do: deu_Latn.spacy
    """
    need_extra("study", "coverage")
    from spacy_dlfa.atomic import check_writable, write_bytes
    from spacy_dlfa.evaluation.gold import find_corpora
    from spacy_dlfa.evaluation.record import read_run
    from spacy_dlfa.study.report.coverage import coverage_page, find_places, sentences

    check_writable(output)
    scores = read_run(run)
    places, chance = find_places(scores, find_corpora(corpora))
    write_bytes(output, coverage_page(scores, places, chance).encode("utf8"))
    typer.echo("\n".join(f"- {each}." for each in sentences(places, chance)))
    typer.echo(str(output))
