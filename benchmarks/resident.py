"""Resident memory of this process, on Linux; imports nothing that takes any."""

from pathlib import Path

_STATUS = Path("/proc/self/status")


def can_measure() -> bool:
    """Whether the system tells the memory of a process."""
    return _STATUS.exists()


def read_mb(field: str) -> float:
    """Read "VmRSS", resident memory, or "VmHWM", its peak, in MB (1e6 bytes)."""
    line = next(line for line in _STATUS.read_text().splitlines() if line.startswith(field))
    return int(line.split()[1]) * 1024 / 1e6


def reset_peak() -> None:
    """Begin a new peak."""
    Path("/proc/self/clear_refs").write_text("5")
