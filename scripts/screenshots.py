"""Take the pictures of docs/images: the page to try a pipeline, and pages of scores.

    python scripts/screenshots.py xx_dlfa_joint metrics/joint-ner.json metrics/joint-tagger.json

needs chromium, and the extra `dev`.
"""

import logging
import shutil
import threading
from pathlib import Path
from typing import Annotated, Any

import spacy
import typer
from playwright.sync_api import Browser, sync_playwright
from werkzeug.serving import make_server

from spacy_dlfa.evaluation.record import read_run
from spacy_dlfa.messages import fail, one_sentence
from spacy_dlfa.study.demo.app import create_app
from spacy_dlfa.study.demo.samples import SENTENCES, read_samples
from spacy_dlfa.study.pages.evaluation import evaluation_page

IMAGES = Path("docs/images")
SAMPLES = Path("assets/textcat/test")
#: By name: width, colours and the language of the sample
VIEWS: dict[str, tuple[int, Any, str]] = {
    "wide-light": (1100, "light", "German"),
    "wide-dark": (1100, "dark", "Urdu"),
    "narrow-light": (390, "light", "Chinese, Hans"),
    "narrow-dark": (390, "dark", "Hebrew"),
}
#: Pixels; of pages of scores, which are long, no more is shown
_HEIGHT = 1000

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
@one_sentence
def take(
    pipeline: Annotated[str, typer.Argument(help="A trained pipeline, as for make demo")],
    scores: Annotated[
        list[Path] | None, typer.Argument(help="JSON files of spacy dlfa evaluate")
    ] = None,
    output: Annotated[Path, typer.Option("--output", "-o", file_okay=False)] = IMAGES,
) -> None:
    """Take pictures of pages, light and dark, narrow and wide."""
    chromium = shutil.which("chromium")
    if chromium is None:
        fail("Found no chromium; install it, as with apt install chromium")
    output.mkdir(parents=True, exist_ok=True)
    pages = {path.stem: evaluation_page(read_run(path)) for path in scores or ()}
    demo = create_app(spacy.load(pipeline), read_samples(SAMPLES))
    # A line for each request
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, demo)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium)
        for view, (width, colours, language) in VIEWS.items():
            page = _open(browser, width, colours)
            page.goto(f"http://127.0.0.1:{server.port}/")
            page.get_by_label("Sample").select_option(SENTENCES[1])
            page.get_by_label("Language").select_option(language)
            page.get_by_role("button", name="Take the sample").click()
            _save(page, output / f"demo-{view}.png", full=True)
            for name, html in pages.items():
                page.set_content(html)
                _save(page, output / f"{name}-{view}.png", full=False)
                if "<section" in html:
                    page.locator("section").first.evaluate("each => each.scrollIntoView()")
                    _save(page, output / f"{name}-texts-{view}.png", full=False)
            page.close()
        browser.close()
    server.shutdown()


def _open(browser: Browser, width: int, colours: Any) -> Any:
    return browser.new_page(viewport={"width": width, "height": _HEIGHT}, color_scheme=colours)


def _save(page: Any, path: Path, *, full: bool) -> None:
    page.screenshot(path=path, full_page=full)
    typer.echo(str(path))


if __name__ == "__main__":
    app()
