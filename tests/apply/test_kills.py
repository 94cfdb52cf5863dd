"""Workers and drivers that die, in processes as users have them."""

import os
import random
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.apply.conftest import contents, rows_of, write_lines

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.slow


@pytest.fixture
def command(poison):
    """Start a run in a process of its own, in which the package is installed."""
    site = [path for path in sys.path if Path(path, "xx_poison").exists()]
    started = []

    def start(*arguments, **environment):
        python = [sys.executable, "-m", "spacy", "dlfa", "apply", poison]
        paths = {"PYTHONPATH": os.pathsep.join([*site, str(ROOT)])}
        process = subprocess.Popen(
            [*python, *map(str, arguments)],
            env={**os.environ, **paths, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()


def assert_ends(process, status):
    output, _ = process.communicate(timeout=600)
    assert process.returncode == status, output
    return output


def wait_for_pieces(process, output, count):
    """Return when so many are written; a run that ended or hangs before fails with what it said."""
    # A driver first makes and removes it, to see if it can; that must not happen inside of `glob`
    output.mkdir(exist_ok=True)
    end = time.monotonic() + 300
    while len(list(output.glob("0*"))) < count:
        if process.poll() is not None or time.monotonic() > end:
            process.kill()
            pytest.fail(f"{process.returncode}: {process.communicate()[0]}")
        time.sleep(0.001)


def test_a_worker_that_is_killed_is_replaced(command, tmp_path):
    path = write_lines(tmp_path / "in.jsonl", [{"text": f"Oslo {i}"} for i in range(40)])
    once = tmp_path / "once"
    once.touch()
    assert_ends(
        command(path, tmp_path / "out", "--piece-rows", 10, "-w", 1, KILL_ONCE=str(once)), 0
    )
    assert not once.exists()
    rows = rows_of(tmp_path / "out")
    assert [row["row"] for row in rows] == [*range(1, 41)]
    assert not any(row["error"] for row in rows)


def test_a_driver_that_is_killed_goes_on(command, tmp_path):
    path = write_lines(tmp_path / "in.jsonl", [{"text": f"Oslo {i} " * 50} for i in range(400)])
    options = ("--piece-rows", 2, "-w", 1)
    assert_ends(command(path, tmp_path / "whole", *options), 0)
    output = tmp_path / "out"
    moments = random.Random(0)
    for wanted in (1, 60):
        process = command(path, output, *options)
        wait_for_pieces(process, output, wanted)
        time.sleep(moments.random() / 50)
        process.send_signal(signal.SIGKILL)
        process.wait()
    found = contents(output)
    assert len(found) >= 60
    assert found.items() <= contents(tmp_path / "whole").items()
    assert_ends(command(path, output, *options), 0)
    assert contents(output) == contents(tmp_path / "whole")
    assert [row["row"] for row in rows_of(output)] == [*range(1, 401)]


@pytest.mark.skipif(not find_spec("ray"), reason="needs the extra ray")
def test_ray_goes_on_after_a_driver_and_an_actor_are_killed(command, ray_cluster, tmp_path):
    path = write_lines(tmp_path / "in.jsonl", [{"text": f"Oslo {i} " * 50} for i in range(400)])
    options = ("--piece-rows", 2, "-w", 1)
    assert_ends(command(path, tmp_path / "whole", *options), 0)
    output = tmp_path / "out"
    process = command(path, output, *options, "--engine", "ray", **ray_cluster)
    wait_for_pieces(process, output, 1)
    process.send_signal(signal.SIGKILL)
    process.wait()
    found = contents(output)
    assert 0 < len(found) < 200
    assert found.items() <= contents(tmp_path / "whole").items()
    once = Path(ray_cluster["KILL_ONCE"])
    once.touch()
    assert_ends(command(path, output, *options, "--engine", "ray", **ray_cluster), 0)
    assert not once.exists()
    assert contents(output) == contents(tmp_path / "whole")
