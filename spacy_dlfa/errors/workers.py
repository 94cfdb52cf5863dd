"""Errors of workers."""

from spacy_dlfa.errors.message import Message


class WorkerErrors:
    """Workers on other machines."""

    DL220 = Message(
        "--workers {num_workers}: found {found} {kind} in the Ray cluster; expected as many as "
        "workers"
    )
    DL221 = Message(
        "Ray can't be started here: {error} Its processes get 15 seconds; run again when the "
        "machine has less to do, or use --engine local"
    )
    DL222 = Message(
        "RAY_ADDRESS {address}: {error}; expected a cluster with the same versions of Ray and "
        "Python, and RAY_AUTH_MODE=token if it asks for a token"
    )
    DL223 = Message(
        "Ray: {count} actors in a row ended before they began, the last with {reason}; expected "
        "this package on every machine of the cluster"
    )
