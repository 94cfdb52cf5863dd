"""Unpack XTREME's four data sets into files that `python -m spacy dlfa convert` reads.

    python scripts/xtreme.py ner corpus/xtreme/download corpus/xtreme/ner

writes the English training and development data, and the test sets of all languages under test/; so
for `tagger`, `pawsx` and `xnli`.
"""

import io
import itertools
import sys
import tarfile
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from spacy_dlfa.languages import add_code

LANGUAGES = {
    "ner": "af ar bg bn de el en es et eu fa fi fr he hi hu id it ja jv ka kk ko ml mr ms my nl pt "
    "ru sw ta te th tl tr ur vi yo zh",
    "tagger": "af ar bg de el en es et eu fa fi fr he hi hu id it ja kk ko mr nl pt ru ta te th tl "
    "tr ur vi yo zh",
    "pawsx": "de en es fr ja ko zh",
}
# File and lines
Part = tuple[str, Iterable[str]]


def ner(download: Path) -> Iterator[Part]:
    """Read WikiANN: lines `en:word<TAB>TAG`, one archive in the archive for each language."""
    with zipfile.ZipFile(download / "panx_dataset.zip") as archives:
        for language in LANGUAGES["ner"].split():
            with tarfile.open(fileobj=io.BytesIO(archives.read(f"{language}.tar.gz"))) as archive:
                for split in splits(language):
                    name = f"{file_name(split, language)}.iob2"
                    yield name, iob2_lines(text_lines(archive.extractfile(split)))


def iob2_lines(lines: Iterable[str]) -> Iterator[str]:
    """Return the lines with numbered words, as in Universal NER, without those that are empty."""
    number = 0
    for line in lines:
        word, _, tag = line.partition("\t")
        word = word.partition(":")[2].strip()
        if word:
            number += 1
            yield f"{number}\t{word}\t{tag.strip()}\t-\t-"
        elif number and not line.strip():
            number = 0
            yield ""
    if number:
        yield ""


def tagger(download: Path) -> Iterator[Part]:
    """Read Universal Dependencies: all treebanks of a language, one after the other."""
    wanted = set(LANGUAGES["tagger"].split())
    with tarfile.open(download / "ud-treebanks-v2.5.tgz") as archive:
        for member in archive:
            # Names like UD_German-PUD/de_pud-ud-test.conllu
            stem, suffix = Path(member.name).stem, Path(member.name).suffix
            language, split = stem.split("_")[0], stem.split("-")[-1]
            if suffix == ".conllu" and language in wanted and split in splits(language):
                name = f"{file_name(split, language)}.conllu"
                yield name, with_words(text_lines(archive.extractfile(member)))


def with_words(lines: Iterable[str]) -> Iterator[str]:
    """Leave out the sentences that some treebanks publish without their words."""
    sentence: list[str] = []
    # The last sentence may have no empty line after it
    for line in itertools.chain(lines, [""]):
        sentence.append(line)
        if not line:
            words = [row.split("\t")[1] for row in sentence if row[:1].isdigit()]
            if set(words) - {"_"}:
                yield from sentence
            sentence = []


def pawsx(download: Path) -> Iterator[Part]:
    """Read PAWS-X, whose files are as `convert` wants them."""
    names = {"train": "train", "dev": "dev_2k", "test": "test_2k"}
    with tarfile.open(download / "x-final.tar.gz") as archive:
        for language in LANGUAGES["pawsx"].split():
            for split in splits(language):
                file = archive.extractfile(f"x-final/{language}/{names[split]}.tsv")
                yield f"{file_name(split, language)}.tsv", text_lines(file)


def xnli(download: Path) -> Iterator[Part]:
    """Read XNLI, all languages in one file, and MultiNLI for training."""
    with zipfile.ZipFile(download / "XNLI-MT-1.0.zip") as archive:
        multinli = archive.open("XNLI-MT-1.0/multinli/multinli.train.en.tsv")
        yield "en_train.tsv", text_lines(multinli)
    with zipfile.ZipFile(download / "XNLI-1.0.zip") as archive:
        dev = text_lines(archive.open("XNLI-1.0/xnli.dev.tsv"))
        # The header and English; `convert` names what it makes of them en_dev.spacy.
        yield "dev.tsv", (line for line in dev if line.split("\t")[0] in ("language", "en"))
        yield "test/xtreme.tsv", text_lines(archive.open("XNLI-1.0/xnli.test.tsv"))


def text_lines(file: Iterable[bytes] | None) -> Iterator[str]:
    """Decode a file of an archive."""
    for line in file or ():
        yield line.decode("utf8").rstrip("\r\n")


def splits(language: str) -> tuple[str, ...]:
    """List what is read of a language: zero-shot means test data only."""
    return ("train", "dev", "test") if language == "en" else ("test",)


def file_name(split: str, language: str) -> str:
    """Name a file without its suffix."""
    return f"test/{add_code('xtreme', language)}" if split == "test" else f"en_{split}"


def unpack(task: str, download: Path, output: Path) -> None:
    """Write the English training and development data and all test sets; nothing else."""
    begun: set[Path] = set()
    for name, lines in {"ner": ner, "tagger": tagger, "pawsx": pawsx, "xnli": xnli}[task](download):
        path = output / name
        path.parent.mkdir(parents=True, exist_ok=True)
        # Treebanks of one language go to one file.
        with path.open("a" if path in begun else "w", encoding="utf8", newline="\n") as file:
            file.writelines(f"{line}\n" for line in lines)
        begun.add(path)


if __name__ == "__main__":
    unpack(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
