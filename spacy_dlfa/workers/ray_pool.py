"""The workers of `Pool` as Ray's actors, on this machine or a cluster; needs the extra `ray`."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any

from spacy_dlfa.errors import Errors

# Before Ray is imported: it would send statistics of its use, and, under `uv run`, the working
# directory to each machine.
os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
os.environ.setdefault("RAY_ENABLE_UV_RUN_RUNTIME_ENV", "0")

import ray
from ray.exceptions import RayError, RayTaskError

from spacy_dlfa.messages import sentence
from spacy_dlfa.workers.pool import MOST_UNBEGUN, THREADS, Failure, Job, attempt
from spacy_dlfa.workers.share import count_cores, share_cores


class RayPool:
    """Runs jobs in actors, as `Pool` does in processes.

    The cluster is that of the environment variable RAY_ADDRESS, as everywhere in Ray, or else one
    on this machine. An actor gets a job when it has its place in the cluster, so that one without
    a place keeps none waiting.

    num_workers (Optional[int]): How many actors; if None, one for each core, or each GPU.
    threads (Optional[int]): Cores of each; if None, its share.
    gpus (bool): Whether each actor has a GPU.
    attempts (int): How often a job is begun whose actor dies.
    RAISES (ValueError): If there is no cluster, or it has fewer cores or GPUs than workers.
    """

    def __init__(
        self,
        num_workers: int | None,
        *,
        threads: int | None = None,
        gpus: bool = False,
        attempts: int = 1,
    ) -> None:
        _connect()
        machines = [node["Resources"] for node in ray.nodes() if node["Alive"]]
        cores = [int(each.get("CPU", 0)) for each in machines]
        found = sum(int(each.get("GPU", 0)) for each in machines) if gpus else sum(cores)
        self.num_workers = num_workers or found
        self.threads = share_cores(cores, self.num_workers)
        self.attempts = attempts
        if not self.num_workers or not self.threads or self.num_workers > found:
            ray.shutdown()
            # An actor without a place would be waited for without end.
            raise ValueError(
                Errors.DL220.format(
                    num_workers=self.num_workers, found=found, kind="GPUs" if gpus else "cores"
                )
            )
        self.threads = threads or self.threads
        self._class = ray.remote(
            num_cpus=self.threads,
            num_gpus=int(gpus),
            # We do: Ray would have a job wait for the place of an actor whose machine is gone.
            max_restarts=0,
            runtime_env={"env_vars": dict.fromkeys(THREADS, str(self.threads))},
        )(_Actor)
        self._idle: list[Any] = []
        self._coming: dict[Any, Any] = {}
        self._unbegun = 0

    def __enter__(self) -> "RayPool":
        return self

    def __exit__(self, *error: object) -> None:
        ray.shutdown()

    def run(self, function: Callable[..., Any], jobs: Iterable[Job]) -> Iterator[tuple[Job, Any]]:
        """Call the function with each job's arguments, as `Pool.run` does.

        RAISES (ValueError): If actors can't be started.
        """
        coming = iter(jobs)
        waiting: deque[tuple[Job, int]] = deque()
        busy: dict[Any, tuple[Any, Job, int]] = {}
        while True:
            while len(busy) + len(waiting) < self.num_workers:
                job = next(coming, None)
                if job is None:
                    break
                waiting.append((job, 1))
            while waiting and self._idle:
                actor, (job, begun) = self._idle.pop(), waiting.popleft()
                busy[actor.run.remote(function, job, os.getcwd())] = (actor, job, begun)
            if not busy and not waiting:
                return
            for _ in range(len(waiting) - len(self._coming)):
                actor = self._class.remote()
                self._coming[actor.__ray_ready__.remote()] = actor
            (done, *_), _ = ray.wait([*busy, *self._coming])
            if done in self._coming:
                self._welcome(done)
                continue
            actor, job, begun = busy.pop(done)
            try:
                result = ray.get(done)
            except RayTaskError as err:  # the function itself could not be imported
                result = Failure(sentence(err), str(err))
            except RayError as err:
                ray.kill(actor)  # it may be out of reach alone
                if begun < self.attempts:
                    waiting.append((job, begun + 1))
                    continue
                message = (
                    f"its actor died ({type(err).__name__}); if memory was short, run again with "
                    f"fewer --workers"
                )
                yield job, Failure(message, str(err), died=True)
                continue
            self._idle.append(actor)
            yield job, result

    def _welcome(self, ready: Any) -> None:
        actor = self._coming.pop(ready)
        try:
            ray.get(ready)
        except RayError as err:
            self._unbegun += 1
            if self._unbegun == MOST_UNBEGUN:
                reason = str(err).strip().splitlines()[-1]
                raise ValueError(Errors.DL223.format(count=MOST_UNBEGUN, reason=reason)) from err
        else:
            self._unbegun = 0
            self._idle.append(actor)


class _Actor:
    def run(self, function: Callable[..., Any], job: Job, folder: str) -> Any:
        with suppress(OSError):  # relative paths of jobs are the driver's, where storage is shared
            os.chdir(folder)
        return attempt(function, job)


def _connect() -> None:
    """Find the cluster, or start one.

    RAISES (ValueError): If that fails.
    """
    address = os.environ.get("RAY_ADDRESS")
    # Ray heeds the quota of a container, but not which cores a process may use.
    cores = None if address else count_cores()
    try:
        ray.init(
            address or "local",
            num_cpus=cores,
            include_dashboard=False,
            log_to_driver=False,
            logging_level="ERROR",
        )
    except Exception as err:  # Ray raises anything, Exception itself if a start takes too long
        if address:
            raise ValueError(Errors.DL222.format(address=address, error=sentence(err))) from err
        raise ValueError(Errors.DL221.format(error=sentence(err))) from err
