"""What docs/backbone.md says that a machine needs which only trains."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "backbone.md").read_text(encoding="utf8")
SECTION = PAGE.partition("### On a machine with a GPU\n")[2].partition("```")[0]
#: `-S` leaves out what an editable install puts on the path, the checkout
IMPORT = """
import json, sys
sys.modules.update(spacy=None, transformers=None)
import backbone.commands
files = [getattr(module, "__file__", None) for module in sys.modules.values()]
print(json.dumps([file for file in files if file]))
"""


def listed():
    """Names below `spacy_dlfa/`; folders end with a slash."""
    (line,) = re.findall(r"^- of `spacy_dlfa/`: ([^;]+);$", SECTION, re.MULTILINE)
    return re.findall(r"`(.+?)`", line)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    """Files that the commands import from a copy of what the page lists, without the others."""
    folder = tmp_path_factory.mktemp("elsewhere")
    for name in ["backbone/", *(f"spacy_dlfa/{each}" for each in listed())]:
        source, target = ROOT / name, folder / name
        if name.endswith("/"):
            shutil.copytree(source, target, ignore=shutil.ignore_patterns(".cache", "__pycache__"))
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)
    packages = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    done = subprocess.run(
        [sys.executable, "-S", "-c", IMPORT],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), *packages])},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    found = [Path(file) for file in json.loads(done.stdout)]
    return [file.relative_to(folder) for file in found if file.is_relative_to(folder)]


def test_files(loaded):
    """None is missing, or `loaded` fails, and none is named that nothing reads."""
    for name in listed():
        assert any(file.is_relative_to(Path("spacy_dlfa", name)) for file in loaded), name


def test_packages(loaded):
    (line,) = re.findall(r"export need ([^;]+?),\s+neither", SECTION)
    imported = set()
    for file in loaded:
        for node in ast.parse((ROOT / file).read_text(encoding="utf8")).body:
            if isinstance(node, ast.Import):
                imported |= {each.name.partition(".")[0] for each in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add(node.module.partition(".")[0])
    imported -= {*sys.stdlib_module_names, "backbone", "spacy_dlfa"}
    assert imported == set(re.split(r",\s+|\s+and\s+", line.lower()))
