import json
import os
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from spacy_dlfa.atomic import (
    check_writable,
    new_folder,
    remove_parts,
    to_json,
    write_bytes,
    write_each,
)
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


def test_a_folder_appears_whole_or_not_at_all(folder):
    with suppress(KeyboardInterrupt), new_folder(Path("new/encoder")) as part:
        (part / "config.json").touch()
        raise KeyboardInterrupt
    assert list(folder.glob("new/*")) == list(folder.glob("new/.*")) == []
    with new_folder(Path("new/encoder")) as part:
        (part / "config.json").touch()
        assert not Path("new/encoder").exists()
    assert [path.name for path in folder.glob("new/*")] == ["encoder"]
    assert Path("new/encoder/config.json").is_file()


def test_a_folder_that_another_process_has_written_meanwhile_stays(folder):
    with new_folder(Path("encoder")) as part:
        (part / "mine").touch()
        Path("encoder").mkdir()
        Path("encoder/theirs").touch()
    assert [path.name for path in folder.glob("encoder/*")] == ["theirs"]
    assert not list(folder.glob(".*"))


def test_a_folder_that_cant_be_written(folder):
    with pytest.raises(OSError, match="file is no folder") as error, new_folder(Path("file/new")):
        pass
    assert error.value.filename == "file/new"


def test_half_written_folders_are_removed(folder):
    with suppress(KeyboardInterrupt), new_folder(Path("encoder")) as part:
        left = part
        raise KeyboardInterrupt
    left.mkdir()
    (left / "config.json").touch()
    remove_parts(folder, age=60)
    assert left.is_dir()
    remove_parts(folder)
    assert not left.exists()
