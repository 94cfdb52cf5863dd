"""What can be seen of an encoder's files before anything is made of them."""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

WEIGHTS = "model.safetensors"

# What transformers and we read: not the results of a training, nor what macOS leaves beside files
_SETTINGS = re.compile(r"(?!\.).*config\.json")
_READ = re.compile(r"(?!\.).*(config|token|vocab|index|made_with).*\.json")
_WEIGHTS = re.compile(r"(adapter_)?model.*\.safetensors")
_PICKLES = "pytorch_model*.bin"
_SUFFIXES = {".json", ".txt", ".model", ".codes", ".tokenizer", ".jinja"}
# Names of what transformers would read from elsewhere: shards, and the base of an adapter
_ELSEWHERE = re.compile(r".*\.index\.json|adapter_config\.json")
# Settings by which transformers runs code, fetches it, or opens a path; it saves none of them
_REFUSED = re.compile(
    r"auto_map|quantization_config|_?attn_implementation.*|.*backbone.*|.*(_files?|_spm|_ckpt)"
)


def find_damage(folder: Path) -> str | None:
    """Say which file of an encoder's folder is missing or can't be read, if any.

    folder (Path): A folder in Hugging Face's format.
    RETURNS (Optional[str]): The file, and what is wrong with it.
    """
    for path in _find(folder, _READ):
        try:
            content = json.loads(path.read_text(encoding="utf8"))
        except (ValueError, OSError, RecursionError) as err:
            return f"{path.name} can't be read as JSON: {err}"
        if path.name.endswith("config.json") and not isinstance(content, dict):
            return f"{path.name} holds no settings"
    if not (folder / "config.json").is_file():
        return "config.json is missing"
    weights = find_weights(folder)
    if not weights and not any(folder.glob(_PICKLES)):
        return f"{WEIGHTS} is missing"
    for path in weights:
        try:
            with safe_open(path, "pt"):
                pass
        except (SafetensorError, OSError) as err:
            size = path.stat().st_size
            return f"{path.name} of {size} bytes is cut off, damaged or no safetensors: {err}"
    return None


def find_weights(folder: Path) -> list[Path]:
    """List the files of weights in safetensors that transformers reads, sorted."""
    return _find(folder, _WEIGHTS)


def find_foreign(names: Iterable[str]) -> str | None:
    """Say which file does not belong into a saved encoder, if any."""
    for name in names:
        if name != WEIGHTS and (Path(name).suffix not in _SUFFIXES or _ELSEWHERE.fullmatch(name)):
            return f"found {name}; expected {WEIGHTS}, configuration and vocabulary"
    return None


def find_refused(folder: Path) -> str | None:
    """Say which setting of a saved encoder names code or a file, if any."""
    for path in _find(folder, _SETTINGS):
        for key, value in _settings(json.loads(path.read_text(encoding="utf8"))):
            if value is not None and _REFUSED.fullmatch(key):
                return f"{path.name} sets {key} = {str(value)[:80]!r}, which is never followed"
    return None


def _find(folder: Path, names: re.Pattern[str]) -> list[Path]:
    return sorted(path for path in folder.iterdir() if names.fullmatch(path.name))


def _settings(content: Any) -> Iterator[tuple[str, Any]]:
    """List the settings of a configuration, and of the configurations in it."""
    left = [content]
    # Not by recursion: json reads what lies deeper than a generator may
    while left:
        each = left.pop()
        if isinstance(each, dict):
            yield from each.items()
        inside = each.values() if isinstance(each, dict) else each
        left += [value for value in inside if isinstance(value, dict | list)]
