import hashlib
from fnmatch import fnmatch
from pathlib import Path

import pytest

ASSETS = Path(__file__).parent.parent / "assets"
LINES = (ASSETS / "SHA256SUMS").read_text(encoding="utf8").splitlines()
MANY = ("unlabelled/sib200-train/*.txt.xz", "unlabelled/tatoeba/*.txt")
SUMS = {name: digest for digest, name in (line.split("  ", 1) for line in LINES)}


@pytest.mark.parametrize("name", SUMS)
def test_checksum(name):
    assert hashlib.sha256((ASSETS / name).read_bytes()).hexdigest() == SUMS[name]


def test_every_file_has_a_checksum():
    files = {path.relative_to(ASSETS).as_posix() for path in ASSETS.rglob("*") if path.is_file()}
    assert files - {"SHA256SUMS"} == set(SUMS)


def test_readme_and_one_licence_name_every_data_file():
    readme = (ASSETS / "README.md").read_text(encoding="utf8")
    notices = [path.read_text(encoding="utf8").split() for path in ASSETS.glob("LICENSE-*")]
    listed = {list_as(name) for name in SUMS if "/" in name}
    assert len(listed) == 373
    for name in listed:
        assert f"| `{name}` |" in readme
        assert sum(name in notice for notice in notices) == 1


def list_as(name):
    """Of text without labels there is a line for all languages."""
    return next((every for every in MANY if fnmatch(name, every)), name)
