"""Processes that are forked from one in which torch has used its threads.

A child has its parent's memory and none of its threads. libgomp, the OpenMP of torch's builds for
Linux, does not notice, and waits for them without end once the child computes in parallel.
"""

import ctypes
import os
import threading

import torch

#: One thread at a time packs weights, ends a step of training before it predicts, or turns warnings
#: off and on, and none while a process forks. No encoder has a lock of its own: that can't be
#: copied.
PACKING = threading.RLock()

_SOFT_PAUSE = 1
_TOKENIZERS = "TOKENIZERS_PARALLELISM"
_tokenizers_before: str | None = None


def make_forks_safe() -> None:
    """Let forked children compute, with one thread until they call `torch.set_num_threads`.

    It holds for forks by Python, `os.fork` and `multiprocessing`, from now on.
    """
    # Windows has no forks
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(
            before=_before, after_in_parent=_after_in_parent, after_in_child=_after_in_child
        )


def _before() -> None:
    global _tokenizers_before
    # A child that is forked while another thread has it would wait for it without end.
    PACKING.acquire()
    # The parent's threads come back when it needs them; the child's are then its own.
    end_threads = getattr(ctypes.CDLL(torch._C.__file__), "omp_pause_resource_all", None)
    if end_threads is not None:
        end_threads(_SOFT_PAUSE)
    # Tokenizers' threads are lost, too: it waits for them if the user has set this to true, and
    # prints a page of advice if nobody has set it.
    _tokenizers_before = os.environ.get(_TOKENIZERS)
    os.environ[_TOKENIZERS] = "false"


def _after_in_parent() -> None:
    if _tokenizers_before is None:
        os.environ.pop(_TOKENIZERS, None)
    else:
        os.environ[_TOKENIZERS] = _tokenizers_before
    # Last: another thread that forks then would take ours for what the user has set.
    PACKING.release()


def _after_in_child() -> None:
    PACKING.release()
    # Children share the cores.
    torch.set_num_threads(1)
