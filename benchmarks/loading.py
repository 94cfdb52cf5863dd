"""How long `spacy.load` takes, and what it leaves in memory, in a process that has done nothing.

`python -m benchmarks.loading` is that process: it reads its task from standard input.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.resident import can_measure, measure_alone, read_mb


def measure_load(folder: Path, overrides: dict[str, Any], text: str) -> dict[str, float]:
    """Load a pipeline in a process of its own.

    folder (Path): The pipeline.
    overrides (Dict[str, Any]): Settings of its config.
    text (str): The first text, to which belongs what loading puts off.
    RETURNS (Dict[str, float]): "import_s", `import spacy`; "load_s", `spacy.load` with all that it
        imports; "first_s", the first text; "loaded_mb", resident memory before that.
    """
    task = {"folder": str(folder.resolve()), "overrides": overrides, "text": text}
    return measure_alone("benchmarks.loading", task, f"Loading {folder}")


def _measure(task: dict[str, Any]) -> dict[str, float]:
    start = time.perf_counter()
    # Here, as it belongs to what is measured
    import spacy

    imported = time.perf_counter()
    nlp = spacy.load(task["folder"], config=task["overrides"])
    found = {"import_s": imported - start, "load_s": time.perf_counter() - imported}
    if can_measure():
        found["loaded_mb"] = read_mb("VmRSS")
    start = time.perf_counter()
    nlp(task["text"])
    return {**found, "first_s": time.perf_counter() - start}


if __name__ == "__main__":
    print(json.dumps(_measure(json.load(sys.stdin))))
