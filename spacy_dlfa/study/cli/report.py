"""`python -m spacy dlfa report`: the runs of a sweep as a page."""

from pathlib import Path
from typing import Annotated

import typer

from spacy_dlfa.cli.extra import need_extra
from spacy_dlfa.messages import fail, one_sentence, sentence
from spacy_dlfa.study.cli.compare import CheckpointName


@one_sentence
def report_cli(
    paths: Annotated[list[Path], typer.Argument(metavar="RUNS...", help="Run files, or folders")],
    output: Annotated[Path, typer.Option("--output", "-o", dir_okay=False, help="HTML page")],
    checkpoint: Annotated[
        CheckpointName, typer.Option("--checkpoint", "-c", help="Best on English dev, or average")
    ] = CheckpointName.best,
) -> None:
    """Show the runs of one task: verdicts, charts by layer and by language, tables."""
    need_extra("study", "report")
    from spacy_dlfa.atomic import check_writable, write_bytes
    from spacy_dlfa.study.comparison.runs import read_runs
    from spacy_dlfa.study.report import sweep_page

    check_writable(output)
    try:
        page = sweep_page(read_runs(paths), checkpoint.value)
    except (OSError, ValueError) as err:
        fail(sentence(err))
    write_bytes(output, page.encode("utf8"))
    typer.echo(str(output))
