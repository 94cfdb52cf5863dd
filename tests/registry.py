"""What this package registers; `python -m tests.registry` writes down what is new."""

import importlib
import inspect
import json
import pkgutil
import sys
import typing
from pathlib import Path

import srsly
import typer
from spacy import registry
from spacy.language import Language

import spacy_dlfa

GOLDEN = Path(__file__).parent / "registry.json"
RULE = (
    "A registered name never changes its meaning, as configs and saved pipelines hang on it: give "
    "the new meaning a new name (.v2), and leave the old one as it is. What was in no release yet "
    f"may still change: take it out of {GOLDEN.name} first"
)
UPDATE = (
    f"If it is meant to be public from now on, add it to {GOLDEN.name}: python -m tests.registry"
)


def contents() -> dict[str, dict]:
    """All names by registry, with their arguments: required or a default, and choices if limited.

    Of commands the options are the choices.
    """
    for module in pkgutil.walk_packages(spacy_dlfa.__path__, "spacy_dlfa."):
        try:
            importlib.import_module(module.name)
        except ModuleNotFoundError as err:
            # Of an extra that registers nothing
            if err.name != "ray":
                raise
    found = {}
    for kind in registry.get_registry_names():
        for name, function in sorted(getattr(registry, kind).get_all().items()):
            module = getattr(function, "__module__", "")
            if name.startswith("spacy_dlfa.") or module.startswith("spacy_dlfa."):
                found[f"{kind}: {name}"] = _arguments(function)
    # Factories and commands are objects of other packages' classes.
    for name in ("dlfa_doc_cleaner", "dlfa_transformer"):
        config = Language.get_factory_meta(name).default_config
        found[f"factories: {name}"] = {key: {"default": value} for key, value in config.items()}
    commands = typer.main.get_command(registry.cli.get("dlfa")).commands.items()
    found["cli: dlfa"] = {
        name: {"choices": sorted(option for each in command.params for option in each.opts)}
        for name, command in sorted(commands)
    }
    return dict(sorted(found.items()))


def broken(golden: dict[str, dict], now: dict[str, dict]) -> list[str]:
    """Say what of a golden list is gone or different, and what has come that is not optional."""
    found = [f"{name} is gone" for name in golden if name not in now]
    for name in golden.keys() & now.keys():
        for key in {**golden[name], **now[name]}:
            old, new = golden[name].get(key), now[name].get(key)
            if new is None:
                found.append(f"{name}: {key} is gone")
            elif old is None:
                if "required" in new:
                    found.append(f"{name}: {key} is new and has no default")
            elif "default" in old and ("required" in new or old["default"] != new["default"]):
                default = new.get("default", "none at all")
                found.append(f"{name}: {key} had the default {old['default']}, now {default}")
            elif gone := _no_more(old.get("choices"), new.get("choices")):
                found.append(f"{name}: {key} can't be {gone} any more")
    return sorted(found)


def _no_more(old: list | None, new: list | None) -> list:
    # No list of choices is any choice.
    if new is None:
        return []
    return ["anything else"] if old is None else [each for each in old if each not in new]


def _arguments(function: typing.Callable) -> dict[str, dict]:
    hints = typing.get_type_hints(function)
    arguments = {}
    for key, parameter in inspect.signature(function).parameters.items():
        needed = parameter.default is parameter.empty
        arguments[key] = {"required": True} if needed else {"default": parameter.default}
        if typing.get_origin(hints.get(key)) is typing.Literal:
            arguments[key]["choices"] = list(typing.get_args(hints[key]))
    return arguments


if __name__ == "__main__":
    golden, now = srsly.read_json(GOLDEN), contents()
    if problems := broken(golden, now):
        sys.exit("\n".join([*problems, RULE]))
    GOLDEN.write_text(json.dumps(now, indent=2) + "\n", encoding="utf8")
