"""What damaged files do to spacy_dlfa and to stock spacy-transformers, with the same encoder.

    python -m tests.reliability.stock_files

Both pipelines are saved, damaged in the same way and loaded again. The table that is printed is the
source of the rows on saved pipelines in docs/reliability.md.
"""

import random
import shutil
import tempfile
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy
import spacy
import srsly
import torch

from tests.checkpoints import save_checkpoint
from tests.reliability import pipelines
from tests.reliability.encoder_files import MODEL

TEXT = "Anna lives in Oslo ."
FLIPS = 200


class Saved:
    """A saved pipeline to be damaged.

    folder (Path): Where it is.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        self.expected = self.predict(folder)

    def predict(self, folder: Path) -> numpy.ndarray:
        nlp = spacy.load(folder)
        return pipelines.vectors(nlp, nlp(TEXT))

    def load(self, damage: Callable[[Path], None]) -> str:
        """Say what becomes of a copy."""
        with tempfile.TemporaryDirectory() as temporary:
            copy = Path(temporary, "a", "b", "pipeline")
            shutil.copytree(self.folder, copy)
            damage(copy)
            try:
                vectors = self.predict(copy)
            except Exception:
                return "an error"
        return "no effect" if numpy.array_equal(vectors, self.expected) else "other vectors"

    def flip(self, name: Path) -> str:
        """Say what single bits of a file do."""
        numbers = random.Random(0)

        def damage(folder: Path) -> None:
            content = bytearray((folder / name).read_bytes())
            content[numbers.randrange(len(content))] ^= 1 << numbers.randrange(8)
            (folder / name).write_bytes(bytes(content))

        found = Counter(self.load(damage) for _ in range(FLIPS))
        return ", ".join(f"{count} {kind}" for kind, count in found.most_common())


def cut(folder: Path) -> None:
    """Leave the last bytes of the model away."""
    (folder / MODEL).write_bytes((folder / MODEL).read_bytes()[:-100])


def write_outside(saved: Saved) -> str:
    """Say whether a saved tokenizer can write a file beside the folder it is unpacked in."""
    target = Path(tempfile.gettempdir(), "spacy_dlfa_was_here")
    model = srsly.read_msgpack(saved.folder / MODEL)
    i, shims = next((i, shims) for i, shims in enumerate(model["shims"]) if shims)
    files = srsly.msgpack_loads(shims[0])
    # Ours is a map of files, and stock's has one for the tokenizer.
    files.get("tokenizer", files)[f"../{target.name}"] = b"x"
    model["shims"][i] = [srsly.msgpack_dumps(files)]
    try:
        saved.load(lambda folder: srsly.write_msgpack(folder / MODEL, model))
        return "writes the file" if target.exists() else "an error, no file"
    finally:
        target.unlink(missing_ok=True)


ROWS: list[tuple[str, str, Callable[[Saved], str]]] = [
    ("49", "the model is cut off", lambda saved: saved.load(cut)),
    ("49", f"{FLIPS} flipped bits in transformer/model", lambda saved: saved.flip(MODEL)),
    ("49", f"{FLIPS} flipped bits in tagger/model", lambda saved: saved.flip(Path("tagger/model"))),
    ("53", "a file name that begins with ../", write_outside),
]


def main() -> None:
    """Print the table."""
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as temporary:
        bert = save_checkpoint("bert", Path(temporary))
        both = []
        for make in (pipelines.ours, pipelines.stock):
            folder = Path(temporary, make.__name__)
            pipelines.train(make(bert), steps=60).to_disk(folder)
            both.append(Saved(folder))
        print("| fault | case | spacy_dlfa | spacy-transformers |\n|---|---|---|---|")
        for number, case, run in ROWS:
            cells = " | ".join(run(saved) for saved in both)
            print(f"| {number} | {case} | {cells} |", flush=True)


if __name__ == "__main__":
    main()
