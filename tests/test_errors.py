"""Errors have codes: each is raised, none is raised without, and the page names all."""

import ast
import re
import string
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from scripts import troubleshooting
from spacy_dlfa.errors import ROOMS, CorpusError, Errors, Message, Warnings, messages, place_first

ROOT = Path(__file__).parent.parent
TABLE = {each.code: each for room in ROOMS for each in messages(room)}
ENTRY = re.compile(r"(?:Errors|Warnings)\.(DL\d{3})\.(format|at)")
#: Raised for the operating system, for options of commands, and for what looks for an attribute.
WITHOUT = {"OSError", "typer.Exit", "typer.BadParameter", "AttributeError"}
#: What passes on sentences that have codes or are no errors of their own.
PASSED_ON = {
    ("apply/annotate.py", "ValueError(record.error)"),  # becomes a row of the output
    ("evaluation/gold.py", "ValueError('; '.join(corpora.failures))"),
    ("study/sweep/runner.py", "EncodingError(name, result)"),  # made with DL442
}


def trees():
    """The modules that raise errors, by their paths in the package; backbone reads corpora, too."""
    for folder in ("spacy_dlfa", "backbone"):
        for path in (ROOT / folder).rglob("*.py"):
            tree = ast.parse(path.read_text(encoding="utf8"))
            yield folder, path.relative_to(ROOT / folder).as_posix(), tree


NODES = [
    (folder, path, node)
    for folder, path, tree in trees()
    for node in ast.walk(tree)
    if isinstance(node, ast.Call | ast.Raise | ast.Attribute)
]


def name_of(call):
    """The name of what is called, if it has one."""
    return ast.unparse(call.func) if isinstance(call.func, ast.Name | ast.Attribute) else ""


def is_error(path, name):
    named = name == "kind" and path == "pipeline/stream.py"
    return named or name == "warnings.warn" or name.endswith("Error")


def test_every_error_has_a_code():
    """Also those that a function makes for others to raise."""
    bare = []
    for folder, path, node in NODES:
        if folder != "spacy_dlfa" or not isinstance(node, ast.Call):
            continue
        name = name_of(node)
        if not is_error(path, name) or name in WITHOUT or (path, ast.unparse(node)) in PASSED_ON:
            continue
        first = ast.unparse(node.args[0]) if node.args else ""
        if not (ENTRY.match(first) or first.startswith(("place_first(", "FAILED["))):
            bare.append(f"{path}:{node.lineno}: {ast.unparse(node)}")
    assert not bare


def test_what_is_raised_is_an_error_by_its_name():
    """Or the error of a function that makes it, or one that was caught."""
    others = set()
    for folder, path, node in NODES:
        if folder == "spacy_dlfa" and isinstance(node, ast.Raise) and node.exc is not None:
            name = name_of(node.exc) if isinstance(node.exc, ast.Call) else ast.unparse(node.exc)
            if not is_error(path, name) and name not in WITHOUT:
                others.add(name)
    assert others == {"changed", "_error", "_refusal", "error", "failures[0]"}


def test_every_code_is_used():
    used = {
        node.attr
        for _, _, node in NODES
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id in ("Errors", "Warnings")
    }
    assert used == {*TABLE}


def test_places_get_the_fields_of_their_sentence():
    for _, path, node in NODES:
        if not isinstance(node, ast.Call) or not (entry := ENTRY.fullmatch(name_of(node))):
            continue
        text = TABLE[entry[1]].text
        fields = {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
        assert {each.arg for each in node.keywords} == fields, f"{path}:{node.lineno}"
        assert len(node.args) == (2 if entry[2] == "at" else 0), f"{path}:{node.lineno}"


def test_no_code_twice_and_each_in_its_room():
    names = [
        target.id
        for path in (ROOT / "spacy_dlfa" / "errors").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf8")))
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name) and target.id.startswith("DL")
    ]
    assert Counter(names) == dict.fromkeys(TABLE, 1)
    ranges = [(each[0].code, each[-1].code) for each in map(messages, ROOMS)]
    assert all(a < b for a, b in zip(sum(ranges, ()), sum(ranges, ())[1:], strict=False))
    hundreds = [{each.code[2] for each in messages(room)} for room in ROOMS]
    assert hundreds == [{"0"}, {"0"}, {"1"}, {"2"}, {"3"}, {"4"}, {"4"}, {"5"}, {"9"}]


@pytest.mark.parametrize("code", sorted(TABLE))
def test_cause_and_remedy(code):
    message = TABLE[code]
    assert message.cause.endswith(".")
    assert message.remedy.endswith(".")
    texts = [each.text for each in TABLE.values()]
    assert texts.count(message.text) == 1 or message.text == "{found}"
    for target in re.findall(r"\]\(([^)#]+)", message.cause + message.remedy):
        assert (ROOT / "docs" / target).is_file()


def test_the_page_is_that_of_the_table():
    text = troubleshooting.PAGE.read_text(encoding="utf8")
    assert text == troubleshooting.page(text), "run python scripts/troubleshooting.py"
    assert re.findall(r"^### (DL\d{3})$", text, re.MULTILINE) == list(TABLE)


def test_the_page_links_to_what_is_there():
    text = troubleshooting.PAGE.read_text(encoding="utf8")
    for target, anchor in re.findall(r"\]\(([\w-]*(?:\.md)?)#?([\w-]*)\)", text):
        page = ROOT / "docs" / target if target else troubleshooting.PAGE
        headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf8"), re.MULTILINE)
        anchors = {re.sub(r"[^\w -]", "", each).lower().replace(" ", "-") for each in headings}
        assert not anchor or anchor in anchors, (target, anchor)


def test_code_first():
    found = Errors.DL212.format(name="x")
    assert found == (
        "[DL212] x: found no such pipeline; expected an installed package, or a folder"
    )
    assert Warnings.DL901.format().startswith("[DL901] The learning rate stays 0")


def test_a_line_of_a_file():
    error = CorpusError(Errors.DL133.at(Path("a.tsv"), 3, label="x" * 301, longest=1, column=2))
    start = f"[DL133] a.tsv, line 3: found label '{'x' * 300}…'; expected "
    assert str(error).startswith(start)


@pytest.mark.parametrize(
    ("error", "found"),
    [
        ("[DL304] a.spacy: found no documents", "[DL304] a.spacy: found no documents"),
        ("[DL308] The gold labels", "[DL308] a.spacy: The gold labels"),
        ("Permission denied", "a.spacy: Permission denied"),
        (ValueError("[DL308] The gold labels"), "[DL308] a.spacy: The gold labels"),
    ],
)
def test_a_code_stays_first(error, found):
    assert place_first(Path("a.spacy"), error) == found


def test_messages_are_light():
    script = "import sys, spacy_dlfa.errors; print({'spacy', 'thinc', 'torch'} & {*sys.modules})"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == "set()\n"


def test_entries_know_their_code():
    class Room:
        DL999 = Message("{x!r}", cause="A.", remedy="B.")

    assert Room.DL999.format(x="y") == "[DL999] 'y'"
