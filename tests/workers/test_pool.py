import os
import signal
import subprocess
import sys
import threading
import time
from multiprocessing import active_children
from pathlib import Path

import pytest

from spacy_dlfa.workers.pool import MOST_UNBEGUN, Failure, Pool


def work(kind, value=None):
    """What the workers do; imported by them."""
    if kind == "raise":
        raise ValueError(f"no such\nvalue: {value}")
    if kind == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if kind == "die once" and Path(value).exists():
        Path(value).unlink()
        os.kill(os.getpid(), signal.SIGKILL)
    if kind == "sleep":
        Path(value).touch()
        time.sleep(60)
    if kind == "threads":
        return os.environ["OMP_NUM_THREADS"]
    if kind == "pid":
        return os.getpid()
    return value


def test_each_job_has_its_result_and_a_failure_is_its_own():
    jobs = [("give", 1), ("raise", 2), ("give", 3), ("die", 4), ("give", 5), ("threads", 6)]
    with Pool(2) as pool:
        results = dict(pool.run(work, jobs))
    assert list(sorted(results)) == sorted(jobs)
    assert [results["give", value] for value in (1, 3, 5)] == [1, 3, 5]
    assert results["threads", 6] == "1"
    raised = results["raise", 2]
    assert isinstance(raised, Failure)
    assert raised.message == "no such value: 2"
    assert "in work" in raised.details
    died = results["die", 4]
    assert isinstance(died, Failure)
    assert "exit code -9" in died.message
    assert active_children() == []


def test_ctrl_c_leaves_a_worker_that_is_still_starting_to_its_parent():
    def interrupt():
        while not (started := active_children()):
            time.sleep(0.001)
        os.kill(started[0].pid, signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    with Pool(1) as pool:
        assert dict(pool.run(work, [("give", 1)])) == {("give", 1): 1}
    thread.join()


def test_a_job_whose_process_dies_is_begun_again(tmp_path):
    mark = tmp_path / "mark"
    mark.touch()
    with Pool(1, threads=3, attempts=2) as pool:
        results = dict(pool.run(work, [("die once", str(mark)), ("die", 1), ("threads", 2)]))
    assert results["die once", str(mark)] == str(mark)
    assert results["die", 1].died
    assert results["threads", 2] == "3"


def test_jobs_are_taken_when_there_is_a_process_for_them():
    taken = []

    def jobs():
        for number in range(6):
            taken.append(number)
            yield "give", number

    with Pool(2) as pool:
        for done, _ in enumerate(pool.run(work, jobs()), 1):
            assert len(taken) <= done + 2


def test_processes_are_used_again():
    with Pool(1) as pool:
        first = [result for _, result in pool.run(work, [("pid",), ("pid",)])]
        second = [result for _, result in pool.run(work, [("pid",)])]
    assert len({*first, *second}) == 1


def test_an_idle_process_that_died_is_replaced():
    with Pool(1) as pool:
        ((_, pid),) = pool.run(work, [("pid",)])
        os.kill(pid, signal.SIGKILL)
        wait_for(lambda: not active_children())
        ((_, other),) = pool.run(work, [("pid",)])
    assert isinstance(other, int)
    assert other != pid


def test_processes_that_die_before_they_have_begun_are_not_started_without_end(
    tmp_path, monkeypatch
):
    """A pipe holds the start of a job alone, so a long one meets a process that is gone."""
    starts = tmp_path / "starts"
    # As the kernel does for want of memory; so often that a pool without a limit ends, too
    (tmp_path / "sitecustomize.py").write_text(
        "import os, sys\n"
        f"starts = {str(starts)!r}\n"
        "if 'spawn_main' in ' '.join(sys.orig_argv):\n"
        "    open(starts, 'a').write('x')\n"
        f"    if os.path.getsize(starts) <= {2 * MOST_UNBEGUN}: os._exit(137)\n"
    )
    path = os.pathsep.join([str(tmp_path), str(Path(__file__).parents[2])])
    monkeypatch.setenv("PYTHONPATH", path)
    with Pool(1, attempts=2) as pool:
        ((_, result),) = pool.run(work, [("give", "x" * 1_000_000)])
    assert isinstance(result, Failure)
    assert result.died
    assert "exit code 137" in result.message
    assert starts.stat().st_size == MOST_UNBEGUN
    assert active_children() == []


def test_what_interrupts_the_parent_ends_the_workers(tmp_path):
    def interrupted():
        with Pool(1) as pool:
            for _ in pool.run(work, [("give", 1), ("sleep", str(tmp_path / "started"))]):
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert active_children() == []


def test_workers_die_with_their_parent(tmp_path):
    """Even in the middle of a job, and even if the parent could not say goodbye."""
    script = (
        "from spacy_dlfa.workers.pool import Pool\n"
        "from tests.workers.test_pool import work\n"
        "if __name__ == '__main__':\n"
        "    with Pool(1) as pool:\n"
        "        for job, pid in pool.run(work, [('pid',)]): print(pid, flush=True)\n"
        f"        list(pool.run(work, [('sleep', {str(tmp_path / 'started')!r})]))\n"
    )
    path = tmp_path / "parent.py"
    path.write_text(script)
    root = Path(__file__).parents[2]
    parent = subprocess.Popen(
        [sys.executable, path],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    pid = int(parent.stdout.readline())
    wait_for(lambda: (tmp_path / "started").exists())
    assert is_alive(pid)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    wait_for(lambda: not is_alive(pid))


def wait_for(condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
