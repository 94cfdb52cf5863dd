"""`python -m spacy dlfa demo`: a page in the browser to try a pipeline."""

from pathlib import Path
from typing import Annotated

import typer

from spacy_dlfa.extras import need_extra
from spacy_dlfa.messages import fail, one_sentence, sentence


@one_sentence
def demo_cli(
    pipeline: Annotated[str, typer.Argument(help="Folder or package of a trained pipeline")],
    samples: Annotated[
        Path,
        typer.Option("--samples", "-s", file_okay=False, help="Folder of SIB-200's tables"),
    ],
    port: Annotated[int, typer.Option("--port", "-p", help="Port on this machine")] = 8000,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open the page in a browser")
    ] = True,
) -> None:
    """Serve a page to this machine alone: entities, tags and topics of a text in any language."""
    need_extra("demo", "demo")
    import spacy
    from werkzeug.serving import make_server

    from spacy_dlfa.study.demo.app import create_app
    from spacy_dlfa.study.demo.samples import read_samples

    languages = read_samples(samples)
    try:
        nlp = spacy.load(pipeline)
    except (OSError, ValueError) as err:
        fail(
            f"{pipeline}: can't load the pipeline ({sentence(err)}); run make train-joint, which "
            "installs xx_dlfa_joint, or name a trained pipeline: make demo PIPELINE=FOLDER"
        )
    server = make_server("127.0.0.1", port, create_app(nlp, languages), threaded=True)
    url = f"http://127.0.0.1:{server.port}/"
    typer.echo(f"{url}: stop with Ctrl-C")
    if browser:
        typer.launch(url)
    server.serve_forever()
