"""The workers of `Pool` as Ray's actors, on this machine or a cluster; needs the extra `ray`."""

import os
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Any

# Before Ray is imported: it would send statistics of its use.
os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")

import ray
from ray.exceptions import RayError, RayTaskError

from spacy_dlfa.messages import sentence
from spacy_dlfa.workers.pool import THREADS, Failure, Job, attempt
from spacy_dlfa.workers.share import share_cores


class RayPool:
    """Runs jobs in actors, as `Pool` does in processes.

    The cluster is that of the environment variable RAY_ADDRESS, as everywhere in Ray, or else one
    on this machine. Ray starts actors again that die, and their jobs with them.

    num_workers (Optional[int]): How many actors; if None, one for each core, or each GPU.
    gpus (bool): Whether each actor has a GPU.
    attempts (int): How often a job is begun whose actor dies.
    RAISES (ValueError): If the cluster has fewer cores or GPUs than workers.
    """

    def __init__(self, num_workers: int | None, *, gpus: bool = False, attempts: int = 1) -> None:
        ray.init(include_dashboard=False, log_to_driver=False, logging_level="ERROR")
        machines = [node["Resources"] for node in ray.nodes() if node["Alive"]]
        cores = [int(each.get("CPU", 0)) for each in machines]
        found = sum(int(each.get("GPU", 0)) for each in machines) if gpus else sum(cores)
        self.num_workers = num_workers or found
        self.threads = share_cores(cores, self.num_workers)
        if not self.threads or self.num_workers > found:
            ray.shutdown()
            # An actor without a place would be waited for without end.
            raise ValueError(
                f"--workers {self.num_workers}: found {found} {'GPUs' if gpus else 'cores'} in the "
                f"Ray cluster; expected as many as workers"
            )
        actor = ray.remote(
            num_cpus=self.threads,
            num_gpus=int(gpus),
            max_restarts=-1,
            max_task_retries=attempts - 1,
            runtime_env={"env_vars": dict.fromkeys(THREADS, str(self.threads))},
        )(_Actor)
        self._actors = [actor.remote() for _ in range(self.num_workers)]

    def __enter__(self) -> "RayPool":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        ray.shutdown()

    def run(self, function: Callable[..., Any], jobs: Iterable[Job]) -> Iterator[tuple[Job, Any]]:
        """Call the function with each job's arguments, as `Pool.run` does."""
        coming = iter(jobs)
        idle = list(self._actors)
        busy: dict[Any, tuple[Any, Job]] = {}
        while True:
            while idle and (job := next(coming, None)) is not None:
                actor = idle.pop()
                busy[actor.run.remote(function, job)] = (actor, job)
            if not busy:
                return
            (done, *_), _ = ray.wait(list(busy))
            actor, job = busy.pop(done)
            idle.append(actor)
            try:
                result = ray.get(done)
            except RayTaskError as err:  # the function itself could not be imported
                result = Failure(sentence(err), str(err))
            except RayError as err:
                message = f"its actor died: {sentence(err)}"
                result = Failure(message, message, died=True)
            yield job, result


class _Actor:
    def run(self, function: Callable[..., Any], job: Job) -> Any:
        return attempt(function, job)
