"""A sweep that is killed and started again ends like one that nobody touched.

With more kills, by hand: KILLS=10 python -m pytest tests/study/sweep/test_resume.py
"""

import os
import random
import subprocess
import sys
import time

import pytest

from tests.study.sweep.study import command, contents, make_settings

KILLS = int(os.environ.get("KILLS", "1"))
NUM_SEEDS = 1 + KILLS
NUM_RUNS = 2 * NUM_SEEDS


def start(settings, workers):
    seeds = f"0-{NUM_SEEDS - 1}"
    arguments = command(settings, fusions="last,mean", layers="2", seeds=seeds, workers=workers)
    return subprocess.Popen(
        [sys.executable, "-m", "spacy", "dlfa", "sweep", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def finish(process):
    output, _ = process.communicate()
    assert process.returncode == 0, output


def made(settings):
    """Names of the runs, each with what a second run would change."""
    paths = settings.output.glob("*.json")
    return {path.name: (path.stat().st_ino, path.stat().st_mtime_ns) for path in paths}


@pytest.mark.slow
@pytest.mark.parametrize("frozen", [True] if KILLS == 1 else [True, False])
def test_killed_and_started_again(tmp_path, bert, frozen):
    settings = make_settings(tmp_path, bert, frozen=frozen)
    draw = random.Random(KILLS)
    finished = {}
    for kill in range(KILLS):
        process = start(settings, workers=2)
        # Later and later; the first of several while corpora are encoded, a single one after a run.
        wanted = max(kill * NUM_RUNS // (KILLS + 2), int(KILLS == 1))
        while process.poll() is None and not (settings.output / ".sweep").exists():
            time.sleep(0.01)
        while process.poll() is None and len(made(settings)) < wanted:
            time.sleep(0.01)
        time.sleep(draw.uniform(0, 8 if wanted == 0 else 0.5))
        process.kill()
        process.wait()
        assert finished.items() <= made(settings).items()
        finished = made(settings)
    assert 0 < len(finished) < NUM_RUNS
    finish(start(settings, workers=2))
    assert finished.items() <= made(settings).items()
    assert len(made(settings)) == NUM_RUNS
    assert not list(settings.output.rglob("*.tmp"))
    undisturbed = settings._replace(output=tmp_path / "undisturbed")
    finish(start(undisturbed, workers=1))
    assert contents(settings.output) == contents(undisturbed.output)
