"""Whether a command of the documentation exists, with its options, targets and files."""

import re
import shlex
import tomllib
from importlib import import_module
from importlib.util import find_spec
from string import Template

import spacy.cli
import srsly
import typer
from spacy import registry

from tests.docs.blocks import ROOT

#: Programs of others; what they are told is theirs to check
OTHERS = {"cd", "curl", "uvicorn", "ray", "cat", "rm", "mkdir", "pip-audit"}
OTHER_MODULES = {"pip", "venv", "http.server", "spacy_huggingface_hub"}
FOLDERS = ("assets", "backbone", "benchmarks", "configs", "docs", "examples", "scripts", "tests")
#: Roots of a config's settings, and of `project.yml`
SECTIONS = {"components", "corpora", "initialize", "nlp", "paths", "system", "training", "vars"}
_PYTHON = re.compile(r"(.+/bin/)?python")
_ASSIGNED = re.compile(r"[A-Z_]+=")
_MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf8")
_PROJECT = srsly.read_yaml(ROOT / "project.yml")
_EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf8"))["project"][
    "optional-dependencies"
]


def is_command(line: str) -> bool:
    """Whether a line starts with something that is run."""
    words = [word for word in line.split() if not _ASSIGNED.match(word)]
    first = words[0] if words else ""
    return first in {*OTHERS, "make", "pip"} or bool(_PYTHON.fullmatch(first))


def read_commands(code: str) -> list[list[str]]:
    """Split a block into commands, with its shell variables in their places."""
    variables, commands = {}, []
    for line in code.replace("\\\n", " ").splitlines():
        words = shlex.split(Template(line).safe_substitute(variables), comments=True)
        while words and _ASSIGNED.match(words[0]):
            name, _, value = words.pop(0).partition("=")
            if not words:
                variables[name] = value
        if words:
            commands.append(words)
    return commands


def check(words: list[str], *, whole: bool = True) -> None:
    """Raise an AssertionError if a command can't be run as it stands.

    whole (bool): Whether it has all that it needs; in a sentence it may be a mere name.
    """
    program, *arguments = words
    for word in words:
        if word.partition("/")[0] in FOLDERS and "/" in word and not set(word) & set("{<"):
            # An encoder may be cut in depth: FOLDER@8
            assert list(ROOT.glob(re.sub(r"@\d+$", "", word))), f"{word}: there is no such file"
    if program == "make":
        _check_make(arguments)
    elif program == "pip":
        _check_pip(arguments)
    elif _PYTHON.fullmatch(program):
        if arguments[0] == "-m":
            _check_module(arguments[1], arguments[2:], whole)
        elif arguments[0] == "-c":
            compile(arguments[1], "-c", "exec")
        else:
            assert (ROOT / arguments[0]).is_file(), arguments[0]
    else:
        assert program in OTHERS, f"{program}: no program that is known"


def _check_make(arguments: list[str]) -> None:
    train = re.search(r"^TRAIN := (.+)", _MAKEFILE, re.MULTILINE)[1]
    targets = re.search(r"^\.PHONY: (.+)", _MAKEFILE, re.MULTILINE)[1].replace("$(TRAIN)", train)
    for argument in arguments:
        name, is_variable, _ = argument.partition("=")
        if is_variable:
            assert re.search(rf"^{name} \?=", _MAKEFILE, re.MULTILINE), argument
        else:
            assert name in targets.split(), f"make {name}"


def _check_pip(arguments: list[str]) -> None:
    for argument in arguments:
        if found := re.fullmatch(r"(?:\.|spacy_dlfa)\[(.+)\]", argument):
            assert {*found[1].split(",")} <= _EXTRAS.keys(), argument


def _check_module(module: str, arguments: list[str], whole: bool) -> None:
    if module == "pytest" or module in OTHER_MODULES:
        return
    if module == "spacy":
        registry.cli.get_all()
        command = typer.main.get_command(spacy.cli.app)
        if arguments[:2] == ["project", "run"]:
            _check_project(arguments[2:])
    else:
        command = _command_of(module)
    if command is None:
        # Without a parser of typer's, the options stand in the file
        source = (ROOT / f"{module.replace('.', '/')}.py").read_text(encoding="utf8")
        assert all(f'"{word}"' in source for word in arguments if word.startswith("--")), arguments
        return
    _check_options(command, arguments, whole)


def _command_of(module: str) -> typer.core.TyperCommand | None:
    assert find_spec(module), f"{module}: there is no such module"
    name = {"backbone": "backbone.commands", "benchmarks": "benchmarks.__main__"}.get(
        module, module
    )
    loaded = import_module(name)
    app = getattr(loaded, "app", None)
    if app is None and hasattr(loaded, "typer") and hasattr(loaded, "main"):
        app = typer.Typer(add_completion=False)
        app.command()(loaded.main)
    return None if app is None else typer.main.get_command(app)


def _check_project(arguments: list[str]) -> None:
    name, *others = arguments
    assert name in {*_PROJECT["workflows"], *(each["name"] for each in _PROJECT["commands"])}, name
    for other in others:
        variable = other.removeprefix("--vars.")
        assert variable == other or variable in {*_PROJECT["vars"], "NAME"}, other


def _check_options(command: typer.core.TyperCommand, arguments: list[str], whole: bool) -> None:
    waiting = list(arguments)
    while hasattr(command, "commands") and waiting and not waiting[0].startswith("-"):
        assert waiting[0] in command.commands, f"{waiting[0]}: there is no such command"
        command = command.commands[waiting.pop(0)]
    options = {name: each for each in command.params for name in (*each.opts, *each.secondary_opts)}
    given, positional = set(), 0
    while waiting:
        word = waiting.pop(0)
        if not word.startswith("-"):
            positional += 1
            continue
        name, has_value, value = word.partition("=")
        option = options.get(name)
        if option is None and name != "--help":
            assert command.context_settings.get("ignore_unknown_options"), f"{name}: no such option"
            assert name.removeprefix("--").partition(".")[0] in SECTIONS, name
        elif option is None or option.is_flag:
            given.add(name)
            continue
        value = value if has_value else waiting.pop(0)
        if option is not None:
            given.update(option.opts)
            # Of newer versions of typer, and of those that build on click
            kind = getattr(option, "type_descriptor", None) or option.type
            choices = [
                getattr(each, "value", each) for each in getattr(kind, "choices", None) or ()
            ]
            assert not choices or value in choices, f"{name} {value}"
    if not whole or "--help" in given:
        return
    for each in command.params:
        if each.param_type_name == "argument":
            positional -= bool(each.required)
        elif each.required:
            assert given & {*each.opts}, f"{each.opts[0]} is needed"
    assert positional >= 0, "an argument is missing"
