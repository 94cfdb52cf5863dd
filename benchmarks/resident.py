"""Resident memory of this process, on Linux; imports nothing that takes any."""

import os
from pathlib import Path

_STATUS = Path("/proc/self/status")


def can_measure() -> bool:
    """Whether the system tells the memory of a process."""
    return _STATUS.exists()


def read_mb(field: str) -> float:
    """Read "VmRSS", resident memory, or "VmHWM", its peak, in MB (1e6 bytes)."""
    line = next(line for line in _STATUS.read_text().splitlines() if line.startswith(field))
    return int(line.split()[1]) * 1024 / 1e6


def environment() -> dict[str, str]:
    """Return the environment of a process with one system: without what many need to take turns."""
    name = "ONEDNN_PRIMITIVE_CACHE_CAPACITY"
    return {key: value for key, value in os.environ.items() if key != name}


def reset_peak() -> None:
    """Begin a new peak."""
    Path("/proc/self/clear_refs").write_text("5")
