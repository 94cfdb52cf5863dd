"""How many cores there are, in containers that have fewer than their machine."""

import os

import pytest

from spacy_dlfa.workers.engines import open_workers
from spacy_dlfa.workers.share import count_cores, share_cores

GROUP = "system.slice/a b:c"


@pytest.fixture
def machine(monkeypatch, tmp_path):
    """A machine of 16 cores, of which the process may use 8; returns what writes its files."""
    monkeypatch.setattr(os, "cpu_count", lambda: 16)
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(8)))

    def write(own, files):
        for name, content in {"proc/self/cgroup": own, **files}.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
        return tmp_path

    return write


@pytest.mark.parametrize(
    ("own", "files", "cores"),
    [
        (f"0::/{GROUP}\n", {}, 8),
        (f"0::/{GROUP}\n", {f"{GROUP}/cpu.max": "max 100000\n"}, 8),
        (f"0::/{GROUP}\n", {f"{GROUP}/cpu.max": "300000 100000\n"}, 3),
        (f"0::/{GROUP}\n", {f"{GROUP}/cpu.max": "150000 100000\n"}, 2),
        (f"0::/{GROUP}\n", {f"{GROUP}/cpu.max": "1000 100000\n"}, 1),
        (f"0::/{GROUP}\n", {f"{GROUP}/cpu.max": "1600000 100000\n"}, 8),
        # The limit of a group above, and what a container sees of its own.
        (f"0::/{GROUP}\n", {"system.slice/cpu.max": "200000 100000\n"}, 2),
        ("0::/\n", {"cpu.max": "400000 100000\n"}, 4),
        ("0::/../../pod\n", {"cpu.max": "400000 100000\n"}, 4),
        ("0::/\n", {"cpu.max": "nonsense\n"}, 8),
        # Version 1, where other controllers have groups of their own.
        (
            f"5:memory:/other\n4:cpu,cpuacct:/{GROUP}\n0::/\n",
            {
                f"cpu/{GROUP}/cpu.cfs_quota_us": "250000\n",
                f"cpu/{GROUP}/cpu.cfs_period_us": "100000\n",
            },
            3,
        ),
        (
            f"5:memory:/other\n4:cpu,cpuacct:/{GROUP}\n0::/\n",
            {"cpu/cpu.cfs_quota_us": "250000\n", "cpu/cpu.cfs_period_us": "100000\n"},
            3,
        ),
        ("4:cpu:/\n", {"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}, 8),
    ],
)
def test_limits(machine, own, files, cores):
    root = machine(own, {f"sys/fs/cgroup/{name}": text for name, text in files.items()})
    assert count_cores(root) == cores


def test_no_such_files(machine, tmp_path):
    assert count_cores(tmp_path) == 8


def test_workers_are_as_many_as_cores_that_may_be_used(monkeypatch):
    monkeypatch.setattr("spacy_dlfa.workers.engines.count_cores", lambda: 3)
    pool = open_workers("local", None)
    assert (pool.num_workers, pool.threads) == (3, 1)


@pytest.mark.parametrize(
    ("cores", "workers", "share"),
    [([2], 2, 1), ([16], 5, 3), ([16, 16, 16], 5, 8), ([2], 3, 0), ([], 1, 0), ([4, 1], 4, 1)],
)
def test_cores_are_shared(cores, workers, share):
    assert share_cores(cores, workers) == share
