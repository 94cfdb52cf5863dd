"""A corpus folder from files that the user has.

They are listed in a config file with a section for each kind of text, whose paths are relative to
it and may have wildcards:

    [bible]
    format = "verses"

    [bible.files]
    en = ["bibles/NHEB.json", "bibles/BBE.json"]
    de = ["bibles/GerMenge.json"]
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from confection import Config

from backbone.corpus.aligned import read_aligned
from backbone.corpus.markdown import read_markdown
from backbone.corpus.normalize import normalize
from backbone.corpus.plain import read_plain
from backbone.corpus.tatoeba import read_tatoeba
from backbone.corpus.verses import read_verses
from backbone.corpus.xquad import read_xquad
from backbone.files import write_lines
from spacy_dlfa.corpora.held_out import HeldOut

#: Formats whose first column is a key. A second file of a language has #1 after its keys.
_KEYED: dict[str, Callable[[Path], Iterator[tuple[str, str]]]] = {
    "aligned": read_aligned,
    "verses": read_verses,
    "xquad": read_xquad,
}
FORMATS = ("plain", "tatoeba", *_KEYED, "markdown")


def build_corpus(
    sources: Path, output: Path, held_out: HeldOut, report: Callable[[str], None]
) -> None:
    """Write normalized text, `<kind>.<language>.txt.xz` or `.tsv.xz`.

    sources (Path): The config file.
    held_out (HeldOut): Lines with a sentence of a test set are left out.
    report (Callable): Called with a message after each file.
    RAISES (ValueError): If the config file or a source is wrong.
    """
    for kind, section in Config().from_disk(sources).items():
        for setting in section:
            if setting not in ("format", "files"):
                raise ValueError(f"{sources}: {kind}.{setting}: expected format and files")
        if section.get("format") not in FORMATS:
            found = section.get("format")
            raise ValueError(
                f"{sources}: {kind}.format: found {found!r}; expected one of {', '.join(FORMATS)}"
            )
        for language, patterns in section.get("files", {}).items():
            where = f"{sources}: {kind}.files.{language}"
            paths = _find(sources.parent, patterns, where)
            english = section["files"].get("en", []) if section["format"] == "markdown" else []
            trees = _find(sources.parent, english, f"{sources}: {kind}.files.en") if english else []
            rows = _read(section["format"], paths, trees, where)
            lines = []
            for document, key, text in rows:
                text = normalize(text, language, document)
                key = normalize(key, "en", document)
                if text and not held_out.contains(text, f"{kind}.{language}"):
                    is_pair = section["format"] == "tatoeba"
                    if not (is_pair and held_out.contains(key, f"{kind}.{language}")):
                        lines.append(f"{key}\t{text}" if key else text)
            suffix = "txt" if section["format"] == "plain" else "tsv"
            path = output / f"{kind}.{language}.{suffix}.xz"
            write_lines(path, lines)
            report(f"{path.name}: {len(lines)} lines")


def _find(folder: Path, patterns: Any, where: str) -> list[Path]:
    if not isinstance(patterns, list):
        raise ValueError(f"{where}: found {patterns!r}; expected a list of paths")
    found = []
    for pattern in patterns:
        paths = sorted(folder.glob(pattern))
        if not paths:
            raise ValueError(f"{where}: no file {folder / pattern}")
        found.extend(paths)
    return found


def _read(
    form: str, paths: list[Path], english: list[Path], where: str
) -> Iterator[tuple[str, str, str]]:
    """Yield the document, the key or English sentence, or "", and the text of each line."""
    if form == "markdown" and len(paths) != len(english):
        raise ValueError(f"{where}: {len(paths)} folders; expected {len(english)}, as of en")
    for number, path in enumerate(paths):
        if form == "plain":
            for document, text in read_plain(path):
                yield f"{number}.{document}", "", text
        elif form == "tatoeba":
            for english_text, text in read_tatoeba(path):
                yield english_text, english_text, text
        elif form == "markdown":
            for key, text in read_markdown(english[number], path):
                document = f"{english[number].name}/{key}"
                yield document.rpartition(":")[0], document, text
        else:
            for key, text in _KEYED[form](path):
                yield key.rpartition(".")[0], f"{key}#{number}" if number else key, text
