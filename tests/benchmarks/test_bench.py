import re
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import srsly
from typer.testing import CliRunner

from benchmarks.__main__ import app
from benchmarks.bare import BareEncoder
from benchmarks.encoders import MINI, QUICK
from benchmarks.memory import measure_memory
from benchmarks.plan import SPEED, STREAMED
from benchmarks.resident import can_measure
from benchmarks.speed import measure_speed
from benchmarks.systems import SYSTEMS, why_missing
from benchmarks.timing import alternate, compare
from benchmarks.workloads import Workload, make_workloads, short_docs

ON_CPU = [name for name, system in SYSTEMS.items() if system.places != "gpu"]


def run(encoder, folder, *options):
    result = CliRunner().invoke(
        app, ["--encoder", encoder, "--quick", "--output", str(folder), *options]
    )
    assert result.exit_code == 0, result.output
    return srsly.read_json(folder / "results.json"), (folder / "README.md").read_text("utf8")


@pytest.mark.slow
def test_every_system_is_measured(encoder, tmp_path):
    results, page = run(encoder, tmp_path, "--rounds", "1", "--workload", "short")
    there = [name for name in ON_CPU if why_missing(SYSTEMS[name].kind) is None]
    (found,) = results["encoders"].values()
    assert list(found["missing"]) == [name for name in ON_CPU if name not in there]
    assert found["failed"] == {}
    assert list(found["short"]["systems"]) == there
    check_speed(found["short"])
    for name in ON_CPU:
        assert f"`{name}`" in page or f"**{name}: not installed.**" in page
    assert "| `dlfa` | `last` |" in page


def check_speed(part):
    for own in part["systems"].values():
        assert own["words_per_s"] > 0
        assert own["speedup"]["low"] <= own["speedup"]["median"] <= own["speedup"]["high"]


@pytest.mark.slow
def test_every_workload_is_measured(encoder, tmp_path):
    workloads = "short,stream,mixed,chinese,latency,training,load"
    systems = ["dlfa", "dlfa-int8", "stock"]
    options = ["--systems", ",".join(systems), "--rounds", "1", "--workload", workloads]
    results, page = run(encoder, tmp_path, *options)
    (found,) = results["encoders"].values()
    for part in SPEED:
        expected = [name for name in systems if part != "stream" or name in STREAMED]
        assert list(found[part]["systems"]) == expected
        check_speed(found[part])
    assert {*found["latency"]["systems"]["stock"]} >= {"p50_ms", "p95_ms", "speedup"}
    for task in ("tagger", "ner", "textcat"):
        assert len(found["training"]["tasks"][task]["stock"]["losses"]) == 2
    own = found["load"]["systems"]["dlfa"]
    assert own["median_s"] > 0
    assert own["first_s"] > 0
    assert not can_measure() or own["loaded_mb"] > 0
    assert found["size_mb"]["dlfa"] > 0
    for chart in re.findall(r"\((\S+\.svg)\)", page):
        ET.parse(tmp_path / chart)


@pytest.mark.slow
def test_last_layer_predicts_what_stock_does(tmp_path):
    results, _ = run("mini", tmp_path, "--systems", "last,stock", "--workload", "short")
    (found,) = results["encoders"].values()
    assert found["short"]["agreement"]["last"] == {"against": "stock", "tags": 1, "entities": 1}
    assert found["short"]["systems"]["stock"]["speedup"]["median"] == 1


def test_missing_systems_are_named(encoder, tmp_path, monkeypatch):
    monkeypatch.setattr("benchmarks.systems.find_spec", lambda name: None)
    results, page = run(encoder, tmp_path, "--systems", "last,curated", "--workload", "short")
    (found,) = results["encoders"].values()
    assert found["missing"] == {"curated": "not installed"}
    assert "**curated: not installed.**" in page


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--systems", "best"], "--systems best: expected all or some of dlfa,"),
        (["--workload", "easy"], "--workload easy: expected all or some of short,"),
        (["--encoder", "nowhere"], "--encoder nowhere: expected mini, e5, mbert, all or"),
    ],
)
def test_wrong_options_end_in_one_line(options, message, tmp_path):
    result = CliRunner().invoke(app, ["--quick", "--output", str(tmp_path), *options])
    assert result.exit_code == 1
    assert message in result.output


def measured_before(encoder, folder):
    parts = {
        "short": {"systems": {"dlfa": {}}},
        "training": {"tasks": {"tagger": {"dlfa": {}, "last": {}}}},
        "load": {"systems": {"stock": {}}},
    }
    before = {"encoders": {Path(encoder).name: {"quick": False, **parts}}}
    srsly.write_json(folder / "results.json", before)
    return before


@pytest.mark.parametrize(
    ("options", "lost"),
    [
        (["--workload", "short"], "training, load"),
        (["--systems", "last,stock"], "short, training"),
        (["--systems", "dlfa,stock"], "training"),
    ],
)
def test_no_run_removes_what_it_does_not_measure(encoder, tmp_path, options, lost):
    before = measured_before(encoder, tmp_path)
    command = ["--encoder", encoder, "--output", str(tmp_path)]
    result = CliRunner().invoke(app, [*command, *options])
    assert result.exit_code == 1
    assert f"results.json: has {lost} of {Path(encoder).name}, which this run" in result.output
    assert srsly.read_json(tmp_path / "results.json") == before


def test_no_run_removes_what_is_not_installed(encoder, tmp_path, monkeypatch):
    name = Path(encoder).name
    before = {"encoders": {name: {"quick": False, "short": {"systems": {"curated": {}}}}}}
    srsly.write_json(tmp_path / "results.json", before)
    monkeypatch.setattr("benchmarks.systems.find_spec", lambda name: None)
    monkeypatch.setattr("benchmarks.__main__.measure", lambda *args: None)
    result = CliRunner().invoke(app, ["--encoder", encoder, "--output", str(tmp_path)])
    assert result.exit_code == 1
    assert f"results.json: has short of {name}, which this run would remove" in result.output


def test_a_run_that_ends_early_removes_nothing(encoder, tmp_path, monkeypatch):
    def measure(bench, progress, save):
        save({"short": {"systems": {}}})
        raise SystemExit(1)

    monkeypatch.setattr("benchmarks.__main__.measure", measure)
    command = ["--encoder", encoder, "--rounds", "1", "--output", str(tmp_path)]
    CliRunner().invoke(app, command)
    (found,) = srsly.read_json(tmp_path / "results.json")["encoders"].values()
    assert "short" in found
    before = measured_before(encoder, tmp_path)
    CliRunner().invoke(app, command)
    assert srsly.read_json(tmp_path / "results.json") == before


@pytest.mark.slow
@pytest.mark.skipif(not can_measure(), reason="reads /proc")
def test_memory_is_measured_in_its_own_process():
    texts = list(short_docs(40))
    found = measure_memory("bare", MINI, texts)
    assert 0 < found["imported_mb"] < found["loaded_mb"] <= found["loading_mb"]
    assert found["loaded_mb"] <= found["peak_mb"]


def test_systems_take_turns_and_are_compared_within_a_round():
    calls = []
    seconds = iter([2.0, 1.0, 8.0, 2.0, 3.0, 1.0])

    def task(name):
        return lambda: calls.append(name) or next(seconds)

    ticks = []
    found = alternate({"a": task("a"), "b": task("b")}, 3, lambda: ticks.append(1))
    assert calls == ["a", "b"] * 3
    assert len(ticks) == 6
    assert found == {"a": [2.0, 8.0, 3.0], "b": [1.0, 2.0, 1.0]}
    compared = compare(found, "a")
    assert compared["a"]["speedup"] == {"to": "a", "median": 1, "low": 1, "high": 1}
    assert compared["b"]["speedup"] == {"to": "a", "median": 3, "low": 2.5, "high": 3.5}
    assert compared["b"]["median_s"] == 1
    assert "speedup" not in compare(found, "c")["b"]


class SlowAtFirst(BareEncoder):
    """Compiles for each batch of 1,024 that it has not met; they are the fastest then."""

    def __init__(self):
        self.met = set()

    def cut(self, texts):
        return [[number] for number in range(32)]

    def pad(self, windows, size):
        return [(size, *window) for window in windows]

    def encode(self, batches):
        for batch in batches:
            if batch[0] != 1024:
                time.sleep(0.002)
            elif batch not in self.met:
                time.sleep(0.01)
            self.met.add(batch)


def test_an_encoder_alone_has_seen_all_batches_before_it_is_timed():
    assert SlowAtFirst().best_batches(["text"])[0][0] == 1024
    workload = Workload("one text", ["text"], 1)
    found = measure_speed({"bare": SlowAtFirst()}, workload, 1, "bare", lambda: None)
    assert found["systems"]["bare"]["median_s"] < 0.1


def test_workloads_are_the_same_each_time():
    first, second = make_workloads(QUICK), make_workloads(QUICK)
    assert first == second
    assert first["short"].words >= QUICK.short
    assert 0.8 * QUICK.mixed < first["mixed"].words <= 1.05 * QUICK.mixed
    docs = list(short_docs(20_000))
    assert len(docs) == 20_000
    assert {len(doc.split()) for doc in docs} == {6}
