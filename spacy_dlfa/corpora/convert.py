"""Convert corpora to spaCy's binary format."""

from collections import Counter
from collections.abc import Collection
from pathlib import Path

from spacy.tokens import DocBin

from spacy_dlfa.atomic import write_bytes
from spacy_dlfa.corpora.formats import find_format, make_tokenizer
from spacy_dlfa.corpora.iob2 import LABELS


def convert(
    source: Path, output: Path, *, labels: Collection[str] = LABELS
) -> dict[Path, dict[str, int]]:
    """Convert a corpus file to `.spacy` files, each of which appears whole or not at all.

    Every sentence or pair becomes a Doc: many test sets are samples of unconnected sentences, and
    the encoder's window is short. A file that names languages becomes one file for each of them,
    `<language>_<name>.spacy`, any other one `<name>.spacy`.

    source (Path): The file; see `spacy_dlfa.corpora.formats.find_format`.
    output (Path): The folder to write to. It is made if need be.
    labels (Collection[str]): The entity labels to keep.
    RETURNS (Dict[Path, Dict[str, int]]): The files written, and what each holds: sentences or
        pairs, words or tokens, and entities or Docs of each label.
    RAISES (ValueError): If the file can't be read. Older targets then stay as they are.
    """
    corpus_format = find_format(source, labels)
    bins: dict[Path, DocBin] = {}
    counts: dict[Path, Counter[str]] = {}
    for doc in corpus_format.read(source, make_tokenizer()):
        language = doc.user_data.get("language")
        name = f"{language}_{source.stem}" if language else source.stem
        target = output / f"{name}.spacy"
        if target not in bins:
            bins[target] = DocBin(attrs=corpus_format.attrs, store_user_data=True)
            counts[target] = Counter()
        bins[target].add(doc)
        counts[target].update(corpus_format.measure(doc))
    for target, docs in bins.items():
        write_bytes(target, docs.to_bytes())
    return {target: dict(count) for target, count in counts.items()}
