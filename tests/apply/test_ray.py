"""The engine `ray`, on a cluster of this machine, by its address."""

from contextlib import nullcontext
from importlib.util import find_spec

import pytest
from spacy.util import get_package_path

from spacy_dlfa.apply import worker
from spacy_dlfa.workers.pool import Failure
from tests.apply.conftest import Here, rows_of, run, write_lines
from tests.clusters import in_time
from tests.workers.test_pool import work

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not find_spec("ray"), reason="needs the extra ray"),
]


@pytest.fixture(autouse=True)
def connection(ray_cluster, monkeypatch):
    for name, value in ray_cluster.items():
        monkeypatch.setenv(name, value)
    import ray  # which reads them once

    with in_time():
        yield
        ray.shutdown()


def test_jobs(tmp_path):
    from spacy_dlfa.workers.ray_pool import RayPool

    once = tmp_path / "once"
    once.touch()
    jobs = [("give", 1), ("raise", 2), ("die", 3), ("die once", str(once)), ("threads", 4)]
    with RayPool(1, attempts=2) as pool:
        assert pool.threads == 2
        found = dict(pool.run(work, jobs))
        pids = [pid for _, pid in pool.run(work, [("pid",), ("pid",)])]
    assert (found["give", 1], found["threads", 4]) == (1, "2")
    assert found["die once", str(once)] == str(once)
    assert isinstance(found["raise", 2], Failure)
    assert found["raise", 2].message == "no such value: 2"
    assert not found["raise", 2].died
    assert isinstance(found["die", 3], Failure)
    assert found["die", 3].died
    assert len(set(pids)) == 1


def test_an_actor_without_a_place_keeps_no_job_waiting():
    import ray

    from spacy_dlfa.workers.ray_pool import RayPool, _Actor

    with RayPool(2) as pool:
        other = ray.remote(num_cpus=1)(_Actor).remote()
        ray.get(other.__ray_ready__.remote())
        assert [value for _, value in pool.run(work, [("give", 1)] * 3)] == [1, 1, 1]


def test_actors_that_can_not_begin(monkeypatch):
    from spacy_dlfa.workers import ray_pool

    class Broken:
        def __init__(self):
            raise ModuleNotFoundError("No module named 'spacy_dlfa'")

    monkeypatch.setattr(ray_pool, "_Actor", Broken)
    monkeypatch.setattr(ray_pool, "MOST_UNBEGUN", 2)
    with ray_pool.RayPool(1) as pool, pytest.raises(ValueError, match="No module named") as found:
        list(pool.run(work, [("give", 1)]))
    assert "Ray: 2 actors in a row ended before they began" in str(found.value)


def test_more_workers_than_cores(poison, tmp_path):
    path = write_lines(tmp_path / "in.jsonl", [{"text": "Oslo"}])
    result = run(poison, path, tmp_path / "out", "--engine", "ray", "--workers", 3)
    assert result.exit_code == 1
    assert "--workers 3: found 2 cores in the Ray cluster" in result.stderr


@pytest.fixture
def locally(monkeypatch):
    """Run the command without processes."""

    def start(*arguments):
        worker.load.cache_clear()
        with monkeypatch.context() as patch:
            workers = "spacy_dlfa.workers.engines.open_workers"
            patch.setattr(workers, lambda *args, **kwargs: nullcontext(Here()))
            return run(*arguments)

    return start


def test_actors_get_a_whole_path(poison, tmp_path, monkeypatch, locally):
    """They work where the cluster was started."""
    path = write_lines(tmp_path / "in.jsonl", [{"text": "Oslo"}])
    folder = get_package_path(poison)
    monkeypatch.chdir(folder)
    seen = []
    monkeypatch.setattr(
        "spacy_dlfa.apply.run.apply_piece",
        lambda settings, piece: seen.append(settings) or worker.apply_piece(settings, piece),
    )
    assert locally("model", path, tmp_path / "out", "--engine", "ray").exit_code == 0
    assert [settings.pipeline for settings in seen] == [str(folder / "model")]


def test_rows_are_those_of_local(poison, tmp_path, locally):
    texts = [f"Oslo {i}" for i in range(8)] + ["KILL", "RAISE", "Oslo"]
    path = write_lines(tmp_path / "in.jsonl", [{"text": text} for text in texts])
    locally(poison, path, tmp_path / "local", "--piece-rows", 3)
    run(poison, path, tmp_path / "ray", "--piece-rows", 3, "--engine", "ray", "--workers", 2)
    rows = rows_of(tmp_path / "ray")
    assert [row["row"] for row in rows] == [*range(1, 12)]
    assert [row["row"] for row in rows if row["error"]] == [9, 10]
    assert "its actor died" in rows[8]["error"]
    others = [row for row in rows_of(tmp_path / "local") if row["row"] != 9]
    assert [row for row in rows if row["row"] != 9] == others
