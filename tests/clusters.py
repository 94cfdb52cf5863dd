"""A cluster of Ray's, and tests that end in time."""

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex

ROOT = Path(__file__).parents[1]
# Ray gives its agents 15 seconds to start, which on a machine with other work can be too few
# (https://github.com/ray-project/ray/issues/65983).
SCRIPT = """
import sys, ray
options = dict(include_dashboard=False, log_to_driver=False, logging_level="ERROR")
for attempt in range(4):
    try:
        ray.init("local", num_cpus=2, **options)
        break
    except Exception:
        ray.shutdown()
print(ray.get_runtime_context().gcs_address, flush=True)
sys.stdin.read()
"""


@contextmanager
def cluster(folder, *paths, **environment):
    """Start a cluster of two cores, whatever the machine has; yields the environment of a driver.

    folder (Path): Where its processes work.
    paths (Path): What they import from, besides the tests.
    environment (str): More of their environment.
    """
    token = folder / "token"
    token.write_text(token_hex(32))
    environment |= {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN_PATH": str(token)}
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT],
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(map(str, [*paths, ROOT])),
            **environment,
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        with in_time():
            address = process.stdout.readline().strip()
        assert address
        yield {**environment, "RAY_ADDRESS": address}
    finally:
        # What it has started dies with it.
        process.kill()
        process.communicate()


@contextmanager
def in_time(seconds=400):
    """Fail what does not end: Ray waits without end for what does not come."""

    def end(*args):
        raise TimeoutError(f"not done after {seconds} seconds")

    before = signal.signal(signal.SIGALRM, end)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
