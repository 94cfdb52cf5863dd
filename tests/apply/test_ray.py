"""The engine `ray`, on a cluster of this machine."""

import os
import signal

import pytest

from spacy_dlfa.workers.pool import Failure
from tests.apply.conftest import contents, rows_of, run, write_lines

ray = pytest.importorskip("ray")
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def cluster(poison):
    """A cluster with two cores, whatever the machine has, in which the package is installed."""
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
    address = ray.get_runtime_context().gcs_address
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_ADDRESS", address)
        # The driver's own connection is made and ended by each run.
        patch.setattr(ray, "init", lambda **kwargs: None)
        patch.setattr(ray, "shutdown", lambda: None)
        yield
    ray.shutdown()


def work(kind):
    """What the actors do; imported by them."""
    if kind == "raise":
        raise ValueError("no such\nvalue")
    if kind == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    return os.environ["OMP_NUM_THREADS"] if kind == "threads" else kind


def test_jobs(cluster):
    from spacy_dlfa.workers.ray_pool import RayPool

    with RayPool(1, attempts=2) as pool:
        assert pool.threads == 2
        kinds = ("a", "raise", "die", "b", "threads")
        found = {job[0]: result for job, result in pool.run(work, ((kind,) for kind in kinds))}
    assert (found["a"], found["b"], found["threads"]) == ("a", "b", "2")
    assert isinstance(found["raise"], Failure)
    assert (found["raise"].message, found["raise"].died) == ("ValueError: no such value", False)
    assert isinstance(found["die"], Failure)
    assert found["die"].died


def test_more_workers_than_cores(cluster, poison, tmp_path):
    path = write_lines(tmp_path / "in.jsonl", [{"text": "Oslo"}])
    result = run(poison, path, tmp_path / "out", "--engine", "ray", "--workers", 3)
    assert result.exit_code == 1
    assert "--workers 3: found 2 cores in the Ray cluster" in result.stderr


def test_rows_are_those_of_local(cluster, poison, tmp_path, here, monkeypatch):
    texts = [f"Oslo {i}" for i in range(8)] + ["KILL", "RAISE", "Oslo"]
    path = write_lines(tmp_path / "in.jsonl", [{"text": text} for text in texts])
    options = ("--piece-rows", 3)
    safe = write_lines(tmp_path / "in" / "in.jsonl", [{"text": text} for text in texts[:8]])
    assert run(poison, safe, tmp_path / "local", *options).exit_code == 0
    monkeypatch.undo()
    for output, given in {"safe": safe, "all": path}.items():
        run(poison, given, tmp_path / output, *options, "--engine", "ray", "--workers", 2)
    assert contents(tmp_path / "safe") == contents(tmp_path / "local")
    rows = rows_of(tmp_path / "all")
    assert [row["row"] for row in rows] == [*range(1, 12)]
    assert [row["row"] for row in rows if row["error"]] == [9, 10]
    assert "its actor died" in rows[8]["error"]
