"""Errors have codes: each is raised, none is raised without, and the page names all."""

import ast
import itertools
import re
import string
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from spacy_dlfa.errors import CorpusError, Message, place_first
from spacy_dlfa.study.errors import Errors, Warnings

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "troubleshooting.md"
#: The titles of the page, and the modules whose codes stand below each.
TITLES = {
    "Encoders and saved pipelines": ("storage", "encoder"),
    "Pipelines, fusions and augmenters": (
        "pipeline",
        "fusions",
        "augmenters",
        "configs",
        "pairs",
        "listener",
    ),
    "Corpora": ("corpora",),
    "`apply` and its workers": ("apply", "workers"),
    "Test sets and scores": ("evaluation",),
    "Sweeps, comparisons and reports": (
        "comparison",
        "sweep",
        "probing",
        "report",
        "intermediate",
        "demo",
        "inside",
    ),
    "Self-training and estimates of quality": ("unlabelled",),
    "Warnings": ("warnings",),
}
#: Codes with their modules and messages, of the plugin and of the study.
ENTRIES = sorted(
    (each.code, part.__module__.rpartition(".")[2], each)
    for part in (*Errors.__mro__, *Warnings.__mro__)
    for each in vars(part).values()
    if isinstance(each, Message)
)
TABLE = {code: each for code, _, each in ENTRIES}
CODES = {room: [code for code, of, _ in ENTRIES if of == room] for _, room, _ in ENTRIES}


def sections():
    """The sections of codes on the page: title, code, and paragraphs without their line breaks."""
    # What comes before the second title is no section of a code.
    for part in PAGE.read_text(encoding="utf8").split("\n## ")[2:]:
        title, *blocks = part.split("\n### ")
        for block in blocks:
            code, *paragraphs = (" ".join(each.split()) for each in block.split("\n\n"))
            yield title.strip(), code, paragraphs


SECTIONS = [*sections()]
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
    named = name == "kind" and path == "pipeline/annotating.py"
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
        for path in (ROOT / "spacy_dlfa").glob("**/errors/*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf8")))
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name) and target.id.startswith("DL")
    ]
    assert Counter(names) == dict.fromkeys(TABLE, 1)
    rooms = [room for rooms in TITLES.values() for room in rooms]
    assert {*rooms} == {*CODES}
    ranges = [(CODES[room][0], CODES[room][-1]) for room in rooms]
    assert all(last < first for (_, last), (first, _) in itertools.pairwise(ranges))
    hundreds = [{code[2] for room in rooms for code in CODES[room]} for rooms in TITLES.values()]
    assert hundreds == [{"0"}, {"0"}, {"1"}, {"2"}, {"3"}, {"4"}, {"5"}, {"9"}]


def test_no_sentence_twice():
    texts = Counter(each.text for each in TABLE.values() if each.text != "{found}")
    assert max(texts.values()) == 1


def test_the_page_has_a_section_for_each_code():
    """In the order of the codes, below the title of their room, and none of another code."""
    expected = [
        (title, code) for title, rooms in TITLES.items() for room in rooms for code in CODES[room]
    ]
    assert [(title, code) for title, code, _ in SECTIONS] == expected


@pytest.mark.parametrize(("code", "paragraphs"), [each[1:] for each in SECTIONS])
def test_a_section_has_the_sentence_a_cause_and_what_to_do(code, paragraphs):
    sentence, cause, *remedy = paragraphs
    # Of a field the page has the name alone, without a conversion or a format.
    text = re.sub(r"\{(\w+)[^{}]*\}", r"{\1}", TABLE[code].text)
    assert sentence == f"`` {' '.join(text.split())} ``"
    assert not cause.startswith("**")
    assert any(each.startswith("**What to do:** ") for each in remedy)


def test_the_page_links_to_what_is_there():
    text = PAGE.read_text(encoding="utf8")
    for target, anchor in re.findall(r"\]\(([\w-]*(?:\.md)?)#?([\w-]*)\)", text):
        page = ROOT / "docs" / target if target else PAGE
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
    heavy = "{'spacy', 'thinc', 'torch'}"
    script = f"import sys, spacy_dlfa.study.errors; print({heavy} & {{*sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == "set()\n"


def test_entries_know_their_code():
    class Room:
        DL999 = Message("{x!r}")

    assert Room.DL999.format(x="y") == "[DL999] 'y'"
