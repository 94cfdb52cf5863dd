"""The formats of corpora: which one a file has, and what to keep and to count of its Docs."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

import spacy
from spacy.language import Language
from spacy.tokens import Doc

from spacy_dlfa.corpora.choices import SUFFIXES
from spacy_dlfa.corpora.conllu import read_conllu
from spacy_dlfa.corpora.iob2 import read_iob2
from spacy_dlfa.corpora.pairs import read_pairs
from spacy_dlfa.corpora.tables import open_table
from spacy_dlfa.corpora.texts import read_texts
from spacy_dlfa.errors import Errors

# Texts of tables are cut as pipelines will cut them
_TOKENIZER = {"nlp": {"tokenizer": {"@tokenizers": "spacy_dlfa.MultilingualTokenizer.v1"}}}


class Format(NamedTuple):
    """A format of corpus files.

    read (Callable[[Language], Iterator[Doc]]): Reads the file.
    attrs (List[str]): What the files annotate on tokens: anything else has to stay missing.
    units (Tuple[str, str]): What the Docs and their tokens are called.
    tally (Callable[[Doc], Dict[str, int]]): How often a Doc has each label, if they are counted.
    dropped (Counter[str]): How often a label was read that is not kept.
    unread (Set[str]): Columns that have content and are not kept, see `choices.UNREAD`.
    """

    read: Callable[[Language], Iterator[Doc]]
    attrs: list[str]
    units: tuple[str, str]
    tally: Callable[[Doc], dict[str, int]]
    dropped: Counter[str]
    unread: set[str]


def make_tokenizer() -> Language:
    """Make the pipeline whose tokenizer and vocab converted corpora have."""
    return spacy.blank("xx", config=_TOKENIZER)


def find_format(path: Path, labels: Collection[str] | None = None) -> Format:
    """Return the format of a file, by its suffix; of a table, by its first line.

    path (Path): The file.
    labels (Optional[Collection[str]]): The entity labels to keep, see
        `spacy_dlfa.corpora.iob2.is_kept`.
    RAISES (ValueError): If no format has the suffix, or the columns of a table can't be told.
    """
    dropped: Counter[str] = Counter()
    unread: set[str] = set()
    suffix = path.suffix.lower()
    if suffix == ".iob2":
        return Format(
            lambda nlp: read_iob2(path, nlp.vocab, labels, dropped, unread),
            ["ENT_IOB", "ENT_TYPE", "SENT_START"],
            ("sentences", "words"),
            lambda doc: Counter(ent.label_ for ent in doc.ents),
            dropped,
            unread,
        )
    if suffix == ".conllu":
        return Format(
            lambda nlp: read_conllu(path, nlp.vocab, unread),
            ["TAG", "POS", "SENT_START"],
            ("sentences", "tokens"),
            _count_untagged,
            dropped,
            unread,
        )
    if suffix == ".tsv":
        table = open_table(path)
        is_pair = len(table.texts) == 2
        return Format(
            partial(read_pairs if is_pair else read_texts, table),
            [],
            ("pairs" if is_pair else "texts", "tokens"),
            lambda doc: {label: int(value) for label, value in doc.cats.items()},
            dropped,
            unread,
        )
    raise ValueError(
        Errors.DL140.format(path=path, suffix=path.suffix, suffixes=", ".join(SUFFIXES))
    )


def _count_untagged(doc: Doc) -> dict[str, int]:
    untagged = sum(not token.tag for token in doc)
    return {"untagged": untagged} if untagged else {}
