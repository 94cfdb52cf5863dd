"""Read tables of sentence pairs: PAWS-X, XNLI and MultiNLI, in their own forms and XTREME's."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from spacy.language import Language
from spacy.tokens import Doc

from spacy_dlfa.corpora.lines import read_lines
from spacy_dlfa.errors import CorpusError
from spacy_dlfa.pairs import make_pair

PARAPHRASE = {"1": "paraphrase", "0": "different"}
INFERENCE = {
    "entailment": "entailment",
    "neutral": "neutral",
    "contradiction": "contradiction",
    "contradictory": "contradiction",
}

_LANGUAGE = re.compile("[a-z]{2,3}")


class _Layout(NamedTuple):
    """The names of the columns that are read; those of id and language may be missing."""

    first: str
    second: str
    label: str
    id: str = "id"
    language: str = "language"


_LAYOUTS = (
    _Layout("sentence1", "sentence2", "label"),
    _Layout("sentence1", "sentence2", "gold_label", id="pairID"),
    _Layout("premise", "hypo", "label"),
)
_BARE = ["sentence1", "sentence2", "label"]


def read_pairs(path: Path, nlp: Language) -> Iterator[Doc]:
    """Read the sentence pairs of a file with tabs between columns and no quoting.

    The columns are found by the header, others are passed over:

    - PAWS-X: `id`, `sentence1`, `sentence2`, `label`;
    - XNLI: `language`, `gold_label`, `sentence1`, `sentence2`, `pairID`;
    - MultiNLI as XNLI hands it out: `premise`, `hypo`, `label`.

    XTREME's files have no header: sentence, sentence, label. Labels are 1 (paraphrase) and 0
    (different), or entailment, neutral and contradiction (contradictory), by the first row.

    path (Path): The file.
    nlp (Language): The tokenizer of the sentences, see `spacy_dlfa.pairs.make_pair`. They may be
        empty, as some of PAWS-X are.
    YIELDS (Doc): A Doc for each row, with the row's label 1.0 in `doc.cats` and the others 0.0. It
        keeps the row's id and language, if there are such columns, as `doc.user_data["id"]` and
        `doc.user_data["language"]`.
    RAISES (CorpusError): If a line can't be read, or there is none but the header.
    """
    labels: Mapping[str, str] = {}
    header, layout = _BARE, _LAYOUTS[0]
    for number, line in read_lines(path):
        columns = line.split("\t")
        if number == 1 and not _is_bare(columns):
            header, layout = columns, _find_layout(columns, path)
        elif line:
            row = _parse_row(columns, header, path, number)
            labels = labels or _find_labels(row[layout.label])
            yield _make_doc(row, layout, labels, nlp, path, number)
    if not labels:
        raise CorpusError(path, number, "the end of a file without pairs", "rows of pairs")


def _is_bare(columns: list[str]) -> bool:
    return len(columns) == len(_BARE) and columns[-1] in {**PARAPHRASE, **INFERENCE}


def _find_layout(header: list[str], path: Path) -> _Layout:
    for layout in _LAYOUTS:
        if {layout.first, layout.second, layout.label} <= set(header):
            return layout
    known = "; ".join(" ".join(layout[:3]) for layout in _LAYOUTS)
    expected = f"a header with {known}; or no header, two sentences and a label"
    raise CorpusError(path, 1, f"the columns {', '.join(header)[:200]!r}", expected)


def _find_labels(label: str) -> Mapping[str, str]:
    return PARAPHRASE if label in PARAPHRASE else INFERENCE


def _parse_row(columns: list[str], header: list[str], path: Path, number: int) -> dict[str, str]:
    if len(columns) != len(header):
        expected = f"{len(header)}, as in the first line"
        raise CorpusError(path, number, f"{len(columns)} column(s)", expected)
    return dict(zip(header, columns, strict=True))


def _make_doc(
    row: dict[str, str],
    layout: _Layout,
    labels: Mapping[str, str],
    nlp: Language,
    path: Path,
    number: int,
) -> Doc:
    label = row[layout.label]
    if label not in labels:
        raise CorpusError(path, number, f"label {label!r}", f"one of {', '.join(labels)}")
    language = row.get(layout.language)
    # It becomes a part of a file's name
    if language is not None and not _LANGUAGE.fullmatch(language):
        raise CorpusError(path, number, f"language {language!r}", "a code like de")
    doc = make_pair(nlp, row[layout.first], row[layout.second])
    doc.cats = {name: float(name == labels[label]) for name in labels.values()}
    found = {"id": row.get(layout.id), "language": language}
    doc.user_data.update({key: value for key, value in found.items() if value})
    return doc
