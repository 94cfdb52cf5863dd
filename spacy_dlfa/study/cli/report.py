"""`python -m spacy dlfa report`: the runs of a sweep as a page, or as a part of one."""

from pathlib import Path
from typing import Annotated

import typer

from spacy_dlfa.extras import need_extra
from spacy_dlfa.messages import fail, one_sentence
from spacy_dlfa.study.comparison.rules import Checkpoint
from spacy_dlfa.study.errors import Errors


@one_sentence
def report_cli(
    paths: Annotated[list[Path], typer.Argument(metavar="RUNS...", help="Run files, or folders")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", dir_okay=False, help="HTML page")
    ] = None,
    markdown: Annotated[
        Path | None,
        typer.Option(
            "--markdown",
            "-m",
            dir_okay=False,
            help="Page with text of yours; the blocks of the folders are made anew, or added",
        ),
    ] = None,
    checkpoint: Annotated[
        Checkpoint, typer.Option("--checkpoint", "-c", help="Best on English dev, or average")
    ] = "best",
) -> None:
    """Show runs: verdicts, charts by layer and by language, tables.

    --output makes a page of one task. --markdown puts a block for each folder of a sweep, or of
    `intermediate`, between two comments with the folder's name, and leaves all else on the page as
    it is.
    """
    need_extra("study", "report")
    from spacy_dlfa.atomic import check_writable, write_bytes
    from spacy_dlfa.study.comparison.runs import read_runs
    from spacy_dlfa.study.intermediate.block import is_intermediate
    from spacy_dlfa.study.report.sweep import sweep_page

    target = output or markdown
    if target is None or (output and markdown):
        fail("Found no page, or two; expected --output page.html or --markdown page.md")
    check_writable(target)
    if markdown is not None:
        files = _blocks(paths, markdown, checkpoint)
    else:
        runs = read_runs(paths)
        if is_intermediate(runs):
            fail(f"--output {target}: found runs of spacy dlfa intermediate; expected --markdown")
        files = {target: sweep_page(runs, checkpoint)}
    for path, text in files.items():
        write_bytes(path, text.encode("utf8"))
    typer.echo(str(target))


def _blocks(folders: list[Path], page: Path, checkpoint: Checkpoint) -> dict[Path, str]:
    """Return the charts and, last, the page with the blocks of the folders, by their files."""
    from spacy_dlfa.study.comparison.runs import read_runs
    from spacy_dlfa.study.intermediate.block import intermediate_block, is_intermediate
    from spacy_dlfa.study.pages.markdown import put_block
    from spacy_dlfa.study.pages.svg import standalone
    from spacy_dlfa.study.report.markdown import sweep_block

    if others := [folder for folder in folders if not folder.is_dir()]:
        raise ValueError(Errors.DL472.format(path=others[0]))
    names = [folder.resolve().name for folder in folders]
    if twice := [name for name in names if names.count(name) > 1]:
        raise ValueError(Errors.DL473.format(name=twice[0]))
    text = page.read_text(encoding="utf8") if page.exists() else ""
    files = {}
    for folder, name in zip(folders, names, strict=True):
        command = (
            f"python -m spacy dlfa report {folder.as_posix()} --markdown {page.as_posix()} "
            f"--checkpoint {checkpoint}"
        )
        image = page.with_name(f"{page.stem}-{name}.svg")
        runs = read_runs([folder])
        if is_intermediate(runs):
            block = intermediate_block(runs, checkpoint, name=name, command=command)
            text = put_block(text, name, block)
            continue
        block, chart = sweep_block(runs, checkpoint, command=command, image=image.name)
        text = put_block(text, name, block)
        if chart:
            files[image] = standalone(chart)
    return {**files, page: text}
