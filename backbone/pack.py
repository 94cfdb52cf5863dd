"""From corpus folders to a packed corpus."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from backbone.files import CorpusFile, read_lines, read_rows
from backbone.packed import Packed, Text
from backbone.settings import CorpusSettings
from backbone.vocabulary import load_tokenizer
from spacy_dlfa.corpora.held_out import HeldOut

_BATCH = 20_000

#: A line's key, if any, and its text.
Lines = list[tuple[str | None, str]]


def pack_corpus(
    files: Sequence[CorpusFile],
    tokenizer: Path,
    corpus: CorpusSettings,
    held_out: HeldOut,
    report: Callable[[str], None],
    advance: Callable[[], object],
) -> Packed:
    """Encode corpus files.

    tokenizer (Path): Its folder.
    held_out (HeldOut): Lines with a sentence of a test set are left out, and counted there.
    report (Callable): Called with a message after each text.
    advance (Callable): Called after each file.
    RAISES (ValueError): If there are too many word pieces for 16 bits, or two files of one kind and
        language.
    """
    encoder, vocabulary = load_tokenizer(tokenizer)
    if len(vocabulary) > 2**16:
        raise ValueError(f"{tokenizer}: {len(vocabulary)} word pieces; expected at most {2**16}")
    numbers: dict[str, dict[str, int]] = {}
    texts = []
    _check_names(files)
    # English first: its order of keys, that of the document, is every language's.
    for file in sorted(files, key=lambda file: (file.kind, file.language != "en", file.language)):
        for name, group, monolingual, lines in _split(file, corpus):
            kept = [line for line in lines if not held_out.contains(line[1], file.path.name)]
            ids, lengths = _encode(encoder, [text for _, text in kept])
            keys = None
            if group:
                known = numbers.setdefault(group, {})
                keys = np.asarray([_number(key or "", known, corpus) for key, _ in kept], np.int32)
            language = "en" if name.split(".")[1] == "en" else file.language
            texts.append(Text(name, file.kind, language, group, monolingual, ids, lengths, keys))
            report(f"{name}: {len(kept)} lines, {len(ids)} word pieces")
        advance()
    return Packed(sorted(texts, key=lambda text: text.name), vocabulary)


def _check_names(files: Sequence[CorpusFile]) -> None:
    seen: dict[tuple[str, str], CorpusFile] = {}
    for file in files:
        other = seen.setdefault((file.kind, file.language), file)
        if other is not file:
            raise ValueError(
                f"{other.path} and {file.path}: both are {file.kind}.{file.language}; make them "
                "one file, or give one another kind"
            )


def _split(file: CorpusFile, corpus: CorpusSettings) -> Iterator[tuple[str, str, bool, Lines]]:
    """Yield the texts in a file: name, group, whether it is drawn on its own, lines."""
    name = f"{file.kind}.{file.language}"
    if not file.keyed:
        yield name, "", True, [(None, line) for line in read_lines(file.path)]
    elif file.kind in corpus.pairs:
        rows = [(str(i), row) for i, row in enumerate(read_rows(file.path))]
        yield name, name, True, [(key, text) for key, (_, text) in rows]
        # The same English sentences come with many languages.
        yield f"{file.kind}.en.{file.language}", name, False, [(key, en) for key, (en, _) in rows]
    else:
        # A key with #1 is a line of a second translation into the language.
        versions: dict[str, Lines] = {}
        for key, text in read_rows(file.path):
            key, _, version = key.partition("#")
            versions.setdefault(version, []).append((key, text))
        for version, lines in versions.items():
            yield f"{name}.{version}" if version else name, file.kind, True, lines


def _number(key: str, known: dict[str, int], corpus: CorpusSettings) -> int:
    if key.startswith(tuple(corpus.unaligned)):
        return -1
    return known.setdefault(key, len(known))


def _encode(encoder: Tokenizer, lines: list[str]) -> tuple[np.ndarray, np.ndarray]:
    ids: list[np.ndarray] = [np.zeros(0, np.uint16)]
    lengths: list[int] = []
    for i in range(0, len(lines), _BATCH):
        for encoded in encoder.encode_batch_fast(lines[i : i + _BATCH], add_special_tokens=False):
            ids.append(np.asarray(encoded.ids, np.uint16))
            lengths.append(len(encoded.ids))
    return np.concatenate(ids), np.asarray(lengths, np.int32)
