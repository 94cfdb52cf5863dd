"""The project, as a user runs it."""

import re
from pathlib import Path

import pytest
import srsly
from thinc.api import Config

from scripts import project

ROOT = Path(__file__).parent.parent
MADE = ("corpus", "training", "metrics", "packages")
PROJECT = srsly.read_yaml(ROOT / "project.yml")
COMMANDS = {command["name"]: command for command in PROJECT["commands"]}
TRAIN = sorted(
    # Intermediate tasks are those that read other languages
    name
    for name in COMMANDS
    if name.endswith("-train") and name != "intermediate-train"
)


def test_the_project_is_what_the_template_makes():
    there = (ROOT / "project.yml").read_text(encoding="utf8")
    assert there == project.project(), "python scripts/project.py"


@pytest.mark.parametrize("task", ["ner", "tagger", "textcat", "pairs", "nli", "intents"])
def test_corpora_are_found_in_one_layout(task):
    corpora = [f"corpus/{task}/train.spacy", f"corpus/{task}/dev.spacy"]
    words = COMMANDS[f"{task}-train"]["script"][0].split()
    assert [word for word in words if word.startswith("corpus/")] == corpora


def test_workflow_steps_follow_each_other():
    """Each dependency is in the repository, downloaded, or made by an earlier step."""
    downloads = [asset["dest"] for asset in PROJECT["assets"]]
    for steps in PROJECT["workflows"].values():
        made = []
        for step in steps:
            for path in COMMANDS[step]["deps"]:
                given = (ROOT / path).exists() and not path.startswith(MADE)
                known = given or any(path.startswith(output) for output in [*made, *downloads])
                assert known, (step, path)
            made += COMMANDS[step].get("outputs", [])


def test_every_command_is_in_a_workflow_and_every_file_it_names_exists():
    used = {step for steps in PROJECT["workflows"].values() for step in steps}
    assert used == set(COMMANDS)
    for command in COMMANDS.values():
        script = " ".join(command["script"])
        for path in re.findall(r"(?<![\w/])(?:assets|configs|examples|scripts)/[\w./-]+", script):
            assert (ROOT / path).exists(), (command["name"], path)


def test_default_workflows_download_nothing():
    for name, steps in PROJECT["workflows"].items():
        deps = [path for step in steps for path in COMMANDS[step]["deps"]]
        downloads = [path for path in deps if "/download/" in path or "/full/" in path]
        assert bool(downloads) == name.startswith("xtreme-")
    assert all(asset["extra"] for asset in PROJECT["assets"])


@pytest.mark.parametrize("name", TRAIN)
def test_training_reads_english_only(name):
    """Follow the files that training reads back to their sources."""
    english = re.compile(
        r"assets/(ner|pos|pairs|nli|intents)/en_[\w-]+\.\w+|assets/textcat/(train|dev)\.tsv"
    )
    converted = {}
    for command in COMMANDS.values():
        for words in (line.split() for line in command["script"] if " convert " in line):
            called = words[words.index("--name") + 1] if "--name" in words else None
            folder = words[words.index("--output") + 1]
            for source in (word for word in words if word.startswith("assets/")):
                target = f"{folder}/{called or Path(source).stem}.spacy"
                converted.setdefault(folder, {})[target] = source
    script = COMMANDS[name]["script"][0].split()
    corpora = [word for word in script if word.startswith("corpus/")]
    assert len(corpora) == 2
    for corpus in corpora:
        if name.startswith("xtreme-"):
            assert re.fullmatch(r"corpus/xtreme/\w+/en_(train|dev)\.spacy", corpus)
            continue
        found = [
            source
            for files in converted.values()
            for target, source in files.items()
            if target == corpus or target.startswith(f"{corpus}/")
        ]
        assert found
        assert all(english.fullmatch(path) for path in found), found


@pytest.mark.parametrize(
    "task", ["ner", "tagger", "textcat", "pairs", "nli", "intents", "joint", "frozen"]
)
def test_workflows_are_alike(task):
    workflow = PROJECT["workflows"][f"train-{task}"]
    own = [f"{task}-{step}" for step in ("convert", "train", "evaluate", "package", "install")]
    own[0] = own[0].replace("frozen", "joint")
    assert workflow[-5:] == own
    assert COMMANDS[f"{task}-package"]["outputs"] == [
        f"packages/xx_dlfa_{task}-${{vars.version}}/dist"
    ]
    last = COMMANDS[f"{task}-install"]["script"][-1]
    example_file = re.search(r"examples/\w+\.py", last)[0]
    assert f'spacy.load("xx_dlfa_{task}")' in (ROOT / example_file).read_text(encoding="utf8")
    # What people came for comes last, and nothing of a wheel stands after it.
    scores = COMMANDS[f"{task}-evaluate"]["outputs"]
    assert COMMANDS[f"{task}-install"]["script"][-2].split(" show ")[1].split() == scores
    assert "Installed. Type next: " in last
    assert "quietly.py spacy package" in COMMANDS[f"{task}-package"]["script"][-1]
    train = COMMANDS[f"{task}-train"]["script"][0]
    # The layers of a frozen encoder are others
    layers = {"joint": ["ner", "tagger", "textcat"], "frozen": []}.get(task, [task])
    chosen = [f"{kind}_{name}" for kind in ("layer", "fusion") for name in layers]
    for variable in ("backbone", "seed", "gpu", *chosen):
        assert f"${{vars.{variable}}}" in train


@pytest.mark.parametrize("task", ["ner", "tagger", "textcat", "pairs"])
def test_a_task_has_one_default_layer_and_fusion(task):
    layer = PROJECT["vars"][f"layer_{task}"]
    fusion = f"spacy_dlfa.{PROJECT['vars'][f'fusion_{task}']}.v1"
    config = Config().from_disk(ROOT / "configs" / f"{task}.cfg")
    component = "textcat" if task == "pairs" else task
    assert config["vars"]["layer"] == layer
    assert config["components"][component]["model"]["tok2vec"]["fusion"]["@layers"] == fusion
    if task != "pairs":
        joint = Config().from_disk(ROOT / "configs" / "joint.cfg")
        assert joint["vars"][f"layer_{task}"] == layer
        assert joint["components"][task]["model"]["tok2vec"]["fusion"]["@layers"] == fusion
