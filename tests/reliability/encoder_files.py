"""Damage done to the files of an encoder: in a folder, or in a saved pipeline."""

import json
import struct
from pathlib import Path

import srsly
import torch
from safetensors.torch import load, save

from spacy_dlfa.storage.manifest import MANIFEST, seal

WEIGHTS = "model.safetensors"
CONFIG = "config.json"
MODEL = Path("transformer", "model")


def read_folder(folder):
    return {path.name: path.read_bytes() for path in Path(folder).iterdir()}


def write_folder(files, folder):
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return str(folder)


def read_saved(pipeline):
    """The files within a saved pipeline's encoder."""
    return srsly.msgpack_loads(srsly.read_msgpack(pipeline / MODEL)["shims"][1][0])


def write_saved(files, pipeline):
    """Put other files into a saved pipeline's encoder."""
    model = srsly.read_msgpack(pipeline / MODEL)
    model["shims"][1][0] = srsly.msgpack_dumps(files)
    srsly.write_msgpack(pipeline / MODEL, model)


def reseal(files):
    """What somebody makes of a saved encoder who knows of its checksums."""
    return seal({name: content for name, content in files.items() if name != MANIFEST})


def change(name, content):
    """Replace a file: a function of files. The new content may be a function of the old."""

    def changed(files):
        new = content(files[name]) if callable(content) else content
        return {**files, name: new}

    return changed


def remove(*names):
    return lambda files: {name: files[name] for name in files if name not in names}


def settings(name, **values):
    return change(name, lambda old: json.dumps({**json.loads(old), **values}).encode())


def tensors(function):
    """Replace the weights by a function of them."""
    return change(WEIGHTS, lambda old: save(function(load(old)), {"format": "pt"}))


def header(function):
    """Replace the header of the weights by a function of it, a text."""

    def replaced(old):
        (size,) = struct.unpack("<Q", old[:8])
        new = function(old[8 : 8 + size].decode()).encode()
        return struct.pack("<Q", len(new)) + new + old[8 + size :]

    return change(WEIGHTS, replaced)


def with_nan(weights):
    weights["encoder.layer.1.output.dense.weight"][2, 3] = torch.nan
    return weights


def with_piece(old, index):
    """A tokenizer.json with one more word piece."""
    table = json.loads(old)
    table["model"]["vocab"]["one-more"] = index
    return json.dumps(table).encode()


# Fault of the catalogue, what is done to the files, and what the error says
FAULTS = {
    "49-truncated": (change(WEIGHTS, lambda old: old[:-100]), WEIGHTS),
    "49-truncated-header": (change(WEIGHTS, lambda old: old[:100]), WEIGHTS),
    "49-empty": (change(WEIGHTS, b""), WEIGHTS),
    "49-magic": (change(WEIGHTS, lambda old: b"\xff" + old[1:]), WEIGHTS),
    "49-page": (change(WEIGHTS, b"<!DOCTYPE html><title>404</title>"), WEIGHTS),
    "49-pointer": (change(WEIGHTS, b"version https://git-lfs.github.com/spec/v1\n"), WEIGHTS),
    "49-missing": (remove(WEIGHTS), f"{WEIGHTS} is missing"),
    "49-missing-config": (remove(CONFIG), f"{CONFIG} is missing"),
    "49-missing-tokenizer": (remove("tokenizer.json"), "tokenizer can't be read"),
    "49-config": (change(CONFIG, lambda old: old[:-9]), f"{CONFIG} can't be read as JSON"),
    "49-config-encoding": (change(CONFIG, b"\xff\xfe{}"), f"{CONFIG} can't be read as JSON"),
    "49-config-list": (change(CONFIG, b"[1]"), f"{CONFIG} holds no settings"),
    "49-config-number": (change(CONFIG, b"1"), f"{CONFIG} holds no settings"),
    "49-nested": (
        change("tokenizer_config.json", b"[" * 100_000 + b"]" * 100_000),
        "tokenizer_config.json can't be read as JSON",
    ),
    "49-config-unknown": (settings(CONFIG, model_type="unheard-of"), f"{CONFIG}.*unheard-of"),
    "49-tokenizer": (
        change("tokenizer.json", lambda old: old[:999]),
        "tokenizer.json can't be read as JSON",
    ),
    "49-nan": (tensors(with_nan), "encoder.layer.1.output.dense.weight has numbers"),
    "51-missing": (
        tensors(lambda old: {key: old[key] for key in old if "layer.3" not in key}),
        r"the weights lack 16, encoder.layer.3.*another model",
    ),
    "51-more-layers": (
        settings(CONFIG, num_hidden_layers=5),
        r"the weights lack 16, encoder.layer.4.*another model",
    ),
    "51-width": (
        settings(CONFIG, hidden_size=32),
        r"hidden_size = 32\), the weights have other shapes for \d+.*another model",
    ),
    "51-shape": (
        tensors(lambda old: {key: value[:-1].clone() for key, value in old.items()}),
        "the weights have other shapes for",
    ),
    "51-dtype": (
        tensors(lambda old: {key: value.to(torch.int32) for key, value in old.items()}),
        "weights can't be read.*floating point",
    ),
    "52-header-size": (
        change(WEIGHTS, lambda old: struct.pack("<Q", 2**60) + old[8:]),
        f"{WEIGHTS} of .* no safetensors",
    ),
    "52-overlap": (
        header(lambda old: old.replace('"data_offsets":[64,', '"data_offsets":[0,')),
        f"{WEIGHTS} of .* no safetensors",
    ),
    "52-nan-metadata": (
        header(lambda old: old.replace('{"format":"pt"}', '{"format":NaN}')),
        f"{WEIGHTS} of .* no safetensors",
    ),
    "tokenizer-larger": (
        change("tokenizer.json", lambda old: with_piece(old, 10_000)),
        r"word piece 'one-more' has the id 10000, but the encoder has embeddings for .* 0 to 2\d\d",
    ),
}
