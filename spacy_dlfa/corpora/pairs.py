"""Read tables of sentence pairs: PAWS-X, XNLI and MultiNLI, also in XTREME's form, and others."""

from collections.abc import Iterator, Mapping

from spacy.language import Language
from spacy.tokens import Doc

from spacy_dlfa.corpora.tables import INFERENCE, PARAPHRASE, PAWSX, Table
from spacy_dlfa.errors import CorpusError, Errors
from spacy_dlfa.pairs import make_pair


def read_pairs(table: Table, nlp: Language) -> Iterator[Doc]:
    """Read the sentence pairs of a table.

    In PAWS-X's own form, with its header or none, labels are 1 (paraphrase) and 0 (different). They
    are entailment, neutral and contradiction (contradictory) if all are of these. Others, such as
    neutral beside agree, or 0 and 1 below another header, stay as they are.

    table (Table): The table, with two texts in a row.
    nlp (Language): The tokenizer of the sentences, see `spacy_dlfa.pairs.make_pair`. They may be
        empty, as some of PAWS-X are.
    YIELDS (Doc): A Doc for each row, with the row's label 1.0 in `doc.cats` and the others 0.0. It
        keeps the row's id and language as `doc.user_data["id"]` and `doc.user_data["language"]`.
    RAISES (CorpusError): If a line can't be read, or there is none but the header.
    """
    labels = _name_labels(table)
    for number, (first, second), label, user_data in table.rows():
        if label not in labels:
            raise CorpusError(
                Errors.DL137.at(table.path, number, label=label, labels=", ".join(labels))
            )
        doc = make_pair(nlp, first, second)
        doc.cats = {name: float(name == labels[label]) for name in labels.values()}
        doc.user_data.update(user_data)
        yield doc


def _name_labels(table: Table) -> Mapping[str, str]:
    if not table.has_header:
        # The label of the first row is what such a table is known by
        return PARAPHRASE if table.header[2] in PARAPHRASE else INFERENCE
    labels = table.labels()
    found = {*labels}
    if found <= {*INFERENCE}:
        return INFERENCE
    # A small file of another scale may happen to hold 0 and 1 alone
    is_pawsx = tuple(name.strip().lower() for name in table.header) == PAWSX
    # Beside 0 and 1 a 2 makes another scale, and a word is a mistake
    has_words = not all(map(str.isdigit, found))
    if is_pawsx and found & {*PARAPHRASE} and (found <= {*PARAPHRASE} or has_words):
        return PARAPHRASE
    return {label: label for label in labels}
