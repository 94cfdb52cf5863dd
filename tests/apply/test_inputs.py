"""What can be read, and what is said of what can't."""

import errno
import gzip
import json
import lzma
import os
import sys
from pathlib import Path

import pyarrow as pa
import pytest
import spacy
from pyarrow import parquet
from spacy.tokens import Doc, DocBin

from spacy_dlfa.apply import inputs, pieces
from spacy_dlfa.apply.inputs import find_inputs, stem_of
from spacy_dlfa.apply.pieces import cut
from spacy_dlfa.apply.settings import Fields
from tests.apply.conftest import contents, rows_of, run, write_lines

pytestmark = pytest.mark.usefixtures("here")
TEXTS = ["Anna lives in Oslo", "Ω 北京", "Oslo"]


def write(path):
    """Write the texts in any format."""
    rows = [{"text": text, "id": i, "other": 1} for i, text in enumerate(TEXTS)]
    kind = path.name.lower().partition(".")[2]
    if kind.startswith("jsonl"):
        data = "\ufeff" + "".join(json.dumps(row) + "\r\n" for row in rows)
    else:
        data = "\n".join(TEXTS)
    if kind.endswith("gz"):
        path.write_bytes(gzip.compress(data.encode("utf8")))
    elif kind.endswith("xz"):
        path.write_bytes(lzma.compress(data.encode("utf8")))
    elif kind == "parquet":
        parquet.write_table(pa.Table.from_pylist(rows), path, row_group_size=2)
    elif kind == "spacy":
        vocab = spacy.blank("xx").vocab
        docs = [Doc(vocab, text.split()) for text in TEXTS]
        for i, doc in enumerate(docs):
            doc.user_data["id"] = i
        DocBin(docs=docs, store_user_data=True).to_disk(path)
    else:
        path.write_bytes(data.encode("utf8"))
    return path


@pytest.mark.parametrize("suffix", [*inputs.KINDS, *map(str.upper, inputs.KINDS)])
def test_every_kind(pipeline, tmp_path, suffix):
    path = write(tmp_path / f"in{suffix}")
    assert run(pipeline, path, tmp_path / "out").exit_code == 0
    rows = rows_of(tmp_path / "out")
    assert [row["row"] for row in rows] == [1, 2, 3]
    found = [[ent["text"] for ent in row["entities"]] for row in rows]
    assert found == [["Oslo"], ["北京"], ["Oslo"]]
    ids = [None] * 3 if "txt" in suffix.lower() else ["0", "1", "2"]
    assert [row["id"] for row in rows] == ids


@pytest.mark.parametrize("name", ["deu_Latn.txt", "deu_Latn.TXT", "deu_Latn.Txt.XZ"])
def test_stems(name):
    assert stem_of(Path(name)) == "deu_Latn"


def test_words_of_docs_are_kept_and_their_annotation_is_not(pipeline, tmp_path):
    vocab = spacy.blank("xx").vocab
    doc = Doc(vocab, ["Os", "lo"], [False, False], tags=["X", "X"], ents=["B-OLD", "O"])
    DocBin(docs=[doc]).to_disk(tmp_path / "in.spacy")
    run(pipeline, tmp_path / "in.spacy", tmp_path / "out")
    (row,) = rows_of(tmp_path / "out")
    assert [(tag["start"], tag["end"]) for tag in row["tags"]] == [(0, 2), (2, 4)]
    assert row["entities"] == []


def test_names_of_fields(pipeline, tmp_path):
    path = write_lines(
        tmp_path / "in.jsonl", [{"body": "Oslo", "key": 7, "lang": "nb"}, {"text": "Oslo"}]
    )
    names = ("--text-field", "body", "--id-field", "key", "--language-field", "lang")
    assert run(pipeline, path, tmp_path / "out", *names).exit_code == 1
    row, other = rows_of(tmp_path / "out")
    assert (row["id"], row["language"], len(row["entities"])) == ("7", "nb", 1)
    assert "found no field 'body' but 'text'" in other["error"]


def test_docs_have_names_of_their_own(pipeline, tmp_path):
    path = write(tmp_path / "in.spacy")
    names = ("--id-field", "words", "--language-field", "spaces")
    assert run(pipeline, path, tmp_path / "out", *names).exit_code == 0
    found = [(row["id"], row["language"], row["error"]) for row in rows_of(tmp_path / "out")]
    assert found == [("0", None, None), ("1", None, None), ("2", None, None)]


def test_an_id_of_a_doc_that_is_no_json(tmp_path):
    doc = Doc(spacy.blank("xx").vocab, ["Oslo"])
    doc.user_data["id"] = {(1, 2): 3}
    DocBin(docs=[doc], store_user_data=True).to_disk(tmp_path / "in.spacy")
    with pytest.raises(ValueError, match="an id or a language of document 1 that is no JSON"):
        list(inputs.read_rows(tmp_path / "in.spacy", Fields()))


def test_folders_and_patterns(tmp_path):
    for name in ("b.jsonl", "a.TXT", "deep/c.jsonl.gz", "notes.md", ".hidden/d.txt", "_e.txt"):
        (tmp_path / "in" / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / "in" / name).touch()

    def names(*given, output="out"):
        paths = find_inputs([str(tmp_path / each) for each in given], tmp_path / output)
        return [path.name for path in paths]

    assert names("in") == ["a.TXT", "b.jsonl", "c.jsonl.gz"]
    assert names("in/*.jsonl", "in") == ["b.jsonl", "a.TXT", "c.jsonl.gz"]
    assert names("in/**/*.gz") == ["c.jsonl.gz"]
    # As where the shell fills it in
    assert names("in/[bd]*") == ["b.jsonl", "c.jsonl.gz"]
    # Rows are no input, if they are written into the folder of the texts.
    assert names("in", output="in/deep") == ["a.TXT", "b.jsonl"]
    assert names("in/**/[abc]*", output="in/deep") == ["a.TXT", "b.jsonl"]
    for given, found in {
        "in/*.csv": "found no such file",
        "nowhere": "found no such file",
        "in/notes.md": "found the suffix '.md'",
    }.items():
        with pytest.raises(ValueError, match=found) as error:
            names(given)
        assert "*.jsonl" in str(error.value)


def test_only_the_output_folder(tmp_path):
    write_lines(tmp_path / "in" / "a.jsonl", [])
    for given in ("in", "in/*.jsonl", "in/a.jsonl"):
        with pytest.raises(ValueError, match="found only files in the output folder"):
            find_inputs([str(tmp_path / given)], tmp_path / "in")


def test_a_pattern_does_not_find_the_rows_of_the_run_before(pipeline, tmp_path):
    write_lines(tmp_path / "in" / "a.jsonl", [{"text": "Oslo"}] * 2)
    for _ in range(2):
        assert run(pipeline, tmp_path / "**" / "*.jsonl", tmp_path / "rows").exit_code == 0
        assert len(rows_of(tmp_path / "rows")) == 2


def test_links_to_folders_are_followed_though_in_a_circle(tmp_path):
    inside = write_lines(tmp_path / "in" / "b.jsonl", [])
    outside = write_lines(tmp_path / "other" / "a.jsonl", [])
    (inside.parent / "link").symlink_to(outside.parent)
    (outside.parent / "back").symlink_to(inside.parent)
    (outside.parent / "here").symlink_to(outside.parent)
    paths = find_inputs([str(inside.parent)], None)
    assert paths == [inside, inside.parent / "link" / "a.jsonl"]


@pytest.mark.parametrize("given", ["in", "in/b*", "in/b.jsonl"])
def test_a_link_that_leads_nowhere(tmp_path, given):
    write_lines(tmp_path / "in" / "a.jsonl", [])
    (tmp_path / "in" / "b.jsonl").symlink_to(tmp_path / "not-mounted" / "b.jsonl")
    (tmp_path / "in" / "notes").symlink_to(tmp_path / "not-mounted" / "notes")
    with pytest.raises(ValueError, match=r"in/b\.jsonl: found no such file"):
        find_inputs([str(tmp_path / given)], None)


def test_a_folder_that_can_not_be_read(tmp_path, monkeypatch):
    inside = write_lines(tmp_path / "in" / "a.jsonl", []).parent / "sub"
    inside.mkdir()
    scan = os.scandir

    def refuse(path):
        if Path(path) == inside:  # root may read any
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    result = run("any", inside.parent, tmp_path / "out")
    assert result.exit_code == 1
    assert result.stderr == f"{inside}: Permission denied\n"


@pytest.mark.skipif(sys.platform != "linux", reason="names must be UTF-8")
def test_a_name_that_is_not_utf8(pipeline, tmp_path):
    folder = tmp_path / os.fsdecode(b"d\xfcr")
    write_lines(folder / "a.jsonl", [{"text": "Oslo"}])
    for _ in range(2):
        assert run(pipeline, folder, tmp_path / "out").exit_code == 0
    (row,) = rows_of(tmp_path / "out")
    assert row["file"] == str(tmp_path / "d?r" / "a.jsonl")


def test_one_bad_file_costs_itself(pipeline, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    write(folder / "b.jsonl")
    (folder / "a.parquet").write_bytes(b"PAR1 no table PAR1")
    parquet.write_table(pa.table({"body": ["a"], "n": [1]}), folder / "c.parquet")
    parquet.write_table(pa.table({"text": [b"a"]}), folder / "d.parquet")
    parquet.write_table(pa.table({"text": [1, 2]}), folder / "e.parquet")
    (folder / "f.spacy").write_bytes(b"no docs")
    same = pa.Table.from_arrays([pa.array(["a"]), pa.array(["b"])], names=["text", "text"])
    parquet.write_table(same, folder / "h.parquet")
    (folder / "j.txt").write_text("Oslo\nOslo\n", "utf-16")
    late = pa.array([10**9], pa.date32())
    parquet.write_table(pa.table({"text": ["a"], "id": late}), folder / "i.parquet")
    whole = gzip.compress(b'{"text": "Oslo"}\n' * 5000, compresslevel=0)
    (folder / "g.jsonl.gz").write_bytes(whole[:-2000])
    result = run(pipeline, folder, tmp_path / "out")
    assert result.exit_code == 1
    *_, a, c, d, f, g, h, i, j, last = result.stderr.splitlines()
    assert a.startswith(f"{folder / 'a.parquet'}: ")
    assert "c.parquet: found no column 'text' among body, n; name the one" in c
    assert "d.parquet: found bytes in 'text'; expected text" in d
    assert "f.spacy: found no documents" in f
    assert f"{folder / 'g.jsonl.gz'}: " in g
    assert "h.parquet: found more than one column 'text'" in h
    assert i.startswith(f"{folder / 'i.parquet'}: ")
    assert "j.txt: found UTF-16" in j
    assert "8 files could not be read to their end" in last
    rows = rows_of(tmp_path / "out")
    # Each row of a file with numbers says so; of one that is cut, what was whole is there.
    assert [row["error"] for row in rows if "e.parquet" in row["file"]] == [
        "found a number in 'text'; expected a text"
    ] * 2
    assert sum("b.jsonl" in row["file"] for row in rows) == 3
    assert sum("g.jsonl.gz" in row["file"] for row in rows) >= 4000


BAD_TEXT = pa.array([b"Oslo"] * 300 + [b"\xff"] + [b"Oslo"] * 9)
DAMAGED = {
    "cut.txt.gz": lambda: gzip.compress(b"Oslo\n" * 300 + os.urandom(500))[:-100],
    "more.txt.gz": lambda: gzip.compress(b"Oslo\n" * 300) + b"more",
    "text.parquet": lambda: pa.Array.from_buffers(pa.string(), 310, BAD_TEXT.buffers()),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_rows_before_the_damage(tmp_path, name):
    data = DAMAGED[name]()
    if isinstance(data, bytes):
        (tmp_path / name).write_bytes(data)
    else:
        parquet.write_table(pa.table({"text": data}), tmp_path / name)
    found = []
    with pytest.raises(inputs.READ_ERRORS):
        found.extend(cut(tmp_path / name, 0, Fields(), 200))
    rows = [row for piece in found for row, _ in piece.rows]
    assert rows[:300] == [*range(1, 301)]


def test_a_piece_is_not_done_in_part_for_a_disk_that_fails(tmp_path, monkeypatch):
    """Read again, it has all its rows, and another output would be in its place."""

    def fail(*args):
        yield from (inputs.Raw(row, b"Oslo", row) for row in range(1, 6))
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(pieces, "read_rows", fail)
    found = []
    with pytest.raises(OSError, match="Input/output error"):
        found.extend(cut(tmp_path / "in.txt", 0, Fields(), 3))
    assert [len(piece.rows) for piece in found] == [3]


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_is_no_text(tmp_path, mark, encoding):
    path = tmp_path / "in.txt"
    path.write_bytes(f"{mark}Oslo\n北京\n".encode(encoding))
    with pytest.raises(ValueError, match="found UTF-16, or"):
        list(inputs.read_rows(path, Fields()))


@pytest.mark.parametrize("first", [b"\0" * 8, b'{"text": "A\0"}\n', b"\0" * 9 + b"\n", b"\n"])
def test_a_nul_spoils_its_line_alone(tmp_path, first):
    """Also the first: a log that was cut while it was written begins with NULs."""
    path = tmp_path / "in.jsonl"
    path.write_bytes(first + b'{"text": "Oslo"}\n' * 3)
    rows = list(inputs.read_rows(path, Fields()))
    assert [row.content for row in rows[-2:]] == [b'{"text": "Oslo"}'] * 2


def test_ids_may_be_bytes(tmp_path):
    path = tmp_path / "in.parquet"
    ids = [b"a", "Ω".encode(), None, b"\xff"]
    parquet.write_table(pa.table({"text": ["Oslo"] * 4, "id": ids}), path)
    found = []
    with pytest.raises(ValueError, match="found bytes in 'id'"):
        found.extend(inputs.read_rows(path, Fields()))
    assert [json.loads(raw.content)["id"] for raw in found] == ["a", "Ω", None]


def test_an_endless_line_is_a_row(pipeline, tmp_path, monkeypatch):
    monkeypatch.setattr(inputs, "LONGEST", 100)
    path = tmp_path / "in.txt"
    path.write_text(f"Oslo\n{'a' * 1000}\n{'b' * 98}\n{'c' * 99}\n{'d' * 500}")
    assert run(pipeline, path, tmp_path / "out").exit_code == 1
    rows = rows_of(tmp_path / "out")
    assert [row["row"] for row in rows] == [1, 2, 3, 4, 5]
    assert [bool(row["error"]) for row in rows] == [False, True, False, True, True]
    assert "or more" in rows[1]["error"]


def test_an_endless_text_of_a_table_is_a_row(pipeline, tmp_path, monkeypatch):
    monkeypatch.setattr(inputs, "LONGEST", 100)
    texts = pa.table({"text": ["Oslo", "a" * 1000, "Bonn", "b" * 100, "c" * 50]})
    parquet.write_table(texts, tmp_path / "in.parquet", row_group_size=3)
    assert run(pipeline, tmp_path / "in.parquet", tmp_path / "out").exit_code == 1
    rows = rows_of(tmp_path / "out")
    assert [bool(row["error"]) for row in rows] == [False, True, False, True, False]
    assert "bytes or more" in rows[1]["error"]


def test_wide_tables_are_read_in_small_parts(tmp_path, monkeypatch):
    wide = pa.table({"text": [f"{n}" * 5000 for n in range(10)], "image": [b"x" * 50_000] * 10})
    parquet.write_table(wide, tmp_path / "in.parquet", use_dictionary=False)
    sizes = []
    read = parquet.ParquetFile.iter_batches

    def spy(self, *args, **kwargs):
        for batch in read(self, *args, **kwargs):
            sizes.append(batch.num_rows)
            yield batch

    monkeypatch.setattr(parquet.ParquetFile, "iter_batches", spy)
    monkeypatch.setattr(inputs, "_BATCH_BYTES", 20_000)
    rows = list(inputs.read_rows(tmp_path / "in.parquet", Fields()))
    assert [row.row for row in rows] == [*range(1, 11)]
    # Ten thousand bytes a row; what isn't read doesn't count
    assert max(sizes) in (3, 4)


def test_pieces(tmp_path, monkeypatch):
    path = tmp_path / "in.txt"
    path.write_text("".join(f"{i:09}\n" for i in range(10)))
    found = list(cut(path, 3, Fields(), 4))
    assert [[row for row, _ in piece.rows] for piece in found] == [
        [1, 2, 3, 4],
        [5, 6, 7, 8],
        [9, 10],
    ]
    assert [piece.place for piece in found] == [(3, 0), (3, 1), (3, 2)]
    assert [piece.size for piece in found] == [40, 40, 20]
    # Long rows make small pieces.
    monkeypatch.setattr(pieces, "LARGEST", 20)
    assert [len(piece.rows) for piece in cut(path, 0, Fields(), 4)] == [3, 3, 3, 1]


def test_no_document_at_all(pipeline, tmp_path):
    (tmp_path / "in.jsonl").write_text("\n\n")
    result = run(pipeline, tmp_path / "in.jsonl", tmp_path / "out")
    assert result.exit_code == 0
    assert "0 documents: " in result.stdout
    assert contents(tmp_path / "out") == {}
