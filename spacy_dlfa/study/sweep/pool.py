"""Worker processes that outlive a failing job, but not their parent."""

import os
import signal
import threading
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from types import TracebackType
from typing import Any, NamedTuple

from spacy_dlfa.messages import sentence

#: One thread for each worker: they share the cores, and results do not depend on their number.
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "BLIS_NUM_THREADS")


class Failure(NamedTuple):
    """A job that failed.

    message (str): One line.
    details (str): The traceback.
    """

    message: str
    details: str


class Pool:
    """Runs jobs in spawned processes, which are reused: imports cost more than a short job.

    A process that dies, for want of memory say, fails its own job alone.

    num_workers (int): How many processes run at a time.
    """

    def __init__(self, num_workers: int) -> None:
        self.num_workers = num_workers
        self._processes: dict[Connection, BaseProcess] = {}

    def __enter__(self) -> "Pool":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for connection, process in self._processes.items():
            connection.close()
            process.kill()
            process.join()

    def run(
        self, function: Callable[..., Any], jobs: Iterable[tuple[Any, ...]]
    ) -> Iterator[tuple[tuple[Any, ...], Any]]:
        """Call the function with each job's arguments.

        YIELDS (Tuple[Tuple, Any]): A job and its result, or a Failure, as they end.
        """
        waiting = deque(jobs)
        busy: dict[Connection, tuple[Any, ...]] = {}
        while waiting or busy:
            while waiting and len(busy) < self.num_workers:
                idle = [c for c, p in self._processes.items() if c not in busy and p.is_alive()]
                connection = idle[0] if idle else self._start()
                try:
                    connection.send((function, waiting[0]))
                except OSError:  # it died idle: the job was never its own
                    self._bury(connection)
                else:
                    busy[connection] = waiting.popleft()
            for connection in wait(list(busy)):
                assert isinstance(connection, Connection)
                job = busy.pop(connection)
                try:
                    result = connection.recv()
                except (EOFError, OSError):
                    result = self._bury(connection)
                yield job, result

    def _start(self) -> Connection:
        context = get_context("spawn")
        connection, other_end = context.Pipe()
        process = context.Process(target=_work, args=(other_end,), daemon=True)
        threads = {name: os.environ.get(name) for name in THREADS}
        os.environ.update(dict.fromkeys(THREADS, "1"))
        try:
            process.start()
        finally:
            for name, value in threads.items():
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
        return Failure(message, message)


def _work(connection: Connection) -> None:
    # Ctrl-C reaches the whole group; the parent ends its workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_die_with_parent, daemon=True).start()
    while True:
        try:
            function, arguments = connection.recv()
        except EOFError:
            return
        try:
            result = function(*arguments)
        except Exception as error:
            line = f"{type(error).__name__}: {sentence(error)}"
            result = Failure(line, traceback.format_exc())
        connection.send(result)


def _die_with_parent() -> None:
    """End at once when the parent is gone, were it by SIGKILL, in the middle of a job."""
    parent = parent_process()
    assert parent is not None
    wait([parent.sentinel])
    os._exit(1)
