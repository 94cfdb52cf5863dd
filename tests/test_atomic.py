import json
import os
import threading
from pathlib import Path

import pytest

from spacy_dlfa.atomic import check_writable, to_json, write_bytes, write_each
from tests.disks import full_disk

BAD = {
    "under a file": "file/page.html",
    "a folder": "folder",
    "a name that is too long": "x" * 256,
    "no folder can be made": "/proc/nowhere/page.html",
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("file").touch()
    Path("folder").mkdir()
    return tmp_path


@pytest.mark.parametrize("name", BAD.values(), ids=BAD)
def test_what_cant_be_written_is_found_before_the_work(folder, name):
    for write in (check_writable, lambda path: write_bytes(path, b"new")):
        with pytest.raises(OSError, match=r"written|folder") as error:
            write(Path(name))
        assert error.value.filename == name
    assert {path.name for path in folder.rglob("*")} == {"file", "folder"}


def test_the_longest_name_can_be_written(folder):
    check_writable(Path("x" * 255))
    write_bytes(Path("x" * 255), b"new")
    assert Path("x" * 255).read_bytes() == b"new"


def test_processes_of_one_number_do_not_meet(folder, monkeypatch):
    """As those of two containers that share a folder: each is the first of its own."""
    parts = []
    monkeypatch.setattr(os, "getpid", lambda: 1)
    monkeypatch.setattr(os, "replace", lambda part, path: parts.append(part))
    for _ in range(2):
        write_bytes(Path("page.html"), b"new")
    assert parts[0] != parts[1]


def test_a_check_leaves_nothing_behind(folder):
    check_writable(Path("new/folders/page.html"))
    check_writable(Path("file"))
    assert {path.name for path in folder.rglob("*")} == {"file", "folder"}


def test_a_file_that_cant_be_written_keeps_none_back(folder):
    bad, worse, good = Path("file/page.html"), Path("file/other.html"), Path("new/page.json")
    with pytest.raises(OSError, match="file is no folder") as error:
        write_each([(bad, b"a"), (good, b"b")])
    assert error.value.filename == str(bad)
    assert good.read_bytes() == b"b"
    with pytest.raises(OSError, match=f"{bad}: .*; {worse}: "):
        write_each([(bad, b"a"), (worse, b"a"), (good, b"c")])
    assert good.read_bytes() == b"c"


def test_a_full_disk_leaves_the_old_file(folder):
    Path("page.html").write_text("old")
    with full_disk(), pytest.raises(OSError, match="can't be written") as error:
        write_bytes(Path("page.html"), bytes(100_000))
    assert error.value.filename == "page.html"
    assert Path("page.html").read_text() == "old"
    assert {path.name for path in folder.iterdir()} == {"file", "folder", "page.html"}


def test_a_pipe_is_written_to(folder):
    os.mkfifo("pipe")
    check_writable(Path("pipe"))
    read = []
    reader = threading.Thread(target=lambda: read.append(Path("pipe").read_bytes()))
    reader.start()
    write_bytes(Path("pipe"), b"new")
    reader.join(timeout=10)
    assert read == [b"new"]
    assert Path("pipe").is_fifo()


def test_json_of_any_name_and_number():
    data = {"d\udcfcr/Größe.txt": [0.1 + 0.2, 1e-9, []], "a": {"b": None}}
    written = to_json(data)
    assert json.loads(written) == data
    assert list(json.loads(written)) == list(data)
    with pytest.raises(ValueError, match="not JSON compliant"):
        to_json({"score": float("nan")})
