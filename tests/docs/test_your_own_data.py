"""The way from files of one's own to a package, as the page has it, with settings for a look."""

import re
from itertools import islice

import pytest
import spacy
import srsly
from spacy import registry
from spacy.cli import app
from spacy.tokens import DocBin
from typer.testing import CliRunner

from tests.docs.blocks import ROOT, read_blocks
from tests.docs.commands import read_commands

PAGE = "docs/your-own-data.md"
#: What the page says for a quick look, in fewer steps; nothing is built, as that takes an index
QUICK = {
    "init-config": lambda words: [
        {"assets/multilingual-e5-small": str(ROOT / "assets/mini-mbert"), "8": "6"}.get(word, word)
        for word in words
    ],
    "train": lambda words: [*words, "--training.max_steps", "2", "--training.eval_frequency", "1"],
    "package": lambda words: ["none" if word == "wheel" else word for word in words],
}


@pytest.fixture
def files(tmp_path, monkeypatch):
    """Three files of words and tags, with a label that the project's own data hasn't."""
    for name, source in (
        ("train", "en_ewt-train"),
        ("dev", "en_ewt-dev"),
        ("de_mails", "test/de_pud"),
    ):
        with (ROOT / f"assets/ner/{source}.iob2").open(encoding="utf8") as file:
            rows = [line.rstrip("\n").split("\t") for line in islice(file, 1500) if line[0] != "#"]
        lines = [" ".join(row[1:3]).replace("LOC", "GPE") for row in rows]
        (tmp_path / f"{name}.iob2").write_text("\n".join(lines).rstrip() + "\n", encoding="utf8")
    monkeypatch.chdir(tmp_path)


def test_from_files_to_a_package(files, tmp_path):
    (block,) = [each for each in read_blocks(PAGE)[0] if "de_mails.iob2 --output" in each.code]
    done = []
    # As `python -m spacy` finds the commands of plugins
    registry.cli.get_all()
    for command in read_commands(block.code):
        if command[:3] != ["python", "-m", "spacy"]:
            continue
        words = command[3:]
        name = words[1] if words[0] == "dlfa" else words[0]
        (tmp_path / "packages").mkdir(exist_ok=True)
        result = CliRunner().invoke(app, QUICK.get(name, list)(words))
        assert result.exit_code == 0, result.output
        done.append(name)
    assert done == ["convert", "init-config", "train", "evaluate", "describe", "package"]
    (folder,) = (tmp_path / "packages").glob("xx_mine-*/xx_mine/xx_mine-*")
    nlp = spacy.load(folder)
    assert set(nlp.get_pipe("ner").labels) == {"GPE", "ORG", "PER"}
    assert "ents_f" in nlp.meta["performance"]
    assert nlp("Anna lives in Oslo.").has_annotation("ENT_IOB")


def test_entities_that_meet(tmp_path, monkeypatch):
    """As other tools export them: nested, or within one token. One beyond the text is named."""
    (block,) = [each for each in read_blocks(PAGE)[0] if "read_jsonl" in each.code]
    monkeypatch.chdir(tmp_path)
    line = {"text": "The New York-based team", "topic": "work"}
    srsly.write_jsonl("train.jsonl", [{**line, "entities": [[4, 12, "GPE"], [4, 18, "NORP"]]}])
    exec(block.code, {})
    (doc,) = DocBin().from_disk("train.spacy").get_docs(spacy.blank("xx").vocab)
    assert [(each.text, each.label_) for each in doc.ents] == [("New York-based", "NORP")]
    srsly.write_jsonl("train.jsonl", [{**line, "entities": [[19, 40, "ORG"]]}])
    with pytest.raises(ValueError, match=r"beyond the text: .*York-based"):
        exec(block.code, {})


def test_the_quick_look_is_evaluated():
    """More often than at step 0, whose pipeline has learnt nothing."""
    text = (ROOT / PAGE).read_text(encoding="utf8")
    steps = "--training.max_steps ([0-9]+)"
    found = re.findall(f"`{steps} --training.eval_frequency ([0-9]+)`", text)
    assert len(found) == len(re.findall(steps, text)) > 0
    assert all(int(frequency) <= int(most) for most, frequency in found)
