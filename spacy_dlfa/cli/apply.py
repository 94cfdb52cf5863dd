"""`python -m spacy dlfa apply`: a pipeline on any number of documents."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from spacy_dlfa.cli.options import CodeFile, GpuId, use_gpu
from spacy_dlfa.extras import need_extra
from spacy_dlfa.messages import fail, one_sentence
from spacy_dlfa.tables import lay_out

if TYPE_CHECKING:
    from spacy_dlfa.apply.run import Summary


@one_sentence
def apply_cli(
    pipeline: Annotated[str, typer.Argument(help="Folder or package of a trained pipeline")],
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="INPUT...",
            help="Files, folders or patterns: .jsonl, .txt (a text on each line), both also with "
            ".gz or .xz, .parquet, .spacy",
        ),
    ],
    output: Annotated[Path, typer.Argument(file_okay=False, help="Folder for the rows")],
    text_field: Annotated[str, typer.Option(help="The field, or column, of the text")] = "text",
    id_field: Annotated[str, typer.Option(help="That of the document's id")] = "id",
    language_field: Annotated[str, typer.Option(help="That of its language")] = "language",
    format: Annotated[Literal["jsonl", "parquet"], typer.Option(help="Of the rows")] = "jsonl",
    docs: Annotated[bool, typer.Option("--docs", help="Rows hold the Doc itself, too")] = False,
    engine: Annotated[
        Literal["local", "ray"], typer.Option(help="Processes here, or a cluster, RAY_ADDRESS")
    ] = "local",
    workers: Annotated[
        int | None,
        typer.Option("--workers", "-w", min=1, help="They share the cores; one for each, or GPU"),
    ] = None,
    gpu_id: GpuId = -1,
    code: CodeFile = None,
    piece_rows: Annotated[int, typer.Option(min=1, help="Rows of a piece")] = 1000,
    force: Annotated[
        bool, typer.Option("--force", "-F", help="Make anew what was made otherwise")
    ] = False,
) -> None:
    """Predict entities, tags and topics of documents, each of which becomes one row.

    The same command goes on where it was killed, with nothing lost and nothing twice.
    """
    from spacy.util import is_package

    from spacy_dlfa.apply.folder import open_folder
    from spacy_dlfa.apply.inputs import find_inputs
    from spacy_dlfa.apply.progress import Bar
    from spacy_dlfa.apply.run import ATTEMPTS, Run
    from spacy_dlfa.apply.settings import Fields, Settings
    from spacy_dlfa.workers.engines import open_workers

    if format == "parquet":
        need_extra("parquet", "--format parquet")
    if engine == "ray":
        need_extra("ray", "--engine ray")
    if engine == "local":  # the machine of a cluster that says what to do may have none
        use_gpu(gpu_id)
    fields = Fields(text_field, id_field, language_field)
    # Each of Ray's actors sees its own GPU alone.
    device = gpu_id if engine == "local" else min(gpu_id, 0)
    if engine == "ray" and not is_package(pipeline):  # actors may work in another folder
        pipeline = str(Path(pipeline).resolve())
    file = None if code is None else str(code.resolve())
    settings = Settings(pipeline, fields, format, docs, device, code=file)
    try:
        paths = find_inputs(inputs, output)
        for path in paths:
            if path.suffix.lower() == ".parquet":
                need_extra("parquet", str(path))
        with (
            open_folder(output, settings.fingerprint(piece_rows), paths, force=force) as folder,
            open_workers(engine, workers, gpus=device >= 0, attempts=ATTEMPTS) as pool,
            Bar(sum(path.stat().st_size for path in paths)) as bar,
        ):
            run = Run(settings, paths, piece_rows, folder, bar.show)
            summary = run.go(pool)
    except KeyboardInterrupt:
        fail(f"Stopped; the same command goes on with what is not in {output} yet")
    _print_table(summary)
    for message in summary.unread.values():
        typer.echo(message, err=True)
    line = f"{summary.rows:,} documents: {output}"
    if summary.errors:
        line += f"; {summary.errors:,} of them failed, and their rows say why"
    if summary.unread:
        line += f"; {len(summary.unread):,} files could not be read to their end"
    if summary.errors or summary.unread:
        fail(line)
    typer.echo(line)


def _print_table(summary: "Summary") -> None:
    now = summary.rows - summary.skipped
    rows = [
        ("documents", f"{summary.rows:,}"),
        ("  done before", f"{summary.skipped:,}"),
        ("  failed", f"{summary.errors:,}"),
        ("pieces", f"{summary.pieces:,}"),
        ("words", f"{summary.words:,}"),
        ("start-up, s", f"{summary.startup:,.1f}"),
        ("then, s", f"{summary.seconds:,.1f}"),
    ]
    if summary.seconds:
        rows.append(("documents/s", f"{now / summary.seconds:,.1f}"))
        rows.append(("words/s", f"{summary.words / summary.seconds:,.0f}"))
    typer.echo(lay_out(rows, ["l", "r"]))
