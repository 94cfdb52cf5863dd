"""Settings of glibc's malloc under which large buffers are kept from step to step."""

import os
import sys

# Without them every step gives its buffers back to the kernel and has them zeroed again.
_SETTINGS = {
    "MALLOC_MMAP_THRESHOLD_": str(4 << 30),
    "MALLOC_TRIM_THRESHOLD_": str(8 << 30),
    "MALLOC_TOP_PAD_": str(256 << 20),
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
}


def keep_buffers() -> None:
    """Start this command again with the settings, which are only read at the start of a process.

    Does nothing if it was done, or if the user has set any of them.
    """
    if sys.platform == "linux" and not any(name in os.environ for name in _SETTINGS):
        environment = {**os.environ, **_SETTINGS}
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], environment)
