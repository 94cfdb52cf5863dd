"""Resident memory, each figure measured in a process of its own.

`python -m benchmarks.memory` is that process: it reads its task from standard input.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.resident import measure_alone, read_mb, reset_peak
from benchmarks.runtimes import ALONE, load_alone
from benchmarks.systems import SYSTEMS, load_pipeline

#: How often the memory is read while documents are kept.
POINTS = 20


def measure_memory(
    name: str, folder: Path, texts: Sequence[str], *, keep: bool = False, clean: bool = False
) -> dict[str, Any]:
    """Predict in a process of its own; all memory is in MB (1e6 bytes), on Linux.

    name (str): The system.
    folder (Path): Its pipeline, or the encoder of a bare one.
    texts (Sequence[str]): The texts.
    keep (bool): Keep the documents.
    clean (bool): Let spaCy's `doc_cleaner` remove the encoder's output from each document.
    RETURNS (Dict[str, Any]): "imported_mb", before loading; "loading_mb", the most while loading;
        "loaded_mb"; "peak_mb", the most while predicting; and if they are kept "curve", pairs of a
        number of documents and the memory, and "per_doc_kb", its slope.
    """
    task = {
        "name": name,
        "folder": str(folder.resolve()),
        "texts": list(texts),
        "keep": keep,
        "clean": clean,
    }
    return measure_alone("benchmarks.memory", task, f"Memory of {name}")


def _measure(task: dict[str, Any]) -> dict[str, Any]:
    system = SYSTEMS[task["name"]]
    folder, texts = Path(task["folder"]), task["texts"]
    found: dict[str, Any] = {"imported_mb": read_mb("VmRSS")}
    if system.kind in ALONE:
        encoder = load_alone(system, folder)
        found |= {"loading_mb": read_mb("VmHWM"), "loaded_mb": read_mb("VmRSS")}
        reset_peak()
        encoder.encode(encoder.best_batches(texts))
    else:
        nlp = load_pipeline(system, folder)
        if task["clean"]:
            nlp.add_pipe("doc_cleaner", config={"attrs": {"_.trf_data": None}})
        found |= {"loading_mb": read_mb("VmHWM"), "loaded_mb": read_mb("VmRSS")}
        reset_peak()
        kept, curve = [], []
        every = max(1, len(texts) // POINTS)
        for count, doc in enumerate(nlp.pipe(texts), 1):
            if task["keep"]:
                kept.append(doc)
                if count % every == 0:
                    curve.append((count, read_mb("VmRSS")))
        if curve:
            # From the second point on: the first has what the pipeline itself needs to work.
            (first, low), (last, high) = curve[1], curve[-1]
            found |= {"curve": curve, "per_doc_kb": (high - low) * 1000 / (last - first)}
    found["peak_mb"] = read_mb("VmHWM")
    return found


if __name__ == "__main__":
    print(json.dumps(_measure(json.load(sys.stdin))))
