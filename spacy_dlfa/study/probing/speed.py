"""How fast encoders are beside each other, and how much memory they take, on one core."""

import platform
import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

import srsly
import torch
from spacy.vocab import Vocab
from tqdm import tqdm

from spacy_dlfa.atomic import write_json
from spacy_dlfa.docbin import read_docs
from spacy_dlfa.encoder.encoder import use_bf16
from spacy_dlfa.study.errors import Errors
from spacy_dlfa.study.probing.encoders import Encoder
from spacy_dlfa.study.probing.retrieval import make_model
from spacy_dlfa.study.sweep.settings import checksum, checksum_text
from spacy_dlfa.workers.pool import Failure, Pool

ROUNDS = 3
_SENTENCES, _BATCH = 5, 64
_STATUS, _PROCESSORS = Path("/proc/self/status"), Path("/proc/cpuinfo")


def measure_speeds(
    encoders: Sequence[Encoder], files: Sequence[Path], output: Path
) -> dict[str, dict[str, Any]]:
    """Measure encoders in turn, three rounds, each time in a fresh process with one thread.

    encoders (Sequence[Encoder]): The encoders, the one in use first.
    files (Sequence[Path]): Test sets, of each of which five sentences are encoded.
    output (Path): Folder of the report, which keeps what was measured of these encoders on
        these sentences and this machine.
    RETURNS (Dict[str, Dict[str, Any]]): By name `words_per_second`, its `ratio` to that of the
        first encoder in the same round, medians of the rounds, and `memory`, the most bytes that
        a process held; None where the system does not say.
    RAISES (ValueError): If one fails.
    """
    made_of = [[each.checksum for each in encoders], checksum(files), describe_machine()]
    path = output / ".parts" / f"speed-{checksum_text(srsly.json_dumps(made_of))}.json"
    if not path.exists():
        rounds = [
            {each.name: _measure_apart(each, files) for each in encoders}
            for _ in tqdm(range(ROUNDS), desc="Measuring speed", unit="round", leave=False)
        ]
        first = encoders[0].name
        # Not by name, as the files of two reports may have other ones
        found = [
            {
                "words_per_second": median(r[each.name]["words_per_second"] for r in rounds),
                "ratio": median(
                    r[each.name]["words_per_second"] / r[first]["words_per_second"] for r in rounds
                ),
                "memory": rounds[0][each.name]["memory"],
            }
            for each in encoders
        ]
        write_json(path, {"result": found})
    rows = srsly.read_json(path)["result"]
    return {each.name: row for each, row in zip(encoders, rows, strict=True)}


def _measure_apart(encoder: Encoder, files: Sequence[Path]) -> dict[str, Any]:
    with Pool(1) as pool:
        ((_, result),) = pool.run(measure_speed, [(encoder.folder, files)])
    if isinstance(result, Failure):
        raise ValueError(Errors.DL465.format(encoder=encoder.name, found=result.message))
    return result


def measure_speed(backbone: Path, files: Sequence[Path]) -> dict[str, Any]:
    """Encode sentences up to the last layer.

    RETURNS (Dict[str, Any]): `words_per_second` and `memory`, in bytes.
    """
    model = make_model(str(backbone), [])
    docs = [doc for path in files for doc in read_docs(path, Vocab())[:_SENTENCES]]
    docs.sort(key=len)
    batches = [docs[start : start + _BATCH] for start in range(0, len(docs), _BATCH)]
    # Untimed at first: weights are packed, and each number of rows is compiled for once
    for batch in batches:
        model.predict(batch)
    started = time.perf_counter()
    for batch in batches:
        model.predict(batch)
    seconds = time.perf_counter() - started
    return {"words_per_second": sum(map(len, docs)) / seconds, "memory": _peak_memory()}


def describe_machine() -> dict[str, str]:
    """Return what speed depends on besides the encoder: the machine and what runs on it."""
    return {
        "platform": platform.platform(),
        "processor": _processor(),
        "torch": str(torch.__version__),
        "spacy_dlfa": version("spacy_dlfa"),
        "precision": "bf16" if use_bf16("auto", "cpu") else "fp32",
    }


def _processor() -> str:
    if _PROCESSORS.is_file():
        for line in _PROCESSORS.read_text("utf8").splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()


def _peak_memory() -> int | None:
    if not _STATUS.is_file():
        return None
    lines = dict(line.split(":", 1) for line in _STATUS.read_text("utf8").splitlines())
    return 1024 * int(lines["VmHWM"].split()[0]) if "VmHWM" in lines else None


def best_trades(encoders: Sequence[dict[str, Any]]) -> list[str]:
    """Return the names of the encoders that no other one is both better and faster than.

    encoders (Sequence[Dict[str, Any]]): Those of a report that have a speed, with their `mean`.
    """
    places = [(each["speed"]["words_per_second"], each["mean"], each["name"]) for each in encoders]
    found = []
    best = float("-inf")
    for _, score, name in sorted(places, reverse=True):
        if score > best:
            found.append(name)
            best = score
    return found
