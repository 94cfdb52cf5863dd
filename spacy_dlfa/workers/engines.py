"""Where workers run."""

from typing import TYPE_CHECKING, Literal, TypeAlias, Union

from spacy_dlfa.workers.pool import Pool
from spacy_dlfa.workers.share import count_cores, share_cores

if TYPE_CHECKING:
    from spacy_dlfa.workers.ray_pool import RayPool

Engine: TypeAlias = Literal["local", "ray"]
Workers: TypeAlias = Union[Pool, "RayPool"]


def open_workers(
    engine: Engine,
    num_workers: int | None,
    *,
    threads: int | None = None,
    gpus: bool = False,
    attempts: int = 1,
) -> Workers:
    """Return workers that share the cores.

    engine (str): "local", processes on this machine, or "ray", actors on a cluster.
    num_workers (Optional[int]): How many; if None, one for each core, or for each GPU: for the
        one that is used here, and for all of a cluster.
    threads (Optional[int]): Cores of each; if None, its share.
    gpus (bool): Whether each works on a GPU.
    attempts (int): How often a job is begun whose worker dies.
    RAISES (ValueError): If a cluster has fewer cores or GPUs than workers.
    """
    if engine == "ray":
        from spacy_dlfa.workers.ray_pool import RayPool

        return RayPool(num_workers, threads=threads, gpus=gpus, attempts=attempts)
    cores = count_cores()
    count = num_workers or (1 if gpus else cores)
    return Pool(count, threads or max(1, share_cores([cores], count)), attempts)
