"""How cores are shared."""

from collections.abc import Sequence


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
