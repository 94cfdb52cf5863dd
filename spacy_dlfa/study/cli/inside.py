"""`python -m spacy dlfa inside`: what fusions do, by word, language and layer, on a page."""

import time
from pathlib import Path
from typing import Annotated

import typer

from spacy_dlfa.extras import need_extra
from spacy_dlfa.messages import one_sentence

#: Of the block, in the comments around it
BLOCK = "inside"


@one_sentence
def inside_cli(
    pipelines: Annotated[
        list[Path],
        typer.Argument(
            metavar="PIPELINE...", help="Folders of trained pipelines that fuse two layers"
        ),
    ],
    tags: Annotated[
        list[Path],
        typer.Option("--tags", "-t", help="Test sets with parts of speech, or their folder"),
    ],
    markdown: Annotated[
        Path,
        typer.Option(
            "--markdown",
            "-m",
            dir_okay=False,
            help="Page with text of yours; the block between the two comments is made anew, or "
            "added",
        ),
    ],
    texts: Annotated[
        list[Path] | None,
        typer.Option(
            "--texts",
            "-x",
            help="Test sets of translated texts, or their folder; components for texts read them",
        ),
    ] = None,
    runs: Annotated[
        list[Path] | None,
        typer.Option("--runs", "-r", file_okay=False, help="Folders of sweeps, one for each task"),
    ] = None,
    distances: Annotated[
        Path | None,
        typer.Option(
            "--distances", "-d", dir_okay=False, help="Table of languages: code and syntax"
        ),
    ] = None,
    sentences: Annotated[
        int, typer.Option("--sentences", "-n", min=2, help="Of each test set, evenly spread")
    ] = 50,
) -> None:
    """Look inside fusions: gate weights by word and language, layers by family, translations.

    Test sets that share ids with an English one of their kind are its translations. --runs adds the
    best layer for each family, and what goes with distance.
    """
    need_extra("study", "inside")
    from spacy_dlfa.atomic import check_writable, write_bytes
    from spacy_dlfa.evaluation.gold import find_corpora
    from spacy_dlfa.study.comparison.runs import read_runs
    from spacy_dlfa.study.inside.block import inside_block
    from spacy_dlfa.study.inside.distances import read_distances
    from spacy_dlfa.study.inside.reading import load_and_read
    from spacy_dlfa.study.inside.weights import weights_chart
    from spacy_dlfa.study.pages.markdown import put_block
    from spacy_dlfa.study.pages.svg import standalone

    check_writable(markdown)
    image = markdown.with_name(f"{markdown.stem}-weights.svg")
    page = markdown.read_text(encoding="utf8") if markdown.exists() else ""
    # Before anything that takes time
    put_block(page, BLOCK, "")
    far = {"distance of syntax": read_distances(distances)} if distances else {}
    sweeps = [read_runs([folder]) for folder in runs or ()]
    tagged, translated = find_corpora(tags), find_corpora(texts) if texts else []
    readings = [
        reading
        for pipeline in pipelines
        for reading in load_and_read(pipeline, tagged, translated, sentences)
    ]
    block = inside_block(
        readings,
        sweeps,
        far,
        sentences=sentences,
        image=image.name,
        minutes=time.process_time() / 60,
    )
    text = put_block(page, BLOCK, block)
    write_bytes(image, standalone(weights_chart(readings)).encode("utf8"))
    write_bytes(markdown, text.encode("utf8"))
    typer.echo(str(markdown))
