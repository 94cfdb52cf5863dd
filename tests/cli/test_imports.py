"""`python -m spacy ANYTHING` imports this plugin's commands, whoever calls which."""

import json
import subprocess
import sys

import pytest

#: Nothing of them is imported before a command is called, but what spaCy imports itself.
HEAVY = {
    "torch",
    "transformers",
    "spacy_transformers",
    "scipy",
    "matplotlib",
    "safetensors",
    "icu4py",
}
#: Names and help of the commands, and what their users choose from.
LIGHT = {
    "spacy_dlfa",
    "spacy_dlfa.corpora",
    "spacy_dlfa.corpora.choices",
    "spacy_dlfa.evaluation",
    "spacy_dlfa.evaluation.tasks",
    "spacy_dlfa.extras",
    "spacy_dlfa.messages",
    "spacy_dlfa.overrides",
    "spacy_dlfa.study",
    "spacy_dlfa.study.comparison",
    "spacy_dlfa.study.comparison.rules",
    "spacy_dlfa.tables",
    "spacy_dlfa.workers",
    "spacy_dlfa.workers.share",
}
#: And the tables of errors, which are text
COMMANDS = (
    "spacy_dlfa.cli",
    "spacy_dlfa.study.cli",
    "spacy_dlfa.errors",
    "spacy_dlfa.study.errors",
)
HELP = """
import spacy.cli._util
sys.argv = ["spacy", "dlfa", "--help"]
try:
    spacy.cli._util.setup_cli()
except SystemExit as end:
    assert not end.code
"""


def modules(script):
    """The names of the modules that are imported after a script, and what it printed."""
    shown = f"import json, sys\n{script}\nprint()\nprint(json.dumps(list(sys.modules)))"
    result = subprocess.run([sys.executable, "-c", shown], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    *printed, names = result.stdout.splitlines()
    return set(json.loads(names)), "\n".join(printed)


def packages(names):
    return {name.partition(".")[0] for name in names} - sys.stdlib_module_names


@pytest.fixture(scope="module")
def spacys_own():
    return modules("import spacy.cli")[0]


def test_the_package_alone():
    new = modules("import spacy_dlfa")[0] - modules("")[0]
    assert {name for name in new if packages([name])} == {"spacy_dlfa"}


def test_commands_import_when_they_are_called(spacys_own):
    new = modules("import spacy_dlfa.cli")[0] - spacys_own
    assert packages(new) == {"spacy_dlfa"}
    ours = {name for name in new if name.startswith("spacy_dlfa")}
    assert {name for name in ours if not name.startswith(COMMANDS)} == LIGHT


def test_help(spacys_own):
    after, printed = modules(HELP)
    assert all(command in printed for command in ("convert", "evaluate", "sweep"))
    assert not packages(after - spacys_own) & (HEAVY - packages(spacys_own))
    ours = {name for name in after if name.startswith("spacy_dlfa")}
    assert {name for name in ours if not name.startswith(COMMANDS)} == LIGHT
