"""How many cores there are, and how they are shared."""

import os
from collections.abc import Iterator, Sequence
from math import ceil
from pathlib import Path


def count_cores(root: Path = Path("/")) -> int:
    """Return how many cores this process may use: a container has fewer than its machine.

    The smallest counts of those it may run on (`taskset`, `docker --cpuset-cpus`) and the quotas of
    its control group and those above, of version 1 or 2 (`docker --cpus`, limits of Kubernetes).
    A part of a core counts as one.

    root (Path): Where `/proc` and `/sys` are.
    """
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, min([allowed or 1, *map(ceil, _quotas(root))]))


def share_cores(cores: Sequence[int], num_workers: int) -> int:
    """Return how many cores each worker can have, 0 if there are fewer than workers.

    A worker's cores are on one machine.

    cores (Sequence[int]): Those of each machine.
    num_workers (int): How many workers there are.
    """
    for share in range(max(cores, default=0), 0, -1):
        if sum(each // share for each in cores) >= num_workers:
            return share
    return 0


def _quotas(root: Path) -> Iterator[float]:
    """Find quotas, in cores; those that can't be read limit nothing."""
    mount = root / "sys/fs/cgroup"
    for line in _read(root / "proc/self/cgroup").splitlines():
        _, controllers, group = line.split(":", 2)
        if controllers and "cpu" not in controllers.split(","):
            continue
        # A container may see its own group's files at the top, whatever the group is called.
        for path in (Path(group), *Path(group).parents):
            folder = mount / ("cpu" if controllers else "") / path.relative_to("/")
            names = ["cpu.cfs_quota_us", "cpu.cfs_period_us"] if controllers else ["cpu.max"]
            found = " ".join(_read(folder / name) for name in names).split()
            if len(found) == 2 and all(each.isdecimal() and each != "0" for each in found):
                yield int(found[0]) / int(found[1])


def _read(path: Path) -> str:
    try:
        return path.read_text("utf8")
    except OSError:
        return ""
