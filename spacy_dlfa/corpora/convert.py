"""Convert corpora to spaCy's binary format."""

from collections import Counter
from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

from spacy.tokens import DocBin

from spacy_dlfa.atomic import write_bytes
from spacy_dlfa.corpora.choices import ALL
from spacy_dlfa.corpora.formats import Format, find_format, make_tokenizer
from spacy_dlfa.docbin import UserDataBin
from spacy_dlfa.errors import Errors
from spacy_dlfa.languages import add_code, code_before_names


class Converted(NamedTuple):
    """A file that was written.

    path (Path): The file.
    size (Dict[str, int]): Its sentences or pairs, and its words or tokens.
    labels (Dict[str, int]): Its entities or Docs of each label.
    dropped (Dict[str, int]): Entities of labels that were not kept, in all of the source.
    unread (Set[str]): Columns of the source that have content and were not kept.
    """

    path: Path
    size: dict[str, int]
    labels: dict[str, int]
    dropped: dict[str, int]
    unread: set[str]


def convert(
    source: Path,
    output: Path,
    *,
    name: str | None = None,
    language: str | None = None,
    labels: Collection[str] | None = None,
    taken: Collection[Path] = (),
    ids: bool = True,
) -> list[Converted]:
    """Convert a corpus file to `.spacy` files, each of which appears whole or not at all.

    Every sentence or pair becomes a Doc: many test sets are samples of unconnected sentences, and
    the encoder's window is short. A file that names languages becomes one file for each of them,
    `<language>_<name>.spacy`, any other one `<name>.spacy`.

    source (Path): The file; see `spacy_dlfa.corpora.formats.find_format`.
    output (Path): The folder to write to. It is made if need be.
    name (Optional[str]): What to call it; if None, as the source without its suffix.
    language (Optional[str]): Code of the language, for a name that does not say it.
    labels (Optional[Collection[str]]): The entity labels to keep, see
        `spacy_dlfa.corpora.iob2.is_kept`.
    taken (Collection[Path]): Files not to write, as they hold something else.
    ids (bool): Keep ids and languages of sentences, by which scores are paired.
    RETURNS (List[Converted]): The files written.
    RAISES (ValueError): If the file can't be read, none of its entities has a label to keep, it
        names languages, or says one in its name, and another is given, or a file is taken. Older
        targets then stay as they are.
    """
    corpus_format = find_format(source, labels)
    bins: dict[Path, DocBin] = {}
    counts: dict[Path, tuple[Counter[str], Counter[str]]] = {}
    for doc in corpus_format.read(make_tokenizer()):
        own = doc.user_data.get("language")
        if own and language:
            raise ValueError(Errors.DL142.format(source=source, language=language))
        target = output / f"{add_code(name or source.stem, language)}.spacy"
        if own:
            target = output / f"{code_before_names(own)}_{name or source.stem}.spacy"
        if target not in bins:
            bins[target] = UserDataBin(corpus_format.attrs) if ids else DocBin(corpus_format.attrs)
            counts[target] = (Counter(), Counter())
        bins[target].add(doc)
        size, found = counts[target]
        docs, tokens = corpus_format.units
        size.update({docs: 1, tokens: len(doc)})
        found.update(corpus_format.tally(doc))
    _check_labels(source, corpus_format, any(any(found.values()) for _, found in counts.values()))
    for target in bins:
        if target in taken:
            raise ValueError(Errors.DL143.format(source=source, target=target))
    for target, docs_of_target in bins.items():
        write_bytes(target, docs_of_target.to_bytes())
    dropped = dict(corpus_format.dropped)
    return [
        Converted(target, dict(size), dict(found), dropped, corpus_format.unread)
        for target, (size, found) in counts.items()
    ]


def _check_labels(source: Path, corpus_format: Format, is_labelled: bool) -> None:
    if corpus_format.dropped and not is_labelled:
        raise ValueError(
            Errors.DL141.format(
                source=source, dropped=format_counts(corpus_format.dropped), all=ALL
            )
        )


def format_counts(counts: dict[str, int]) -> str:
    """Write the number of each label, the largest first: `PERSON 12, GPE 3`."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{label} {number:,}" for label, number in ordered)
