"""Options that several commands have."""

import pytest
from typer.testing import CliRunner

from spacy_dlfa.cli import app

COMMANDS = {
    "apply": ("pipeline", "de.txt", "rows"),
    "evaluate": ("pipeline", "de_pud.spacy", "--output", "ner.json"),
    "quality": ("pipeline", "de.txt"),
    "self-train": ("pipeline", "de.txt", "-c", "ner.cfg", "-o", "out", "--keep", "all"),
}


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("kind", [ValueError, RuntimeError])  # spaCy's, and CuPy's beside another
def test_a_missing_gpu_is_said_alike(name, kind, tmp_path, monkeypatch):
    def refuse(gpu_id, silent):
        raise kind("No GPU devices\ndetected")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("spacy_dlfa.cli.options.setup_gpu", refuse)
    result = CliRunner().invoke(app, [name, *COMMANDS[name], "--gpu-id", "0"])
    assert result.exit_code == 1
    assert result.output == "--gpu-id 0: No GPU devices detected\n"
    assert not list(tmp_path.iterdir())
