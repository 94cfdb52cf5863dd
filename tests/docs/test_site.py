"""The site: that it is built, what its pages name and what they link to."""

import os
import re
import subprocess
import sys
from importlib.metadata import entry_points, version

import pytest
import srsly

from tests.docs.blocks import PAGES, ROOT, read_blocks
from tests.registry import GOLDEN

GROUPS = {"layers": "thinc_layers"}
SITE = (ROOT / "mkdocs.yml").read_text(encoding="utf8")
API = (ROOT / "docs" / "api.md").read_text(encoding="utf8")
#: Registered without an entry point, see tests/test_registry.py
ELSEWHERE = {
    "spacy_dlfa.InMemory.v1": "spacy_dlfa.study.sweep.corpora.in_memory",
}


@pytest.mark.parametrize("key", [key for key in srsly.read_json(GOLDEN) if key != "cli: dlfa"])
def test_the_reference_has_every_registered_name(key):
    kind, name = key.split(": ")
    found = re.search(rf"^### {re.escape(name)}\n(?:\n(?!#).*)*?\n::: (\S+)$", API, re.MULTILINE)
    assert found, f"docs/api.md has no section '### {name}' with '::: module.function'"
    if name in ELSEWHERE:
        assert found[1] == ELSEWHERE[name]
        return
    (point,) = entry_points(group=GROUPS.get(kind, f"spacy_{kind}"), name=name)
    assert found[1] == point.value.replace(":", ".")


@pytest.mark.parametrize("key", [key for key in srsly.read_json(GOLDEN) if key != "cli: dlfa"])
def test_docstrings_have_every_argument(key):
    kind, name = key.split(": ")
    if kind == "readers" or name == "spacy_dlfa.DLFATok2Vec.v1":
        # The one is in no config; the other has the arguments of two that are on the page.
        return
    (point,) = entry_points(group=GROUPS.get(kind, f"spacy_{kind}"), name=name)
    docstring = point.load().__doc__
    for argument in srsly.read_json(GOLDEN)[key]:
        assert re.search(rf"^    {argument} \(.+\): ", docstring, re.MULTILINE), argument
    assert "RETURNS (" in docstring


def test_every_page_is_in_the_navigation():
    listed = re.findall(r"[\w-]+\.md", SITE[SITE.index("\nnav:") : SITE.index("\nvalidation:")])
    assert sorted(listed) == sorted(path.name for path in (ROOT / "docs").glob("*.md"))


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_to_files(page):
    """On GitHub, where the README is, too."""
    text = read_blocks(page)[1]
    for link in re.findall(r"\]\(\s*([^)\s]+)\)", text):
        if not link.startswith(("http:", "https:", "#")):
            assert ((ROOT / page).parent / link.partition("#")[0]).is_file(), link


def test_nothing_comes_from_another_host():
    assert "font: false" in SITE


def test_citation():
    cited = srsly.read_yaml(ROOT / "CITATION.cff")
    assert cited["cff-version"] == "1.2.0"
    assert cited["version"] == version("spacy_dlfa")
    paper = cited["preferred-citation"]
    names = " ".join(each["family-names"] for each in paper["authors"])
    assert (names, paper["year"]) == ("Chen Guo Liu Tao", 2022)
    from spacy_dlfa.study.report import paper as reported

    source = " ".join((ROOT / reported.__file__).read_text("utf8").split()).replace('" "', "")
    assert paper["title"] in source


def test_the_entry_of_the_universe():
    entry = srsly.read_json(ROOT / "meta" / "universe.json")
    known = {"id", "title", "slogan", "description", "pip", "code_example", "code_language"}
    assert entry.keys() == {*known, "category", "tags", "author"}
    compile("\n".join(entry["code_example"]), "code_example", "exec")
    assert {*entry["category"]} <= {"pipeline", "models", "training", "research"}


@pytest.mark.parametrize("path", sorted(ROOT.glob(".github/ISSUE_TEMPLATE/[!c]*.yml")), ids=str)
def test_issue_templates(path):
    form = srsly.read_yaml(path)
    assert form["name"]
    assert form["description"]
    fields = [each for each in form["body"] if each["type"] != "markdown"]
    assert {each["type"] for each in fields} <= {"input", "textarea"}
    assert all(each["attributes"]["label"] for each in fields)
    names = [each["id"] for each in fields]
    assert len({*names}) == len(names)


@pytest.mark.slow
def test_a_link_that_leads_nowhere_is_an_error(tmp_path):
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", tmp_path]
    done = subprocess.run(
        [*map(str, command)],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "spacy_dlfa.DLFA.v1" in (tmp_path / "api.html").read_text("utf8")


def test_docstrings_become_tables():
    from griffe import load

    from scripts.docstrings import sections

    function = load("spacy_dlfa.fusions.dlfa")["DLFA"]
    text, arguments, returns, raises = sections(function.docstring, function)
    assert "arXiv 2205.08497" in text.value
    assert "RETURNS" not in text.value
    assert [(each.name, each.value) for each in arguments.value] == [
        ("reduction", "4"),
        ("gate", "'sigmoid'"),
        ("norm", "'batch'"),
    ]
    assert returns.value[0].description.startswith("Two layers (N, E)")
    assert raises.value[0].annotation == "ValueError"
