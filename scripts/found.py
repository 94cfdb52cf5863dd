"""What the figures of README and docs come from: functions that scripts/figures.yml names."""

import re
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from statistics import mean, median, stdev
from typing import Any

import spacy
import srsly
from tokenizers import Tokenizer

from backbone.adopt.cut import count_pieces
from backbone.files import read_lines
from benchmarks.machine import RESULTS
from benchmarks.tokens import CONFIG, compare
from spacy_dlfa.corpora.conllu import read_conllu
from spacy_dlfa.corpora.tables import open_table
from spacy_dlfa.languages import is_foreign

ROOT = Path(__file__).parents[1]
ASSETS = ROOT / "assets"
RUNS = ROOT / "docs" / "runs"


def setting(encoder: str, name: str) -> int:
    """Read a setting of an encoder under assets/."""
    return srsly.read_json(ASSETS / encoder / "config.json")[name]


def megabytes(pattern: str) -> float:
    """Add up the sizes of files under assets/, in MB."""
    return sum(path.stat().st_size for path in ASSETS.glob(pattern)) / 1e6


def test_sets(task: str) -> int:
    """Count the test sets of a task."""
    return len(list((ASSETS / task / "test").iterdir()))


def foreign_sets(task: str) -> int:
    """Count those in another language than English."""
    return sum(is_foreign(path.stem) for path in (ASSETS / task / "test").iterdir())


def rows(table: str) -> int:
    """Count the rows of a table under assets/."""
    return len(_labels(ASSETS / table))


def largest_class(task: str) -> float:
    """Return the mean share of the commonest label in the foreign test sets, in per cent."""
    found = [_labels(p) for p in (ASSETS / task / "test").iterdir() if is_foreign(p.stem)]
    return mean(100 * Counter(each).most_common(1)[0][1] / len(each) for each in found)


def tokens_found(treebank: str) -> float:
    """Return the share of a treebank's tokens that the tokenizer finds, in per cent."""
    nlp = spacy.blank("xx", config=CONFIG)
    docs = list(read_conllu(ASSETS / f"pos/test/{treebank}.conllu", nlp.vocab))
    return compare(docs, [nlp.make_doc(doc.text) for doc in docs])["found"]


def pieces_per_word(encoder: str, text: str) -> float:
    """Count an encoder's pieces for each word of a text under assets/unlabelled."""
    lines = list(read_lines(ASSETS / "unlabelled" / text))
    tokenizer = Tokenizer.from_file(str(ASSETS / encoder / "tokenizer.json"))
    return count_pieces(tokenizer, lines).total() / sum(len(line.split()) for line in lines)


def printed(page: str, column: str) -> float:
    """Return the mean of a column, counted from the right, of the printed foreign test sets."""
    lines = (ROOT / page).read_text(encoding="utf8").splitlines()
    rows = [line.split() for line in lines if re.match(r"\w.* [a-z]{2,3}_\w+  .*–", line)]
    found = {name: row for row in rows for name in row if "_" in name and is_foreign(name)}
    return mean(float(row[-int(column) - 1]) for row in found.values())


def score(runs: str, test_sets: str, words: str = "gold") -> float:
    """Return a score of trained pipelines, the mean of their seeds.

    runs (str): TASK/SYSTEM, or TASK/SYSTEM-SEED for one; the records are
        docs/runs/TASK/SYSTEM-SEED.json, made by `evaluate`.
    test_sets (str): A mean, as "all", or a test set.
    words (str): "gold", or "raw" for raw text.
    """
    one = RUNS / f"{runs}.json"
    paths = [one] if one.is_file() else RUNS.glob(f"{runs}-[0-9].json")
    records = [srsly.read_json(path) for path in paths]
    scores = [{**each["scores"], **each["averages"]}[test_sets] for each in records]
    if words == "raw":
        scores = [each["raw"] for each in scores]
    return mean(each[record["metric"]] for each, record in zip(scores, records, strict=True))


def averaged(runs: str, test_sets: str) -> float:
    """Return a score of a sweep's runs at the average of the checkpoints, the mean of seeds.

    runs (str): FOLDER/SYSTEM, or FOLDER/SYSTEM-SEED for one, under docs/runs.
    test_sets (str): A mean, as "all", a test set, or "dev".
    """
    one = RUNS / f"{runs}.json"
    paths = [one] if one.is_file() else RUNS.glob(f"{runs}-[0-9].json")
    records = [srsly.read_json(path) for path in paths]
    parts = [(record["average"], record["metric"]) for record in records]
    found = [({**p["scores"], **p["averages"], "dev": p["dev"]}, metric) for p, metric in parts]
    return mean(scores[test_sets][metric] for scores, metric in found)


def deviation_of(*scores: str) -> float:
    """Return the standard deviation of scores, of a sample."""
    return stdev(map(float, scores))


def result(file: str, *keys: str) -> float:
    """Read a figure of benchmarks/results/FILE.json."""
    found = _read(file)
    for key in keys:
        found = found[int(key)] if isinstance(found, list) else found[key]
    return found


def documents_per_second(cores: str) -> float:
    """Return how many documents `apply` does on so many cores, if all are as fast together."""
    rounds = _read("apply")["speed"]["found"]
    own = median(each["local"]["documents/s"] for each in rounds["rounds"])
    return own * int(cores) / rounds["workers"]


def millions_a_day(machines: str) -> float:
    """Return how many millions of documents so many machines of 16 cores do in a day."""
    return int(machines) * documents_per_second("16") * 24 * 3600 / 1e6


def days_for_a_billion(machines: str) -> float:
    """Return how many days so many machines of 16 cores take for a billion documents."""
    return 1000 / millions_a_day(machines)


def speedup(encoder: str, workload: str, system: str) -> float:
    """Read how many times as fast as stock a system is."""
    return result("results", "encoders", encoder, workload, "systems", system, "speedup", "median")


def quotient(encoder: str, workload: str, system: str, other: str) -> float:
    """Divide the speeds of two systems in each round, and return the median."""
    found = _read("results")["encoders"][encoder][workload]["systems"]
    pairs = zip(found[system]["seconds"], found[other]["seconds"], strict=True)
    return median(theirs / own for own, theirs in pairs)


def percent(encoder: str, workload: str, system: str, other: str) -> float:
    """Return the same in per cent."""
    return 100 * quotient(encoder, workload, system, other)


def latency(encoder: str, system: str) -> float:
    """Read how long one sentence alone takes, in milliseconds."""
    return result("results", "encoders", encoder, "latency", "systems", system, "p50_ms")


def memory(encoder: str, system: str, moment: str) -> float:
    """Read the most memory of a system, in MB."""
    return result("results", "encoders", encoder, "memory", "systems", system, f"{moment}_mb")


@cache
def _read(file: str) -> Any:
    return srsly.read_json(RESULTS / f"{file}.json")


def _labels(table: Path) -> list[str]:
    return [row.label for row in open_table(table).rows()]


FOUND: dict[str, Callable[..., float]] = {
    each.__name__: each
    for each in (
        setting,
        megabytes,
        test_sets,
        foreign_sets,
        rows,
        largest_class,
        tokens_found,
        pieces_per_word,
        printed,
        score,
        averaged,
        deviation_of,
        result,
        documents_per_second,
        millions_a_day,
        days_for_a_billion,
        speedup,
        quotient,
        percent,
        latency,
        memory,
    )
}
