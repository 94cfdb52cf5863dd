"""The formats of corpora: which one a file has, and what to keep and to count of its Docs."""

from collections.abc import Callable, Collection, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

import spacy
from spacy.language import Language
from spacy.tokens import Doc

from spacy_dlfa.corpora.conllu import read_conllu
from spacy_dlfa.corpora.iob2 import read_iob2
from spacy_dlfa.corpora.lines import read_lines
from spacy_dlfa.corpora.pairs import read_pairs
from spacy_dlfa.corpora.sib200 import HEADER, read_sib200

SUFFIXES = (".iob2", ".conllu", ".tsv")

# Texts of tables are cut as pipelines will cut them
_TOKENIZER = {"nlp": {"tokenizer": {"@tokenizers": "spacy_dlfa.MultilingualTokenizer.v1"}}}


class Format(NamedTuple):
    """A format of corpus files.

    read (Callable[[Path, Language], Iterator[Doc]]): The reader.
    attrs (List[str]): What the files annotate on tokens: anything else has to stay missing.
    measure (Callable[[Doc], Dict[str, int]]): What a Doc adds to each column of the counts.
    """

    read: Callable[[Path, Language], Iterator[Doc]]
    attrs: list[str]
    measure: Callable[[Doc], dict[str, int]]


def make_tokenizer() -> Language:
    """Make the pipeline whose tokenizer and vocab converted corpora have."""
    return spacy.blank("xx", config=_TOKENIZER)


def find_format(path: Path, labels: Collection[str]) -> Format:
    """Return the format of a file, by its suffix; of a table, by its first line.

    path (Path): The file.
    labels (Collection[str]): The entity labels to keep.
    RAISES (ValueError): If no format has the suffix.
    """
    if path.suffix == ".iob2":
        return Format(
            lambda path, nlp: read_iob2(path, nlp.vocab, labels),
            ["ENT_IOB", "ENT_TYPE", "SENT_START"],
            partial(_count_entities, labels=labels),
        )
    if path.suffix == ".conllu":
        return Format(
            lambda path, nlp: read_conllu(path, nlp.vocab),
            ["TAG", "POS", "SENT_START"],
            lambda doc: {"sentences": 1, "tokens": len(doc)},
        )
    if path.suffix == ".tsv":
        _, line = next(read_lines(path))
        if line.split("\t") == HEADER:
            return Format(read_sib200, [], partial(_count_labels, title="sentences"))
        return Format(read_pairs, [], partial(_count_labels, title="pairs"))
    raise ValueError(
        f"{path}: found the suffix {path.suffix!r}; expected one of {', '.join(SUFFIXES)}"
    )


def _count_entities(doc: Doc, labels: Collection[str]) -> dict[str, int]:
    found = [ent.label_ for ent in doc.ents]
    return {"sentences": 1, "words": len(doc), **{label: found.count(label) for label in labels}}


def _count_labels(doc: Doc, title: str) -> dict[str, int]:
    return {title: 1, "tokens": len(doc), **{label: int(cat) for label, cat in doc.cats.items()}}
