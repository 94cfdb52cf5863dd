"""Feed damaged files to the readers of corpora and the loader of encoders.

    python -m tests.reliability.fuzz readers --inputs 100000 --seed 0
    python -m tests.reliability.fuzz loader --inputs 5000 --seed 0

Each input is a real file that was cut, flipped, spliced, repeated or encoded otherwise. Readers may
give documents or an error that names file and line; the loader the encoder that was saved, whole,
or an error that names what is damaged. Anything else is printed with the number of the input.
"""

import argparse
import itertools
import re
import tempfile
import time
from collections import Counter
from pathlib import Path
from random import Random

import srsly

from spacy_dlfa.corpora.formats import find_format, make_tokenizer
from spacy_dlfa.encoder.pretrained import load_pretrained, pack, unpack
from spacy_dlfa.errors import CorpusError
from spacy_dlfa.pipeline.transformer_model import TransformerModel
from spacy_dlfa.storage.manifest import MANIFEST
from tests.checkpoints import save_checkpoint
from tests.reliability.encoder_files import read_folder, reseal, write_folder
from tests.reliability.pipelines import ours

ASSETS = Path(__file__).parents[2] / "assets"
# A file of each format, and how many of its lines are enough
CORPORA = {
    "ner/test/qaf_arabizi.iob2": 60,
    "ner/test/zh_pud.iob2": 40,
    "pos/test/ar_pud.conllu": 50,
    "pos/test/fr_pud.conllu": 50,
    "textcat/test/tha_Thai.tsv": 8,
    "pairs/test/ja_test.tsv": 8,
}
XNLI = (
    "language\tgold_label\tsentence1\tsentence2\tpairID\n"
    "de\tneutral\tAlso gut.\tNein.\t1\nzh\tcontradiction\t好的。\t不。\t2\n"
)
BYTES = [b"\0", b"\xef\xbb\xbf", b"\r", b"\r\n", b"\n", b"\n\n", b"\t", b'"', b"\xff", b"\x85"]
BYTES += [b"#", b"# text = ", b"-", b"\xe2\x80\xa8", b"\xed\xa0\x80", b"9" * 5000, b"1-999999999\t"]
ENCODINGS = ["utf-16", "utf-32", "latin-1", "utf-7", "cp1251", "utf-8-sig"]


def seeds() -> list[tuple[str, bytes]]:
    """The heads of real corpus files: suffix and content."""
    heads = []
    for name, lines in CORPORA.items():
        with (ASSETS / name).open("rb") as file:
            content = b"".join(itertools.islice(file, lines))
        heads.append((Path(name).suffix, content))
    return [*heads, (".tsv", XNLI.encode())]


def mutate(content: bytes, others: list[bytes], choose: Random) -> bytes:
    """Damage a file in one to three ways."""
    for _ in range(choose.choice([1, 1, 2, 3])):
        content = choose.choice(DAMAGES)(content, others, choose)
    return content


def _span(content, choose):
    return sorted(choose.randint(0, len(content)) for _ in range(2))


def _truncate(content, others, choose):
    return content[: choose.randint(0, len(content))]


def _flip(content, others, choose):
    damaged = bytearray(content)
    for _ in range(choose.randint(1, 8) if damaged else 0):
        damaged[choose.randrange(len(damaged))] ^= 1 << choose.randrange(8)
    return bytes(damaged)


def _remove(content, others, choose):
    start, end = _span(content, choose)
    return content[:start] + content[end:]


def _splice(content, others, choose):
    other = choose.choice(others)
    start, end = _span(other, choose)
    at = choose.randint(0, len(content))
    return content[:at] + other[start:end] + content[at:]


def _repeat(content, others, choose):
    start, end = _span(content, choose)
    return content[:end] + content[start:end] * choose.randint(1, 3) + content[end:]


def _shuffle(content, others, choose):
    lines = content.splitlines(keepends=True)
    choose.shuffle(lines)
    return b"".join(lines)


def _insert(content, others, choose):
    at = choose.randint(0, len(content))
    return content[:at] + choose.choice(BYTES) + content[at:]


def _columns(content, others, choose):
    columns = content.split(b"\t")
    columns[choose.randrange(len(columns))] = choose.choice(
        [b"", b" ", b"_", b"O", b"1", b"\xc2\xa0"]
    )
    return b"\t".join(columns)


def _line_ends(content, others, choose):
    return content.replace(b"\n", choose.choice([b"\r\n", b"\r", b"\n\n", b"", b"\x0b"]))


def _encode(content, others, choose):
    # Not "replace", by which a text would become question marks: see _lengthen
    return content.decode(errors="replace").encode(choose.choice(ENCODINGS), errors="ignore")


def _lengthen(content, others, choose):
    at = choose.randint(0, len(content))
    long = choose.choice([b"a", "我".encode(), b"a "]) * choose.choice([1_000, 20_000])
    # Apart from the rest: spaCy's tokenizer needs quadratic time for punctuation at a word's ends
    return content[:at] + b" " + long + b" " + content[at:]


DAMAGES = [_truncate, _flip, _remove, _splice, _repeat, _shuffle, _insert, _columns, _line_ends]
# Slow ones, so more seldom
DAMAGES = [*DAMAGES * 4, _encode, _encode, _encode, _lengthen]


def read(path: Path, nlp) -> str:
    """Read a corpus; returns what came out of it, "documents" or "error".

    RAISES (AssertionError): If an error does not name file and line.
    """
    try:
        corpus_format = find_format(path)
        for doc in corpus_format.read(nlp):
            corpus_format.tally(doc)
    except CorpusError as err:
        place = rf"\[DL1\d\d\] {re.escape(str(path))}, line (\d+)"
        found = re.match(rf"{place}: found .+; expected .+", str(err))
        lines = path.read_bytes().count(b"\n") + 2
        _check(found, f"an unclear error: {err}")
        _check(1 <= int(found[1]) <= lines, f"line {found[1]} of {lines}")
        _check("\n" not in str(err), "an error of several lines")
        _check(len(str(err)) < 1000, "a very long error")
        return "error"
    return "documents"


def load_folder(path: Path, files: dict[str, bytes]) -> str:
    """Load the files of an encoder as `name` names them; returns "encoder" or "error"."""
    folder = write_folder(files, path)
    try:
        load_pretrained(folder, {}, {})
    except ValueError as err:
        _check(
            _without_code(err).startswith(f"Can't load the encoder '{folder}': "), f"unclear: {err}"
        )
        return "error"
    return "encoder"


def load_saved(saved: dict[str, bytes], files: dict[str, bytes], *, sealed: bool) -> str:
    """Load a saved encoder's files; returns "encoder" or "error".

    RAISES (AssertionError): If damage that the checksums cover went unnoticed.
    """
    try:
        # A copy, as it takes the files out of the map
        unpack(reseal(files) if sealed else dict(files))
    except ValueError as err:
        _check(_without_code(err).startswith("Can't load the saved encoder: "), f"unclear: {err}")
        return "error"
    same = {key: value for key, value in files.items() if key != MANIFEST} == {
        key: value for key, value in saved.items() if key != MANIFEST
    }
    _check(sealed or same, "damage went unnoticed")
    return "encoder"


def _without_code(error: ValueError) -> str:
    return str(error).partition("] ")[2]


def _check(fine: bool, message: str) -> None:
    if not fine:
        raise AssertionError(message)


def load_model(model: TransformerModel, saved: bytes, damaged: bytes) -> str:
    """Load a damaged file `model` of a transformer component; returns "encoder" or "error".

    RAISES (AssertionError): If damage went unnoticed.
    """
    try:
        TransformerModel(**model.settings).from_bytes(damaged)
    except ValueError as err:
        _check(_without_code(err).startswith("Can't load the saved "), f"unclear: {err}")
        return "error"
    files = [srsly.msgpack_loads(data)["shims"][1][0] for data in (saved, damaged)]
    bare = [{**srsly.msgpack_loads(file), MANIFEST: b""} for file in files]
    _check(bare[0] == bare[1], "damage went unnoticed")
    return "encoder"


def fuzz_readers(inputs: int, seed: int) -> Counter:
    """Read damaged corpora."""
    files = seeds()
    counts: Counter = Counter()
    nlp = make_tokenizer()
    with tempfile.TemporaryDirectory() as folder:
        for number in range(inputs):
            if number % 5000 == 4999:
                nlp = make_tokenizer()  # its vocab grows with every new word
            choose = Random(f"{seed} {number}")
            suffix, content = choose.choice(files)
            path = Path(folder, f"a{suffix}")
            path.write_bytes(mutate(content, [other for _, other in files], choose))
            counts[f"{suffix} {_outcome(number, read, path, nlp)}"] += 1
    return counts


def fuzz_loader(inputs: int, seed: int) -> Counter:
    """Load damaged encoders: folders, saved ones, with new checksums, and the files around them."""
    counts: Counter = Counter()
    with tempfile.TemporaryDirectory() as folder:
        bare = read_folder(save_checkpoint("bert", Path(folder, "bert")))
        model = ours(str(Path(folder, "bert"))).get_pipe("transformer").model
        model.initialize()
        saved, whole = pack(model.shim.hf_model), model.to_bytes()
        for number in range(inputs):
            choose = Random(f"{seed} {number}")
            kind = ("folder", "saved", "resealed", "model")[number % 4]
            files = dict(bare if kind == "folder" else saved)
            for name in choose.sample(sorted(files), choose.choice([1, 1, 1, 2])):
                files[name] = mutate(files[name], list(files.values()), choose)
            if kind == "folder":
                outcome = _outcome(number, load_folder, Path(folder, str(number)), files)
            elif kind == "model":
                damaged = mutate(whole, [whole], choose)
                outcome = _outcome(number, load_model, model, whole, damaged)
            else:
                sealed = kind == "resealed"
                outcome = _outcome(number, load_saved, saved, files, sealed=sealed)
            counts[f"{kind} {outcome}"] += 1
    return counts


def _outcome(number, function, *args, **kwargs) -> str:
    start = time.perf_counter()
    try:
        outcome = function(*args, **kwargs)
    except BaseException as err:
        if isinstance(err, KeyboardInterrupt):
            raise
        print(f"input {number}: {type(err).__name__}: {str(err)[:300]}", flush=True)
        return "BROKEN"
    if time.perf_counter() - start > 10:
        print(f"input {number}: {time.perf_counter() - start:.0f} s", flush=True)
        return "SLOW"
    return outcome


def main() -> None:
    """Run and report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["readers", "loader"])
    parser.add_argument("--inputs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    start = time.perf_counter()
    counts = {"readers": fuzz_readers, "loader": fuzz_loader}[args.what](args.inputs, args.seed)
    print(f"{args.inputs} inputs, seed {args.seed}, {time.perf_counter() - start:.0f} s")
    for outcome, count in sorted(counts.items()):
        print(f"{count:8}  {outcome}")
    raise SystemExit(any(end in outcome for outcome in counts for end in ("BROKEN", "SLOW")))


if __name__ == "__main__":
    main()
