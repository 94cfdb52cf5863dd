"""The page in Debian's chromium, without a window."""

import shutil
import threading

import pytest
from werkzeug.serving import make_server

from tests.study.demo.conftest import TEXTS

CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs chromium: apt install chromium")


@pytest.fixture
def address(app):
    server = make_server("127.0.0.1", 0, app)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}/"
    server.shutdown()
    thread.join()


@pytest.mark.slow
def test_try_it(address):
    from playwright.sync_api import sync_playwright

    asked, complaints = [], []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM)
        page = browser.new_page(viewport={"width": 390, "height": 800}, color_scheme="dark")
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: complaints.append(message.text))
        page.goto(address)
        page.get_by_label("Language").select_option("German")
        page.get_by_role("button", name="Take the sample").click()
        assert page.get_by_label("Text").input_value().startswith(TEXTS["deu_Latn"])
        page.get_by_label("Language").select_option("Hebrew")
        page.get_by_role("button", name="Take the sample").click()
        # Tokens begin at the right
        first, second = (page.locator(".tokens li").nth(place).bounding_box() for place in (0, 1))
        assert first["x"] > second["x"]
        page.get_by_label("Text").fill("Anna wohnt in Oslo")
        page.get_by_role("button", name="Read the text").click()
        assert page.locator(".tokens li b").all_inner_texts() == ["Anna", "wohnt", "in", "Oslo"]
        # It is dark, and nothing sticks out at the side
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(26, 26, 25)"
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        browser.close()
    assert asked
    assert all(url.startswith((address, "data:")) for url in asked)
    assert [line for line in complaints if "favicon" not in line] == []
