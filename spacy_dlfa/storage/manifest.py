"""The manifest of a saved encoder: format, version, and a checksum of each of its files."""

import hashlib
import json
import re
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

#: Goes up when an older version of this package could not read what this one saves.
FORMAT = 1
MANIFEST = "spacy_dlfa.json"

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_KEYS = {"format", "version", "sha256"}
_AGAIN = "Save or download the pipeline again"


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
        raise _error("it is not a map of files", _AGAIN)
    for name in files:
        if not (isinstance(name, str) and _NAME.fullmatch(name)):
            raise _error(f"it names a file {name!r} outside its folder", _AGAIN)
    digests = _read(files)["sha256"]
    content = {name: data for name, data in files.items() if name != MANIFEST}
    for name in sorted({*content, *digests}):
        if name not in content:
            raise _error(f"{name} is missing", _AGAIN)
        if name not in digests:
            raise _error(f"{name} is not in its {MANIFEST}", _AGAIN)
        if _digest(content[name]) != digests[name]:
            found = f"{name} is damaged: its SHA-256 is not the one of what was saved"
            raise _error(f"{found} ({len(content[name])} bytes)", _AGAIN)
    return content


def _read(files: Mapping[str, bytes]) -> dict[str, Any]:
    if MANIFEST not in files:
        raise _error(
            f"found {sorted(files)} without {MANIFEST}, which spacy_dlfa 0.1.0 did not save",
            f"Train it again with this version, {version('spacy_dlfa')}",
        )
    try:
        manifest = json.loads(files[MANIFEST])
    except ValueError as err:
        raise _error(f"{MANIFEST} is damaged: {err}", _AGAIN) from err
    if not isinstance(manifest, dict) or not isinstance(manifest.get("format"), int):
        raise _error(f"{MANIFEST} is damaged: it has no format number", _AGAIN)
    if manifest["format"] > FORMAT:
        raise _error(
            f"spacy_dlfa {manifest.get('version')} saved it in format {manifest['format']}, but "
            f"this is spacy_dlfa {version('spacy_dlfa')}, which reads format {FORMAT}",
            f"Install spacy_dlfa {manifest.get('version')} or newer",
        )
    known = manifest["format"] == FORMAT and set(manifest) == _KEYS
    if not known or not isinstance(manifest["sha256"], dict):
        raise _error(f"{MANIFEST} is damaged: format {manifest['format']}, {[*manifest]}", _AGAIN)
    return manifest


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _error(found: str, remedy: str) -> ValueError:
    return ValueError(f"Can't load the saved encoder: {found}. {remedy}")
