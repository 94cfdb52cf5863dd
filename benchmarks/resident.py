"""Resident memory, on Linux, and processes in which it is one system's; imports little itself."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_STATUS = Path("/proc/self/status")


def can_measure() -> bool:
    """Whether the system tells the memory of a process."""
    return _STATUS.exists()


def read_mb(field: str) -> float:
    """Read "VmRSS", resident memory, or "VmHWM", its peak, in MB (1e6 bytes)."""
    line = next(line for line in _STATUS.read_text().splitlines() if line.startswith(field))
    return int(line.split()[1]) * 1024 / 1e6


def measure_alone(module: str, task: Mapping[str, Any], what: str) -> dict[str, Any]:
    """Run a module in a process of its own.

    module (str): It reads a task from standard input, and prints what it has measured.
    task (Mapping[str, Any]): The task.
    what (str): What is measured, for the error.
    RAISES (RuntimeError): If the process fails.
    """
    done = subprocess.run(
        [sys.executable, "-m", module],
        input=json.dumps(task),
        capture_output=True,
        text=True,
        cwd=Path(__file__).parent.parent,
        env=environment(),
    )
    if done.returncode:
        raise RuntimeError(f"{what}: {done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def environment() -> dict[str, str]:
    """Return the environment of a process with one system: without what many need to take turns."""
    name = "ONEDNN_PRIMITIVE_CACHE_CAPACITY"
    return {key: value for key, value in os.environ.items() if key != name}


def reset_peak() -> None:
    """Begin a new peak."""
    Path("/proc/self/clear_refs").write_text("5")
