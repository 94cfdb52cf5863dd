"""The manifest of a saved encoder: format, version, and a checksum of each of its files."""

import hashlib
import json
import re
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from spacy_dlfa.errors import Errors

#: Goes up when an older version of this package could not read what this one saves.
FORMAT = 1
MANIFEST = "spacy_dlfa.json"

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_KEYS = {"format", "version", "sha256"}


def seal(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Add a manifest, `spacy_dlfa.json`, to files: a map of names to contents."""
    manifest = {
        "format": FORMAT,
        "version": version("spacy_dlfa"),
        "sha256": {name: _digest(content) for name, content in files.items()},
    }
    return {**files, MANIFEST: json.dumps(manifest, indent=2).encode()}


def unseal(files: Any) -> dict[str, bytes]:
    """Check files against their manifest, and return them without it.

    RAISES (ValueError): If the manifest can't be read or was written by a newer version, or if a
        file is missing, is one too many, has an unsafe name or is not what was saved.
    """
    if not isinstance(files, dict) or not all(isinstance(each, bytes) for each in files.values()):
        raise ValueError(Errors.DL011.format(found="it is not a map of files"))
    for name in files:
        if not (isinstance(name, str) and _NAME.fullmatch(name)):
            raise ValueError(
                Errors.DL011.format(found=f"it names a file {name!r} outside its folder")
            )
    digests = _read(files)["sha256"]
    content = {name: data for name, data in files.items() if name != MANIFEST}
    for name in sorted({*content, *digests}):
        if name not in content:
            raise ValueError(Errors.DL011.format(found=f"{name} is missing"))
        if name not in digests:
            raise ValueError(Errors.DL011.format(found=f"{name} is not in its {MANIFEST}"))
        if _digest(content[name]) != digests[name]:
            found = f"{name} is damaged: its SHA-256 is not the one of what was saved"
            raise ValueError(Errors.DL011.format(found=f"{found} ({len(content[name])} bytes)"))
    return content


def _read(files: Mapping[str, bytes]) -> dict[str, Any]:
    if MANIFEST not in files:
        raise ValueError(
            Errors.DL012.format(
                found=sorted(files), manifest=MANIFEST, version=version("spacy_dlfa")
            )
        )
    try:
        manifest = json.loads(files[MANIFEST])
    except ValueError as err:
        raise ValueError(Errors.DL011.format(found=f"{MANIFEST} is damaged: {err}")) from err
    if not isinstance(manifest, dict) or not isinstance(manifest.get("format"), int):
        raise ValueError(
            Errors.DL011.format(found=f"{MANIFEST} is damaged: it has no format number")
        )
    if manifest["format"] > FORMAT:
        raise ValueError(
            Errors.DL013.format(
                saved=manifest.get("version"),
                saved_format=manifest["format"],
                version=version("spacy_dlfa"),
                format=FORMAT,
            )
        )
    known = manifest["format"] == FORMAT and set(manifest) == _KEYS
    if not known or not isinstance(manifest["sha256"], dict):
        raise ValueError(
            Errors.DL011.format(
                found=f"{MANIFEST} is damaged: format {manifest['format']}, {[*manifest]}"
            )
        )
    return manifest


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
