"""Processes in which one system is measured alone."""

import subprocess
import sys

from benchmarks.resident import environment

KEPT = "ONEDNN_PRIMITIVE_CACHE_CAPACITY"


def test_a_system_alone_keeps_what_it_keeps_without_others(monkeypatch):
    monkeypatch.setenv(KEPT, "4096")
    code = f"import os, spacy_dlfa; print(os.environ['{KEPT}'])"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "128"
