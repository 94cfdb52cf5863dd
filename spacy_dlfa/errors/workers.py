"""Errors of workers."""

from spacy_dlfa.errors.message import Message


class WorkerErrors:
    """Workers on other machines."""

    DL220 = Message(
        "--workers {num_workers}: found {found} {kind} in the Ray cluster; expected as many as "
        "workers",
        cause="The Ray cluster has fewer cores or GPUs than `--workers` asks for.",
        remedy="Lower `--workers`, or add machines to the cluster.",
    )
    DL221 = Message(
        "Ray can't be started here: {error} Its processes get 15 seconds; run again when the "
        "machine has less to do, or use --engine local",
        cause=(
            "Ray's own processes didn't come up, often because the machine is busy or has no "
            "memory left."
        ),
        remedy="Run again when the machine has less to do, or use `--engine local`.",
    )
    DL222 = Message(
        "RAY_ADDRESS {address}: {error}; expected a cluster with the same versions of Ray and "
        "Python, and RAY_AUTH_MODE=token if it asks for a token",
        cause="`RAY_ADDRESS` names a cluster that can't be reached, or that has other versions.",
        remedy=(
            "Check the address and `ray status`; use the same Python and Ray everywhere, and set "
            "`RAY_AUTH_MODE=token` if it asks for a token."
        ),
    )
    DL223 = Message(
        "Ray: {count} actors in a row ended before they began, the last with {reason}; expected "
        "this package on every machine of the cluster",
        cause=(
            "Machines of the cluster can't start a worker, most often since this package isn't "
            "installed there."
        ),
        remedy="Install `spacy_dlfa` and the pipeline on every machine of the cluster.",
    )
