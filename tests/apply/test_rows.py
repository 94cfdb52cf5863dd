"""What is in a row."""

import base64
import hashlib
import json

import numpy as np
import pyarrow as pa
import pytest
import spacy
from pyarrow.parquet import read_table
from spacy.language import Language
from spacy.tokens import DocBin

from spacy_dlfa.apply import annotate as annotating
from spacy_dlfa.apply.rows import join, schema
from tests.apply.conftest import TEXTS, Here, contents, rows_of, run, write_lines

pytestmark = pytest.mark.usefixtures("here")

#: As docs/apply.md has it. What is in it stays; a column may be added.
SCHEMA = """
file: string not null
row: int64 not null
id: string
text_hash: string
language: string
words: int32
entities: list<item: struct<start: int32 not null, end: int32 not null, label: string not null, text: string not null>>
tags: list<item: struct<start: int32 not null, end: int32 not null, tag: string not null>>
topics: list<item: struct<label: string not null, score: double not null>>
doc: binary
error: string
"""  # noqa: E501


def flat(found):
    """The columns of a schema, one on each line."""
    return [f"{field.name}: {field.type}" + " not null" * (not field.nullable) for field in found]


def test_the_schema():
    assert flat(schema()) == SCHEMA.strip().splitlines()


def test_rows_are_what_the_pipeline_predicts(pipeline, documents, tmp_path):
    result = run(pipeline, documents, tmp_path / "out", "--docs")
    assert result.exit_code == 0, result.output
    rows = rows_of(tmp_path / "out")
    assert [row["id"] for row in rows] == [str(i) for i in range(12)]
    nlp = spacy.load(pipeline)
    for number, (row, text) in enumerate(zip(rows, TEXTS * 2), 1):
        doc = nlp(text)
        assert list(row) == schema().names
        assert (row["file"], row["row"], row["language"]) == (str(documents), number, "xx")
        assert row["text_hash"] == hashlib.sha256(text.encode("utf8")).hexdigest()
        assert [text[ent["start"] : ent["end"]] for ent in row["entities"]] == [
            ent.text for ent in doc.ents
        ]
        assert [(ent["label"], ent["text"]) for ent in row["entities"]] == [
            (ent.label_, ent.text) for ent in doc.ents
        ]
        assert [(text[tag["start"] : tag["end"]], tag["tag"]) for tag in row["tags"]] == [
            (token.text, token.tag_) for token in doc
        ]
        # spaCy scores a text without words as 0 when it is alone.
        if text:
            scores = {topic["label"]: topic["score"] for topic in row["topics"]}
            assert scores == pytest.approx(doc.cats, abs=1e-4)
        (saved,) = DocBin().from_bytes(base64.b64decode(row["doc"])).get_docs(nlp.vocab)
        assert [(token.text, token.tag_) for token in saved] == [
            (token.text, token.tag_) for token in doc
        ]
        assert row["words"] == len(doc)
        assert row["error"] is None
    assert [ent["text"] for row in rows for ent in row["entities"]] == ["Oslo", "北京"] * 2


def test_both_formats_have_the_same_rows(pipeline, documents, tmp_path):
    for format in ("jsonl", "parquet"):
        options = ("--format", format, "--docs", "--piece-rows", 5)
        assert run(pipeline, documents, tmp_path / format, *options).exit_code == 0
    table = read_table(tmp_path / "parquet")
    assert table.schema.remove_metadata() == schema()
    lines = rows_of(tmp_path / "jsonl")
    for row in lines:
        row["doc"] = base64.b64decode(row["doc"])
    assert pa.Table.from_pylist(lines, schema=schema()).to_pylist() == table.to_pylist()


def test_what_a_pipeline_does_not_do_is_null(poison, documents, tmp_path):
    assert run(poison, documents, tmp_path / "out").exit_code == 0
    row = rows_of(tmp_path / "out")[0]
    assert row["entities"]
    assert (row["tags"], row["topics"], row["doc"]) == (None, None, None)


def test_a_text_without_words_has_what_the_pipeline_does(poison, tmp_path):
    path = write_lines(tmp_path / "in.jsonl", [{"text": ""}])
    spacy.blank("xx").to_disk(tmp_path / "blank")
    for name, entities in ((poison, []), (tmp_path / "blank", None)):
        assert run(name, path, tmp_path / f"of-{entities}").exit_code == 0
        (row,) = rows_of(tmp_path / f"of-{entities}")
        assert (row["words"], row["entities"], row["tags"]) == (0, entities, None)


LINES = {
    "{broken": "found no JSON",
    "[1]": "found a list; expected an object",
    '"text"': "found a text; expected an object",
    '{"title": "a"}': "found no field 'text' but 'title'; expected the text there",
    "{}": "found no field 'text' but none at all",
    '{"text": null}': "found null in 'text'; expected a text",
    '{"text": 3}': "found a number in 'text'",
    '{"text": {"a": 1}}': "found an object in 'text'",
    '{"text": "a \\ud800 b"}': "lone surrogate",
    "[" * 100_000: "found no JSON",
    "1" * 10_000: "found",
}


def test_a_line_that_is_no_document_is_a_row_with_its_error(pipeline, tmp_path):
    path = tmp_path / "in.jsonl"
    good = b'{"text": "Oslo"}\n'
    lines = [line.encode("utf8") + b"\n" for line in LINES] + [b"\xff\n"]
    path.write_bytes(good + b"".join(lines) + b"\n \n" + good)
    result = run(pipeline, path, tmp_path / "out")
    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1] == (
        f"14 documents: {tmp_path / 'out'}; 12 of them failed, and their rows say why"
    )
    rows = rows_of(tmp_path / "out")
    # Numbers are those of the lines, blank ones too.
    assert [row["row"] for row in rows] == [*range(1, 14), 16]
    for row, error in zip(rows[1:], [*LINES.values(), "found byte 0xff, which isn't UTF-8"]):
        assert error in row["error"], row
        assert (row["entities"], row["tags"], row["words"]) == (None, None, None)
    for row in (rows[0], rows[-1]):
        assert row["error"] is None
        assert [ent["text"] for ent in row["entities"]] == ["Oslo"]


def test_half_characters_do_not_spoil_a_file(pipeline, tmp_path):
    path = tmp_path / "in.jsonl"
    path.write_text(
        '{"id": "\\ud800", "language": "\\udc00", "text": "a", "x\\ud800": 1}\n{"\\ud800": 1}\n'
    )
    for format in ("jsonl", "parquet"):
        run(pipeline, path, tmp_path / format, "--format", format)
    row, other = rows_of(tmp_path / "jsonl")
    assert (row["id"], row["language"], row["error"]) == ("?", "?", None)
    assert "found no field" in other["error"]
    assert read_table(tmp_path / "parquet").column("id").to_pylist() == ["?", None]


def test_a_document_that_fails_fails_alone(poison, tmp_path):
    texts = ["Oslo", "RAISE", "Oslo again", "RAISE too"]
    path = write_lines(tmp_path / "in.jsonl", [{"text": text} for text in texts])
    assert run(poison, path, tmp_path / "out").exit_code == 1
    rows = rows_of(tmp_path / "out")
    assert [bool(row["entities"]) for row in rows] == [True, False, True, False]
    assert [row["error"] for row in rows] == [None, "ValueError: no such thing"] * 2
    assert rows[1]["text_hash"] == hashlib.sha256(b"RAISE").hexdigest()


@pytest.mark.parametrize("format", ["jsonl", "parquet"])
def test_a_document_that_kills_its_worker_fails_alone(poison, tmp_path, format):
    texts = ["Oslo", "Oslo", "KILL", "Oslo", "RAISE", "KILL me", "Oslo", "Oslo"]
    path = write_lines(tmp_path / "in.jsonl", [{"text": text} for text in texts])
    result = run(poison, path, tmp_path / "out", "--piece-rows", 3, "--format", format)
    assert result.exit_code == 1
    assert "3 of them failed" in result.stderr
    rows = rows_of(tmp_path / "out")
    if format == "parquet":
        rows = read_table(tmp_path / "out").to_pylist()
    assert [row["row"] for row in rows] == [*range(1, 9)]
    assert {row["row"]: row["error"] for row in rows if row["error"]} == {
        3: "it died",
        5: "ValueError: no such thing",
        6: "it died",
    }


def test_when_most_workers_die_the_run_ends(poison, tmp_path):
    path = write_lines(tmp_path / "in.jsonl", [{"text": "KILL"}] * 20)
    result = run(poison, path, tmp_path / "out", "--piece-rows", 1)
    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1] == f"[DL210] {path}: it died"


@pytest.mark.parametrize("left", [2, 3])
def test_an_input_that_is_cut_while_the_run_is_on(poison, tmp_path, monkeypatch, left):
    """Be it within a piece."""
    rows = [{"text": text} for text in ("Oslo", "Bonn", "KILL", "Oslo")]
    path = write_lines(tmp_path / "in.jsonl", rows)
    other = write_lines(tmp_path / "other.jsonl", rows)

    def pieces(self, function, jobs, do=Here.run):
        yield from do(self, function, jobs)
        write_lines(path, rows[:left])

    monkeypatch.setattr(Here, "run", pieces)
    result = run(poison, path, other, tmp_path / "out", "--piece-rows", 2)
    assert result.exit_code == 1
    assert f"[DL217] {path}: found other rows than when the run began" in result.stderr
    assert "1 of them failed" in result.stderr
    assert "1 files could not be read to their end" in result.stderr
    # Those of other files are there
    found = [(row["file"], row["row"]) for row in rows_of(tmp_path / "out")]
    assert found == [(str(path), 1), (str(path), 2), *((str(other), row) for row in range(1, 5))]


@pytest.mark.parametrize("count", [1, 3, 20])
def test_when_no_document_lives_alone_the_run_ends(poison, tmp_path, count):
    """Rows that say so would not be tried again where there is more memory."""
    path = write_lines(tmp_path / "in.jsonl", [{"text": "KILL"}] * count)
    result = run(poison, path, tmp_path / "out")
    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1] == f"[DL210] {path}: it died"
    assert contents(tmp_path / "out") == {}


def test_where_others_live_bad_documents_may_be_a_whole_piece(poison, tmp_path):
    texts = ["KILL", "KILL too", "Oslo", "Bonn", "KILL"]
    path = write_lines(tmp_path / "in.jsonl", [{"text": text} for text in texts])
    assert run(poison, path, tmp_path / "out", "--piece-rows", 2).exit_code == 1
    errors = [row["error"] for row in rows_of(tmp_path / "out")]
    assert errors == ["it died", "it died", None, None, "it died"]


def test_a_document_that_the_pipeline_lets_fall(poison, tmp_path, monkeypatch):
    nlp = spacy.load(poison)
    nlp.set_error_handler(lambda *args: None)
    monkeypatch.setattr("spacy_dlfa.apply.worker.load", lambda settings: nlp)
    path = write_lines(tmp_path / "in.jsonl", [{"text": "RAISE"}, {"text": "Oslo"}])
    assert run(poison, path, tmp_path / "out").exit_code == 1
    rows = rows_of(tmp_path / "out")
    assert [row["error"] for row in rows] == ["the pipeline returned no document", None]


@Language.component("test_numpy_topics")
def numpy_topics(doc):
    """Stands for a classifier of one's own, whose scores have the type of its arrays."""
    doc.cats = {"travel": np.float32(doc.text), "sports": np.float32(0.25)}
    return doc


@pytest.mark.parametrize("format", ["jsonl", "parquet"])
def test_scores_are_numbers_of_json(tmp_path, format):
    nlp = spacy.blank("xx")
    nlp.add_pipe("test_numpy_topics")
    nlp.to_disk(tmp_path / "topics")
    path = write_lines(tmp_path / "in.jsonl", [{"text": each} for each in ("0.5", "nan", "inf")])
    result = run(tmp_path / "topics", path, tmp_path / "out", "--format", format)
    assert "2 of them failed" in result.stderr
    rows = rows_of(tmp_path / "out")
    if format == "parquet":
        rows = read_table(tmp_path / "out").to_pylist()
    labels = [{"label": "travel", "score": 0.5}, {"label": "sports", "score": 0.25}]
    assert [row["topics"] for row in rows] == [labels, None, None]
    for row, score in zip(rows[1:], ("nan", "inf"), strict=True):
        assert row["error"] == f"found the score {score} of the topic 'travel'"
        assert row["words"] is None


def test_a_text_that_is_too_long_for_spacy(poison, tmp_path):
    path = write_lines(tmp_path / "in.jsonl", [{"text": "a" * 1_000_001}, {"text": "Oslo"}])
    assert run(poison, path, tmp_path / "out").exit_code == 1
    rows = rows_of(tmp_path / "out")
    assert "E088" in rows[0]["error"]
    assert rows[1]["error"] is None


@pytest.mark.parametrize("limit", ["BATCH", "CHARACTERS"])
def test_rows_do_not_depend_on_batches(pipeline, documents, tmp_path, monkeypatch, limit):
    run(pipeline, documents, tmp_path / "one")
    monkeypatch.setattr(annotating, limit, 4)
    run(pipeline, documents, tmp_path / "many")
    for row, other in zip(rows_of(tmp_path / "one"), rows_of(tmp_path / "many"), strict=True):
        for topic, same in zip(row.pop("topics"), other.pop("topics"), strict=True):
            assert topic == {**same, "score": pytest.approx(same["score"], abs=1e-4)}
        assert row == other


def test_parts_of_a_file_are_joined(pipeline, documents, tmp_path):
    run(pipeline, documents, tmp_path / "all", "--format", "parquet")
    run(pipeline, documents, tmp_path / "parts", "--format", "parquet", "--piece-rows", 5)
    parts = [path.read_bytes() for path in sorted((tmp_path / "parts").glob("*.parquet"))]
    (tmp_path / "joined.parquet").write_bytes(join(parts, "parquet"))
    assert read_table(tmp_path / "joined.parquet") == read_table(tmp_path / "all")
    assert join([b'{"a":1}\n', b"{}\n"], "jsonl") == b'{"a":1}\n{}\n'


def test_memory_of_words_is_given_back(pipeline, tmp_path):
    nlp = spacy.load(pipeline)
    record = annotating.Record("a", 1, text="a")
    annotating.annotate(nlp, [record])
    before = len(nlp.vocab.strings)
    annotating.annotate(nlp, [record._replace(text=f"word{i} name{i}") for i in range(50)])
    assert len(nlp.vocab.strings) == before


def test_json_is_utf8(pipeline, documents, tmp_path):
    run(pipeline, documents, tmp_path / "out")
    (path,) = (tmp_path / "out").glob("*.jsonl")
    assert '"text":"北京"' in path.read_text("utf8")
    assert all(json.loads(line) for line in path.read_text("utf8").splitlines())
