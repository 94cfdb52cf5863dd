"""What a plain `pip install spacy_dlfa` can do, and what it says where the extra is needed."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import venv
from importlib.metadata import distribution
from pathlib import Path

import pytest
import srsly
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from spacy_dlfa.extras import EXTRAS
from tests.study.sweep.study import CONFIG, NAMES, TESTS, write_corpus

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf8"))["project"]
#: Modules that import no room
FOR_ALL = {
    "types",
    "errors",
    "messages",
    "extras",
    "tables",
    "atomic",
    "files",
    "docbin",
    *("languages", "overrides"),
}
SETTINGS = {
    "vars.layer": 2,
    "components.transformer.model.precision": "fp32",
    # The encoder of the tests has four layers
    "components.transformer.model.freeze_below": 1,
    "training.max_steps": 4,
    "training.eval_frequency": 2,
}
PREDICT = """
import spacy, sys
nlp = spacy.load(sys.argv[1])
print(len(nlp.get_pipe("tagger").labels), [token.tag_ != "" for token in nlp("Anna schläft hier")])
"""
CALL = """
import json, sys
from typer.testing import CliRunner
from spacy_dlfa.cli import app
results = [CliRunner().invoke(app, arguments) for arguments in json.loads(sys.argv[1])]
print(json.dumps([(each.exit_code, each.output) for each in results]))
"""


def brought(requirements):
    """Names of the distributions that some requirements bring, themselves among them."""
    found, waiting = {}, [(line, {""}) for line in requirements]
    while waiting:
        line, extras = waiting.pop()
        requirement = Requirement(line)
        marker = requirement.marker
        if marker and not any(marker.evaluate({"extra": extra}) for extra in extras):
            continue
        name, wanted = canonicalize_name(requirement.name), {"", *requirement.extras}
        if not wanted <= found.setdefault(name, set()):
            found[name] |= wanted
            waiting += [(each, wanted) for each in distribution(name).requires or ()]
    return set(found)


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    """Python of a fresh environment with the package and what it requires, and no extra.

    Requirements are links to those of this environment: installed from an index, torch alone would
    take more than a minute. The package is built and installed as a user's pip would.
    """
    folder = tmp_path_factory.mktemp("core")
    venv.create(folder / "venv", symlinks=True)
    (site,) = (folder / "venv").glob("lib/python*/site-packages")
    for name in brought(PROJECT["dependencies"]):
        installed = distribution(name)
        for top in {file.parts[0] for file in installed.files} - {"..", "__pycache__"}:
            if not (site / top).exists():
                (site / top).symlink_to(installed.locate_file(top))
    source = folder / "source"
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE", "MANIFEST.in"):
        shutil.copy(ROOT / name, source)
    shutil.copytree(ROOT / "spacy_dlfa", source / "spacy_dlfa")
    install = ["install", "--quiet", "--no-deps", "--no-index", "--no-build-isolation"]
    pip = [sys.executable, "-m", "pip", *install, "--target", str(site), str(source)]
    subprocess.run(pip, check=True, capture_output=True)
    return folder / "venv" / "bin" / "python"


def run(python, *arguments):
    """Run Python elsewhere than here, where nothing of this repository can be imported."""
    lone = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    command = [python, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=python.parent, env=lone)


def printed(python, *arguments):
    result = run(python, *arguments)
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.mark.parametrize("extra", EXTRAS)
def test_an_extra_is_what_it_is_said_to_be(extra):
    lines = PROJECT["optional-dependencies"][extra]
    assert {Requirement(line).name for line in lines} == {*EXTRAS[extra]}
    assert not {*EXTRAS[extra]} & brought(PROJECT["dependencies"])


def imports():
    """For each module of the package, its room and what it imports."""
    for path in (ROOT / "spacy_dlfa").rglob("*.py"):
        nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf8"))))
        names = {each.module for each in nodes if isinstance(each, ast.ImportFrom)}
        names |= {
            name.name for each in nodes if isinstance(each, ast.Import) for name in each.names
        }
        room = path.relative_to(ROOT / "spacy_dlfa").parts[0].removesuffix(".py")
        yield path, room, names


def test_the_plugin_imports_nothing_of_the_study():
    for path, room, names in imports():
        # The commands take in the study's, and the page of `evaluate`
        of_commands = path.parts[-2:] in (("cli", "__init__.py"), ("cli", "evaluate.py"))
        if room != "study" and not of_commands:
            assert not [name for name in names if name.startswith("spacy_dlfa.study")], path
        if room != "study":
            assert not {name.partition(".")[0] for name in names} & {*EXTRAS["study"]}, path


def test_rooms_import_what_is_drawn():
    found = {}
    for _, room, names in imports():
        rooms = {name.split(".")[1] for name in names if name.startswith("spacy_dlfa.")} - {room}
        if rooms := rooms - FOR_ALL:
            found.setdefault(room, set()).update(rooms)
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf8")
    drawn = dict(re.findall(r"^    (\w+) ─▶ ([\w, ]+)$", text, re.MULTILINE))
    assert found == {room: {*rooms.split(", ")} for room, rooms in drawn.items()}
    # From the top down, no room imports one above it
    above = []
    for room in drawn:
        above.append(room)
        assert found[room].isdisjoint(above), room


def test_what_is_there(python):
    script = "import importlib.util as u, spacy_dlfa; print([u.find_spec(n) is None for n in {}])"
    assert printed(python, "-c", script.format(["matplotlib", "scipy", "pytest"])) == (
        "[True, True, True]\n"
    )


@pytest.mark.slow
def test_train_save_load_predict_and_evaluate(python, bert, tmp_path):
    train, dev = (
        write_corpus(tmp_path / f"{name}.spacy", NAMES, TESTS["en_pud"])
        for name in ("train", "dev")
    )
    test = write_corpus(tmp_path / "de_pud.spacy", NAMES, TESTS["de_pud"])
    settings = {**SETTINGS, "paths.train": train, "paths.dev": dev, "vars.backbone": bert}
    overrides = [part for name, value in settings.items() for part in (f"--{name}", value)]
    printed(python, "-m", "spacy", "train", CONFIG, "--output", tmp_path / "made", *overrides)
    made = tmp_path / "made" / "model-last"
    assert printed(python, "-c", PREDICT, made) == "3 [True, True, True]\n"
    scores = tmp_path / "scores.json"
    table = printed(python, "-m", "spacy", "dlfa", "evaluate", made, test, "--output", scores)
    assert "German" in table
    assert srsly.read_json(scores)["scores"]["de_pud"]["interval"]


def test_what_needs_the_extra_says_so(python, tmp_path):
    runs, page = str(tmp_path), str(tmp_path / "page.html")
    commands = {
        "sweep": ["sweep", "ner"],
        "compare": ["compare", runs],
        "report": ["report", runs, "--output", page],
        "backbone-report": ["backbone-report", runs],
        # Before a pipeline is loaded or anything is scored: there is none.
        f"--output {page}": ["evaluate", "nowhere", runs, "--output", page],
    }
    results = json.loads(printed(python, "-c", CALL, json.dumps(list(commands.values()))))
    for subject, (code, output) in zip(commands, results):
        assert code == 1, output
        assert output == (
            f"{subject} needs matplotlib, scipy, which a plain install leaves out; run pip install "
            '"spacy_dlfa[study]"\n'
        )
