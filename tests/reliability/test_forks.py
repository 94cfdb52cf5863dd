"""Forked processes work, whatever threads their parent has used; nothing waits without end.

All of it is done in processes that have torch's own number of threads, as users' have.
"""

import contextlib
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import srsly
from spacy.tokens import DocBin

from tests.reliability import forking

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
#: Seconds, many times what it takes; a child has less, so that its own failure is told first.
LIMIT = 4 * forking.LIMIT
METHODS = ["fork", "spawn", "forkserver"]
PRECISIONS = ["fp32", "auto", "int8"]


def start(*arguments):
    """Start Python in a session of its own, with the threads and variables that users have."""
    ours = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "TOKENIZERS_PARALLELISM")
    env = {name: value for name, value in os.environ.items() if name not in ours}
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def end(process):
    """End a process and what it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


class Server:
    """The process of `tests.reliability.forking`, started anew if a case made it hang."""

    def __init__(self, folders):
        self.folders = folders
        self.process = None

    def ask(self, case, number=0):
        if self.process is None:
            self.process = start("-m", "tests.reliability.forking", *self.folders)
            assert self.answer() == "ready"
        self.process.stdin.write(f"{case} {number}\n")
        self.process.stdin.flush()
        return self.answer()

    def answer(self):
        if select.select([self.process.stdout], [], [], LIMIT)[0]:
            return self.process.stdout.readline().strip()
        self.end()
        pytest.fail(f"it hangs: no answer in {LIMIT} s")

    def end(self):
        if self.process is not None:
            end(self.process)
            self.process = None


@pytest.fixture(scope="module")
def folders(trained, tmp_path_factory):
    """The pipeline in each precision."""
    found = []
    for precision in PRECISIONS:
        folder = tmp_path_factory.mktemp("forks") / precision
        trained.to_disk(folder)
        config = (folder / "config.cfg").read_text("utf8")
        changed = config.replace('\nprecision = "fp32"', f'\nprecision = "{precision}"')
        assert f'\nprecision = "{precision}"' in changed
        (folder / "config.cfg").write_text(changed, "utf8")
        found.append(str(folder))
    return found


@pytest.fixture(scope="module")
def server(folders):
    server = Server(folders)
    yield server
    server.end()


@pytest.mark.parametrize("method", METHODS)
def test_two_processes(server, method):
    """Fault 61: equal to one process, which has predicted before."""
    assert server.ask(method) == "ok"


@pytest.mark.parametrize("number", [1, 2], ids=PRECISIONS[1:])
@pytest.mark.parametrize("case", ["fork", "predicts", "trains"])
def test_precisions(server, case, number):
    """Fault 61: with packed weights of each kind that were packed before the fork."""
    assert server.ask(case, number) == "ok"


@pytest.mark.parametrize("case", [case for case in forking.CASES if case not in METHODS])
def test_a_forked_child(server, case):
    """Fault 61: as under gunicorn's --preload or in Celery, where the parent has predicted."""
    assert server.ask(case) == "ok"


def test_apply(folders, tmp_path):
    """Fault 61: `spacy apply --n-process 2`, where nothing was predicted before."""
    srsly.write_jsonl(tmp_path / "in.jsonl", [{"text": text} for text in forking.TEXTS if text])
    options = [tmp_path / "in.jsonl", tmp_path / "out.spacy", "--n-process", "2"]
    process = start("-m", "spacy", "apply", folders[0], *options, "--batch-size", "1")
    try:
        assert process.wait(LIMIT) == 0
    except subprocess.TimeoutExpired:
        pytest.fail(f"it hangs: it was not done in {LIMIT} s")
    finally:
        end(process)
    assert len(DocBin().from_disk(tmp_path / "out.spacy")) == len(list(filter(None, forking.TEXTS)))
