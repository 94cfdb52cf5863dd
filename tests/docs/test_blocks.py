"""Each code block of the documentation: it runs, or what it names exists."""

import inspect
import json
import re

import pytest
import spacy
from spacy import registry
from spacy.language import Language
from spacy.tokens import DocBin
from thinc.api import Config

from spacy_dlfa.configs.from_listener import convert
from tests.docs.blocks import PAGES, find_blocks, inline_commands, read_blocks
from tests.docs.commands import check, is_command, read_commands

BLOCKS = [block for page in PAGES for block in read_blocks(page)[0]]


def of(*languages):
    return [block for block in BLOCKS if block.language in languages and not block.reason]


def test_every_block_has_a_language_that_is_checked():
    assert {block.language for block in BLOCKS} <= {
        *("python", "ini", "diff", "json", "sh", "indented"),
        # What a command or a program prints
        "",
    }
    assert {str(block): block.reason for block in BLOCKS if block.reason}.keys() == {
        str(block) for block in BLOCKS if "spark" in block.code and block.language == "python"
    }


@pytest.mark.parametrize("block", of("python"), ids=str)
def test_python_runs(block, reader, capsys):
    exec(compile(block.code, str(block), "exec"), {"__name__": "__main__"})


def test_json_lines_become_a_corpus(reader):
    (block,) = [each for each in of("python") if "train.jsonl" in each.code]
    exec(compile(block.code, str(block), "exec"), {})
    (doc,) = DocBin().from_disk("train.spacy").get_docs(spacy.blank("xx").vocab)
    assert [(ent.text, ent.label_) for ent in doc.ents] == [
        ("Anna Petrova", "PERSON"),
        ("Oslo", "GPE"),
    ]
    assert doc.cats == {"work": 1.0}


@pytest.mark.parametrize("block", of("json"), ids=str)
def test_json_is_json(block):
    assert all(map(json.loads, block.code.splitlines()))


@pytest.mark.parametrize("block", of("ini"), ids=str)
def test_settings_exist(block):
    check_config(block.code)


@pytest.mark.parametrize("block", of("diff"), ids=str)
def test_both_sides_of_a_difference(block):
    sides = [
        "".join(line[1:] + "\n" for line in block.code.splitlines() if line[:1] in ("", " ", sign))
        for sign in "-+"
    ]
    for side in sides:
        check_config(side)
    old, new = map(read_config, sides)
    # What the command makes of the one is the other, but for defaults that it writes out.
    made = convert(old, {"ner": 8}, "spacy_dlfa.DLFA.v1")
    assert contains(made.config, new)


def contains(whole, part):
    if isinstance(part, dict):
        return all(key in whole and contains(whole[key], value) for key, value in part.items())
    return whole == part


def read_config(text):
    """Read a part of a config, which leaves out the sections that others are in."""
    named = re.findall(r"^\[(.+)\]$", text, re.MULTILINE)
    parts = [name.split(".") for name in named]
    above = {".".join(each[:size]) for each in parts for size in range(1, len(each))}
    missing = sorted(name for name in above - {*named} if not name.endswith("*"))
    return Config().from_str("".join(f"[{name}]\n" for name in missing) + text, interpolate=False)


def check_config(text):
    """Raise if a block names a function that is not registered, or an argument it has not."""
    spacy.blank("xx")  # factories of packages are found when the first pipeline is made
    waiting = [read_config(text)]
    assert waiting[0]
    while waiting:
        node = waiting.pop()
        waiting += [value for value in node.values() if isinstance(value, dict)]
        if "factory" in node:
            assert Language.has_factory(node["factory"]), node["factory"]
        for key in [key for key in node if key.startswith("@")]:
            function = getattr(registry, key[1:]).get(node[key])
            arguments = {name for name in node if not name.startswith(("@", "*"))}
            inspect.signature(function).bind_partial(**dict.fromkeys(arguments))


@pytest.mark.parametrize("block", of("sh", "indented"), ids=str)
def test_commands_exist(block):
    if not is_command(block.code.split("\n")[0]) and block.language == "indented":
        # A figure or a formula
        assert not block.code.isascii()
        assert not any(map(is_command, block.code.splitlines()))
        return
    for words in read_commands(block.code):
        # Words in capitals stand for the reader's own, [] for what may be left out.
        check(words, whole="[" not in " ".join(words))


@pytest.mark.parametrize("block", of(""), ids=str)
def test_what_is_printed_is_no_command(block):
    assert not any(map(is_command, block.code.splitlines()))


@pytest.mark.parametrize("page", PAGES)
def test_commands_in_a_sentence_exist(page):
    for command in inline_commands(read_blocks(page)[1]):
        for words in read_commands(command):
            check(words, whole=False)


@pytest.mark.parametrize(
    "command",
    [
        "python -m spacy dlfa evaluat a b",
        "python -m spacy dlfa evaluate a b --outputs c",
        "python -m spacy dlfa evaluate a",
        "python -m spacy dlfa convert a.iob2",
        "python -m spacy dlfa apply a b c --format tsv",
        "python -m spacy project run train-nothing",
        "python -m spacy project run train-ner . --vars.nothing 1",
        "python -m spacy dlfa sweep ner --nothing 1",
        "python -m benchmarks.nothing",
        "python -m benchmarks.features --nothing",
        "python -m tests.reliability.fuzz readers --nothing 1",
        "python examples/nothing.py",
        "make nothing",
        "make test NOTHING=1",
        "pip install .[nothing]",
        "cat assets/nothing/*.txt",
        "nothing --help",
    ],
)
def test_a_command_that_does_not_exist_is_found(command):
    (words,) = read_commands(command)
    with pytest.raises((AssertionError, ModuleNotFoundError)):
        check(words)


def test_blocks_are_found():
    markdown = (
        "a\n\n    one\n\n    two\n\nb\n```python\n    three\n```\n"
        "*Not run in the tests of these pages: no.*\n\n```sh\nfour\n```\n"
    )
    blocks, text = find_blocks("page.md", markdown)
    assert [(each.language, each.code, each.reason) for each in blocks] == [
        ("indented", "one\n\ntwo\n", ""),
        ("python", "    three\n", ""),
        ("sh", "four\n", "no."),
    ]
    assert "one" not in text
