"""Describe the machine that the figures are from."""

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch

from spacy_dlfa.encoder.encoder import has_native_bf16

#: Where figures are kept, with the machine that they are from.
RESULTS = Path(__file__).parent / "results"

PACKAGES = (
    "spacy",
    "spacy_dlfa",
    "spacy-transformers",
    "spacy-curated-transformers",
    "thinc",
    "torch",
    "transformers",
    "numpy",
)


def describe_machine() -> dict[str, Any]:
    """Return processor, cores, threads, versions and date."""
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "native_bf16": has_native_bf16(),
        "gpu": torch.cuda.get_device_name() if torch.cuda.is_available() else None,
        "load": os.getloadavg()[0],
        "system": platform.platform(),
        "python": platform.python_version(),
        "versions": {name: _version(name) for name in PACKAGES},
    }


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    found = dict(line.split(":", 1) for line in lines if ":" in line)
    names = {key.strip(): value.strip() for key, value in found.items()}
    model = names.get("model name", platform.processor())
    return f"{model} (family {names['cpu family']})" if "cpu family" in names else model


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
