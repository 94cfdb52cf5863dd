"""Runs that go on, and those that must not."""

import re
import shutil

import pytest
import spacy
from filelock import FileLock
from thinc.api import Config

from spacy_dlfa.apply import worker
from spacy_dlfa.apply.folder import MEMO, Folder
from spacy_dlfa.workers.pool import Failure
from tests.apply.conftest import TEXTS, Here, contents, rows_of, run, write_lines
from tests.disks import full_disk

pytestmark = pytest.mark.usefixtures("here")
PIECES = ("--piece-rows", 5)


@pytest.fixture
def output(poison, documents, tmp_path):
    assert run(poison, documents, tmp_path / "out", *PIECES).exit_code == 0
    return tmp_path / "out"


def assert_refused(result, *parts):
    assert result.exit_code == 1, result.output
    assert isinstance(result.exception, SystemExit)
    # What stands before the last return is the bar.
    assert len(result.stderr.rpartition("\r")[2].strip().splitlines()) == 1
    for part in parts:
        assert str(part) in result.stderr


def test_what_is_done_is_not_done_again(poison, documents, output, monkeypatch):
    before = contents(output)
    assert len(before) == 3
    second = sorted(output.glob("*.jsonl"))[1]
    second.unlink()
    (output / f".{second.name}.123.tmp").write_text("half")
    done = []
    monkeypatch.setattr(
        "spacy_dlfa.apply.run.apply_piece",
        lambda settings, piece: done.append(piece.place) or worker.apply_piece(settings, piece),
    )
    result = run(poison, documents, output, *PIECES)
    assert result.exit_code == 0, result.output
    assert done == [(0, 1)]
    assert contents(output) == before
    assert re.search("done before +7\n", result.stdout)
    assert not list(output.glob(".*.tmp"))


def test_another_code_is_another_run(tmp_path, documents):
    """It says what the pipeline is made of, and comes into every worker."""
    code = tmp_path / "functions.py"
    text = """
from spacy.language import Language

@Language.component("of_a_project")
def of_a_project(doc):
    doc.set_ents([doc.char_span(0, 1, label="FIRST", alignment_mode="expand")] if len(doc) else [])
    return doc
"""
    code.write_text(text)
    nlp = spacy.blank("xx")
    nlp.to_disk(tmp_path / "pipeline")
    config = Config(nlp.config)
    config["nlp"]["pipeline"] = ["of_a_project"]
    config["components"] = {"of_a_project": {"factory": "of_a_project"}}
    config.to_disk(tmp_path / "pipeline" / "config.cfg")
    assert_refused(run(tmp_path / "pipeline", documents, tmp_path / "none"), "of_a_project")
    command = tmp_path / "pipeline", documents, tmp_path / "out"
    result = run(*command, "--code", code)
    assert result.exit_code == 0, result.output
    assert rows_of(tmp_path / "out")[0]["entities"][0]["label"] == "FIRST"
    code.write_text(text.replace("FIRST", "OTHER"))
    assert_refused(run(*command, "--code", code), "code was")
    assert_refused(run(*command), "code is gone")


def test_names_are_in_the_order_of_the_input(tmp_path):
    (tmp_path / "out").mkdir()
    folder = Folder(tmp_path / "out", {"input": {}}, force=False)
    for number in (0, 99_999, 100_000, 1_000_000):
        folder.write((number, 0), "0" * 16, 1, 0, str(number).encode("ascii"), "jsonl")
    assert rows_of(tmp_path / "out") == [0, 99_999, 100_000, 1_000_000]


def test_a_folder_whose_names_have_fewer_digits_goes_on(poison, documents, output):
    for path in output.glob("*.jsonl"):
        path.rename(path.with_name(path.name.removeprefix("00")))
    before = contents(output)
    (output / min(before)).unlink()
    result = run(poison, documents, output, *PIECES)
    assert result.exit_code == 0, result.output
    assert contents(output) == before
    assert all(name.startswith("00000-0") for name in before)


def test_errors_of_before_count(poison, tmp_path):
    path = write_lines(tmp_path / "in.jsonl", [{"text": text} for text in ("RAISE", "a", "b")])
    for _ in range(2):
        result = run(poison, path, tmp_path / "out", "--piece-rows", 1)
        assert result.exit_code == 1
        assert "3 documents: " in result.stderr
        assert "1 of them failed" in result.stderr


@pytest.mark.parametrize("killing", [["KILL", "Oslo"], ["KILL", "KILL"]])
def test_where_all_is_done_but_what_kills(poison, tmp_path, monkeypatch, killing):
    """Stopped there, a run goes on: in the folder are the pieces whose workers lived."""
    texts = ["Oslo", "Bonn"] * 6 + killing * 5
    path = write_lines(tmp_path / "in.jsonl", [{"text": text} for text in texts])
    arguments = (poison, path, tmp_path / "out", "--piece-rows", 2)

    def stop(*arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("spacy_dlfa.apply.run.give_up", stop)
        assert_refused(run(*arguments), "Stopped")
    assert len(rows_of(tmp_path / "out")) == 12
    result = run(*arguments)
    assert f"{5 * killing.count('KILL')} of them failed" in result.stderr
    assert [row["row"] for row in rows_of(tmp_path / "out")] == [*range(1, 23)]


def test_where_a_run_goes_on_and_every_worker_dies(poison, documents, output, monkeypatch):
    """That workers lived before doesn't say it is the new documents' fault."""
    before = contents(output)
    other = write_lines(documents.parent / "z.jsonl", [{"text": "a"}] * 2)

    def die(self, function, jobs):
        for job in jobs:
            yield job, Failure("it died", "", died=True)

    with monkeypatch.context() as patch:
        patch.setattr(Here, "run", die)
        assert_refused(run(poison, documents, other, output, *PIECES), f"[DL210] {other}: it died")
    assert contents(output) == before
    assert run(poison, documents, other, output, *PIECES).exit_code == 0
    assert [row["error"] for row in rows_of(output)] == [None] * 14


def test_another_pipeline(poison, documents, output, tmp_path):
    nlp = spacy.load(poison)
    nlp.get_pipe("entity_ruler").add_patterns([{"label": "LOC", "pattern": "Berlin"}])
    nlp.to_disk(tmp_path / "other")
    before = contents(output)
    other = (tmp_path / "other", documents, output, *PIECES)
    assert_refused(run(*other), output, "pipeline was", "--force")
    assert contents(output) == before
    worker.load.cache_clear()
    assert run(*other, "--force").exit_code == 0
    assert not contents(output).keys() & before.keys()
    assert [ent["text"] for ent in rows_of(output)[3]["entities"]] == ["Berlin"]
    assert len(rows_of(output)) == 12


def test_a_pipeline_that_has_changed_behind_a_link(poison, documents, tmp_path):
    pipeline, shared = tmp_path / "pipeline", tmp_path / "shared"
    shutil.copytree(spacy.util.get_package_path(poison) / "model", pipeline)
    (pipeline / "entity_ruler").rename(shared)
    (pipeline / "entity_ruler").symlink_to(shared)
    assert run(pipeline, documents, tmp_path / "rows", *PIECES).exit_code == 0
    ruler = spacy.load(pipeline).get_pipe("entity_ruler")
    ruler.add_patterns([{"label": "LOC", "pattern": "Berlin"}])
    ruler.to_disk(shared)
    assert_refused(run(pipeline, documents, tmp_path / "rows", *PIECES), "pipeline was", "--force")


def test_the_same_pipeline_elsewhere(poison, documents, tmp_path):
    model = spacy.util.get_package_path(poison) / "model"
    for name in ("one", "other"):
        shutil.copytree(model, tmp_path / name)
        result = run(tmp_path / name, documents, tmp_path / "rows", *PIECES)
        assert result.exit_code == 0, result.output
    assert re.search("done before +12\n", result.stdout)


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (("--piece-rows", 6), "piece-rows was 5 and is 6"),
        ((*PIECES, "--docs"), "docs was False and is True"),
        ((*PIECES, "--text-field", "body"), "text-field was text and is body"),
        ((*PIECES, "--format", "parquet"), "output was jsonl and is parquet"),
    ],
)
def test_other_settings(poison, documents, output, options, named):
    assert_refused(run(poison, documents, output, *options), named)
    run(poison, documents, output, *options, "--force")
    suffix = ".parquet" if "parquet" in options else ".jsonl"
    assert {path.suffix for path in output.iterdir() if path.name[0] != "."} == {suffix}
    if suffix == ".jsonl":
        assert [row["row"] for row in rows_of(output)] == [*range(1, 13)]


@pytest.mark.parametrize("done", [0, 1])
def test_a_forced_run_that_is_stopped(poison, documents, output, monkeypatch, done):
    """There are never rows of two kinds, and the old ones stay until there is a new one."""
    before = contents(output)
    other = (poison, documents, output, "--piece-rows", 4)
    begun = []

    def stop(settings, piece):
        begun.append(piece)
        if len(begun) > done:
            raise KeyboardInterrupt
        return worker.apply_piece(settings, piece)

    with monkeypatch.context() as patch:
        patch.setattr("spacy_dlfa.apply.run.apply_piece", stop)
        assert_refused(run(*other, "--force"), "Stopped")
    if done:
        assert len(contents(output)) == 1
        assert not contents(output).keys() & before.keys()
        assert_refused(run(poison, documents, output, *PIECES), "piece-rows was 4 and is 5")
        assert run(*other).exit_code == 0
        assert [row["row"] for row in rows_of(output)] == [*range(1, 13)]
    else:
        assert contents(output) == before
        assert run(poison, documents, output, *PIECES).exit_code == 0


def test_an_input_that_has_grown(poison, documents, output):
    before = contents(output)
    with documents.open("a") as file:
        file.write('{"text": "new"}\n')
    assert_refused(run(poison, documents, output, *PIECES), documents, "was", "--force")
    assert contents(output) == before
    assert run(poison, documents, output, *PIECES, "--force").exit_code == 0
    # Two pieces are as they were.
    assert len(contents(output).keys() & before.keys()) == 2
    assert len(rows_of(output)) == 13


def test_an_input_of_the_same_size(poison, documents, output):
    text = documents.read_text("utf8")
    documents.write_text(text.replace("Berlin", "Munich"), "utf8")
    assert_refused(run(poison, documents, output, *PIECES), documents, "another content")
    assert run(poison, documents, output, *PIECES, "--force").exit_code == 0
    assert len(rows_of(output)) == 12


def test_new_files_that_come_last_are_done_besides(poison, documents, output):
    before = contents(output)
    other = write_lines(documents.parent / "z.jsonl", [{"text": "a"}])
    assert run(poison, documents, other, output, *PIECES).exit_code == 0
    after = contents(output)
    assert before.items() <= after.items()
    assert len(rows_of(output)) == 13
    # From now on both are the input
    assert_refused(run(poison, documents, output, *PIECES), f"{other} is gone")


def test_a_new_file_before_others(poison, documents, output):
    other = write_lines(documents.parent / "a.jsonl", [{"text": "a"}])
    assert_refused(run(poison, other, documents, output, *PIECES), f"{other} is new")
    assert run(poison, other, documents, output, *PIECES, "--force").exit_code == 0
    assert len(rows_of(output)) == 13


def test_inputs_in_another_order(poison, documents, tmp_path):
    other = write_lines(documents.parent / "a.jsonl", [{"text": "a"}])
    output = tmp_path / "out"
    assert run(poison, documents, other, output).exit_code == 0
    assert_refused(run(poison, other, documents, output), "input was in another order", "--force")
    assert run(poison, other, documents, output, "--force").exit_code == 0
    assert [row["file"] for row in rows_of(output)] == [str(other)] + [str(documents)] * 12


def test_an_input_that_has_shrunk_or_gone(poison, documents, output):
    other = write_lines(documents.parent / "z.jsonl", [{"text": "a"}])
    assert run(poison, documents, other, output, *PIECES).exit_code == 0
    assert_refused(run(poison, documents, output, *PIECES), f"{other} is gone")
    write_lines(documents, [{"text": text} for text in TEXTS])
    assert run(poison, documents, output, *PIECES, "--force").exit_code == 0
    assert len(rows_of(output)) == 6


def test_a_folder_of_other_files(poison, documents, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.jsonl").write_text("{}")
    for option in ((), ("--force",)):
        assert_refused(run(poison, documents, tmp_path / "out", *option), "mine.jsonl", MEMO)
    assert (tmp_path / "out" / "mine.jsonl").exists()


@pytest.mark.parametrize("content", ["{", "[]", "5", '{"input": 5}'])
def test_a_damaged_memo(poison, documents, output, content):
    (output / MEMO).write_text(content)
    assert_refused(run(poison, documents, output, *PIECES), output / MEMO, "found no JSON")


def test_two_runs_at_once(poison, documents, output):
    with FileLock(output / ".lock"):
        assert_refused(run(poison, documents, output, *PIECES), output, "another run is at work")


def test_no_space_left(poison, documents, output, tmp_path):
    whole = contents(output)
    room = min(map(len, whole.values())) + 1
    with full_disk(room):
        result = run(poison, documents, tmp_path / "full", *PIECES)
    assert_refused(result, tmp_path / "full", "can't be written: File too large")
    half = contents(tmp_path / "full")
    assert half.items() <= whole.items()
    assert len(half) < 3
    assert run(poison, documents, tmp_path / "full", *PIECES).exit_code == 0
    assert contents(tmp_path / "full") == whole


def test_an_output_that_can_not_be_made(poison, documents):
    for output in ("/proc/nowhere", documents / "out"):
        assert_refused(run(poison, documents, output), output, "can't be written")


@pytest.mark.parametrize("pipeline", ["nowhere", "."])
def test_no_pipeline(documents, tmp_path, monkeypatch, pipeline):
    monkeypatch.chdir(tmp_path)
    result = run(pipeline, documents, tmp_path / "out")
    assert_refused(result, f"{pipeline}: ")
    assert contents(tmp_path / "out") == {} if (tmp_path / "out").exists() else True


def test_a_package_that_can_not_be_imported(documents, tmp_path):
    result = run("spacy-legacy", documents, tmp_path / "out")
    assert_refused(result, "spacy-legacy: ModuleNotFoundError: No module named")


@pytest.mark.parametrize(
    ("options", "missing"),
    [(("--format", "parquet"), "pyarrow"), (("--engine", "ray"), "ray")],
)
def test_a_missing_extra(poison, documents, tmp_path, monkeypatch, options, missing):
    monkeypatch.setattr("spacy_dlfa.extras.find_spec", lambda name: None)
    result = run(poison, documents, tmp_path / "out", *options)
    assert_refused(result, f"{' '.join(options)} needs {missing}", "pip install")
    assert not (tmp_path / "out").exists()


def test_a_table_without_pyarrow(poison, tmp_path, monkeypatch):
    (tmp_path / "in.parquet").touch()
    monkeypatch.setattr("spacy_dlfa.extras.find_spec", lambda name: None)
    result = run(poison, tmp_path / "in.parquet", tmp_path / "out")
    assert_refused(result, "in.parquet needs pyarrow", "spacy_dlfa[parquet]")
