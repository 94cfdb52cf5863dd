"""Worker processes that outlive a failing job, but not their parent."""

import os
import signal
import threading
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context, parent_process, resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, NamedTuple, TypeAlias

from spacy_dlfa.messages import described

#: What says how many threads the libraries below a pipeline use.
THREADS = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "RAYON_NUM_THREADS",
)
#: Workers in a row that may end before they have begun.
MOST_UNBEGUN = 5
Job: TypeAlias = tuple[Any, ...]


class Failure(NamedTuple):
    """A job that failed.

    message (str): One line.
    details (str): The traceback.
    died (bool): Whether its process died, instead of raising an error.
    """

    message: str
    details: str
    died: bool = False


class Pool:
    """Runs jobs in spawned processes, which are reused: imports cost more than a short job.

    A process that dies, for want of memory say, fails its own job alone.

    num_workers (int): How many processes run at a time.
    threads (int): How many threads each of them has.
    attempts (int): How often a job is begun whose process dies.
    """

    def __init__(self, num_workers: int, threads: int = 1, attempts: int = 1) -> None:
        self.num_workers = num_workers
        self.threads = threads
        self.attempts = attempts
        self._processes: dict[Connection, BaseProcess] = {}

    def __enter__(self) -> "Pool":
        return self

    def __exit__(self, *error: object) -> None:
        for connection, process in self._processes.items():
            connection.close()
            process.kill()
            process.join()

    def run(self, function: Callable[..., Any], jobs: Iterable[Job]) -> Iterator[tuple[Job, Any]]:
        """Call the function with each job's arguments.

        A job is taken from the iterable when a process is there for it.
        YIELDS (Tuple[Tuple, Any]): A job and its result, or a Failure, as they end.
        """
        coming = ((job, 1) for job in jobs)
        again: deque[tuple[Job, int]] = deque()
        busy: dict[Connection, tuple[Job, int]] = {}
        while True:
            while len(busy) < self.num_workers:
                begun = again.popleft() if again else next(coming, None)
                if begun is None:
                    break
                sent = self._send(function, begun[0], busy)
                if isinstance(sent, Failure):
                    yield begun[0], sent
                else:
                    busy[sent] = begun
            if not busy:
                return
            for connection in wait(list(busy)):
                assert isinstance(connection, Connection)
                job, attempt = busy.pop(connection)
                try:
                    result = connection.recv()
                except (EOFError, OSError):
                    result = self._bury(connection)
                    if attempt < self.attempts:
                        again.append((job, attempt + 1))
                        continue
                yield job, result

    def _send(
        self, function: Callable[..., Any], job: Job, busy: Iterable[Connection]
    ) -> Connection | Failure:
        unbegun = 0
        while True:
            idle = [c for c, p in self._processes.items() if c not in busy and p.is_alive()]
            connection = idle[0] if idle else self._start()
            try:
                connection.send((function, job))
                return connection
            except OSError:  # the job was never its own
                failure = self._bury(connection)
                # What died idle says nothing of the next one
                unbegun += not idle
                if unbegun == MOST_UNBEGUN:
                    return failure

    def _start(self) -> Connection:
        context = get_context("spawn")
        connection, other_end = context.Pipe()
        process = context.Process(target=_work, args=(other_end,), daemon=True)
        before = {name: os.environ.get(name) for name in THREADS}
        os.environ.update(dict.fromkeys(THREADS, str(self.threads)))
        try:
            with _ctrl_c_held_back():
                process.start()
        finally:
            for name, value in before.items():
                os.environ.pop(name) if value is None else os.environ.update({name: value})
        other_end.close()
        self._processes[connection] = process
        return connection

    def _bury(self, connection: Connection) -> Failure:
        process = self._processes.pop(connection)
        process.join()
        connection.close()
        message = (
            f"its process died with exit code {process.exitcode}; if memory was short, run again "
            f"with fewer --workers"
        )
        return Failure(message, message, died=True)


@contextmanager
def _ctrl_c_held_back() -> Iterator[None]:
    """Let a process start that Ctrl-C can't reach while it imports, which takes seconds."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    # Its own start would let it through
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def attempt(function: Callable[..., Any], job: Job) -> Any:
    """Return the function's result for a job, or a Failure."""
    try:
        return function(*job)
    except Exception as error:
        return Failure(described(error), traceback.format_exc())


def _work(connection: Connection) -> None:
    # Ctrl-C reaches the whole group; the parent ends its workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_die_with_parent, daemon=True).start()
    while True:
        try:
            function, job = connection.recv()
        except EOFError:
            return
        connection.send(attempt(function, job))


def _die_with_parent() -> None:
    """End at once when the parent is gone, were it by SIGKILL, in the middle of a job."""
    parent = parent_process()
    assert parent is not None
    wait([parent.sentinel])
    os._exit(1)
