"""What the package says of itself, and what a pipeline that is packaged asks for."""

import re
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
import srsly
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from spacy.cli.package import package

from tests.configs import example, pipeline

ROOT = Path(__file__).parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf8"))
PROJECT = PYPROJECT["project"]
CI = srsly.read_yaml(ROOT / ".github" / "workflows" / "ci.yml")["jobs"]
AGAIN = "make it anew as its first lines say"


def pins(name):
    lines = (ROOT / name).read_text(encoding="utf8").splitlines()
    pairs = (line.split("==") for line in lines if line and not line.startswith("#"))
    return {canonicalize_name(name): pinned for name, pinned in pairs}


def requirements(*extras):
    lines = [*PROJECT["dependencies"]]
    for extra in extras:
        lines += PROJECT["optional-dependencies"][extra]
    found = {canonicalize_name(each.name): each.specifier for each in map(Requirement, lines)}
    # An extra may name another one.
    return {name: specifier for name, specifier in found.items() if name != "spacy-dlfa"}


def test_the_versions_of_python_that_are_claimed_are_tested():
    pattern = r"Programming Language :: Python :: (3\.\d+)"
    claimed = re.findall(pattern, "\n".join(PROJECT["classifiers"]))
    assert CI["test"]["strategy"]["matrix"]["python"] == claimed
    allowed = SpecifierSet(PROJECT["requires-python"])
    assert [f"3.{minor}" for minor in range(6, 30) if f"3.{minor}.5" in allowed] == claimed
    assert PYPROJECT["tool"]["ruff"]["target-version"] == "py" + claimed[0].replace(".", "")
    assert PYPROJECT["tool"]["mypy"]["python_version"] == claimed[0]


def test_constraints_pin_what_is_required():
    pinned = pins("constraints.txt")
    for name, specifier in requirements("study", "dev", "bench", "docs").items():
        assert pinned[name] in specifier, name


def test_lowest_constraints_are_the_lower_bounds():
    pinned = pins("constraints-lowest.txt")
    commands = "\n".join(step.get("run", "") for step in CI["lowest"]["steps"])
    pinned["torch"] = re.search(r"torch==(\S+)", commands)[1]
    for name, specifier in requirements("study").items():
        bounds = [each.version for each in specifier if each.operator == ">="]
        assert len(bounds) == 1, name
        assert pinned[name] in SpecifierSet(f"=={bounds[0]}"), f"{name}: {AGAIN}"


def test_pipelines_have_the_version_of_the_plugin():
    assert srsly.read_yaml(ROOT / "project.yml")["vars"]["version"] == PROJECT["version"]
    # Else this environment was made with another version: make install
    assert version("spacy_dlfa") == PROJECT["version"]


@pytest.mark.parametrize("name", ["tagger", "joint"])
def test_a_packaged_pipeline_asks_for_the_version_that_saved_it(bert, tmp_path, name):
    nlp = pipeline(name, bert)
    nlp.initialize(lambda: [example(nlp, *nlp.component_names[1:-1])])
    nlp.to_disk(tmp_path / "saved")
    (tmp_path / "packages").mkdir()
    package(tmp_path / "saved", tmp_path / "packages", create_sdist=False, silent=True)
    (made,) = (tmp_path / "packages").iterdir()
    asked = map(Requirement, srsly.read_json(made / "meta.json")["requirements"])
    specifiers = {canonicalize_name(each.name): each.specifier for each in asked}
    major, minor, _ = map(int, PROJECT["version"].split("."))
    assert PROJECT["version"] in specifiers["spacy-dlfa"]
    assert f"{major}.{minor}.99" in specifiers["spacy-dlfa"]
    assert f"{major}.{minor + 1}.0" not in specifiers["spacy-dlfa"]
    assert f"{major}.{minor - 1}.99" not in specifiers["spacy-dlfa"]
