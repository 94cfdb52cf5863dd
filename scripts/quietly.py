"""Run a module of Python's and show what it printed only if it fails.

python scripts/quietly.py spacy package training/ner/model-best packages --build wheel
"""

import subprocess
import sys


def run(arguments: list[str]) -> int:
    """Run `python -m` with the arguments; return its exit code."""
    command = [sys.executable, "-m", *arguments]
    ended = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if ended.returncode:
        sys.stderr.buffer.write(ended.stdout)
    return ended.returncode


if __name__ == "__main__":
    try:
        sys.exit(run(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
