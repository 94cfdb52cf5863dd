"""Large files in parts that travel, with checksums."""

import hashlib
import lzma
import re
from pathlib import Path

from spacy_dlfa import atomic

SUMS = "SHA256SUMS"
_LINE = re.compile(r"([0-9a-f]{64})  ([^/]+)")


def split_file(path: Path, folder: Path, mib: int, compress: bool = False) -> list[Path]:
    """Write a file as parts of at most `mib` MiB, and SHA256SUMS of the parts and the whole.

    compress (bool): Whether the parts are those of the file as `.xz`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    whole = path.read_bytes()
    data, suffix = (lzma.compress(whole), ".xz") if compress else (whole, "")
    parts: list[Path] = []
    sums = []
    for start in range(0, max(1, len(data)), mib << 20):
        part = folder / f"{path.name}{suffix}.{len(parts):03}"
        chunk = data[start : start + (mib << 20)]
        atomic.write_bytes(part, chunk)
        sums.append(f"{hashlib.sha256(chunk).hexdigest()}  {part.name}\n")
        parts.append(part)
    sums.append(f"{hashlib.sha256(whole).hexdigest()}  {path.name}\n")
    # Last, since its file says that the folder is whole
    atomic.write_bytes(folder / SUMS, "".join(sums).encode("utf8"))
    return parts


def join_parts(folder: Path, output: Path) -> Path:
    """Put parts together again in the folder `output`; returns the file.

    RAISES (ValueError): If SHA256SUMS, a part or a checksum is wrong.
    """
    if not (folder / SUMS).exists():
        raise ValueError(f"{folder}: no {SUMS}; `split` writes it last")
    listed = []
    for number, line in enumerate((folder / SUMS).read_text(encoding="utf8").splitlines(), 1):
        match = _LINE.fullmatch(line)
        if match is None:
            raise ValueError(f"{folder / SUMS}, line {number}: expected a checksum and a name")
        listed.append(match.groups())
    if len(listed) < 2:
        raise ValueError(f"{folder / SUMS}: expected a line for each part and one for the whole")
    chunks = []
    for digest, name in listed[:-1]:
        part = folder / name
        if not part.exists():
            raise ValueError(f"{part}: missing; bring it along")
        chunks.append(part.read_bytes())
        if hashlib.sha256(chunks[-1]).hexdigest() != digest:
            raise ValueError(f"{part}: another checksum than in {SUMS}; copy it again")
    data = b"".join(chunks)
    digest, name = listed[-1]
    if listed[0][1].startswith(f"{name}.xz."):
        data = lzma.decompress(data)
    if hashlib.sha256(data).hexdigest() != digest:
        raise ValueError(f"{folder}: the parts don't give {name}; split it again")
    atomic.write_bytes(output / name, data)
    return output / name
