"""A sweep on Ray, on a cluster of this machine that works in another folder."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.clusters import cluster
from tests.study.sweep.study import command, contents, make_settings

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not find_spec("ray"), reason="needs the extra ray"),
]


def test_runs_are_those_of_local(tmp_path, bert):
    settings = make_settings(tmp_path, bert, frozen=True)
    other = tmp_path / "elsewhere"
    other.mkdir()
    with cluster(other) as environment:
        for engine in ("local", "ray"):
            # A path as people type it
            mine = settings._replace(output=Path(engine))
            options = {"fusions": "last", "seeds": "0-1", "engine": engine}
            done = subprocess.run(
                [sys.executable, "-m", "spacy", "dlfa", "sweep", *command(mine, **options)],
                cwd=tmp_path,
                env={**os.environ, **environment},
                capture_output=True,
                text=True,
                timeout=500,
            )
            assert done.returncode == 0, done.stderr
    runs = contents(tmp_path / "ray")
    assert sorted(runs) == ["last-0.json", "last-1.json"]
    assert runs == contents(tmp_path / "local")
