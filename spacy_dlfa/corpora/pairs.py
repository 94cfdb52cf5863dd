"""Read tables of sentence pairs: PAWS-X, XNLI and MultiNLI, also in XTREME's form, and others."""

from collections.abc import Iterator, Mapping, Sequence

from spacy.language import Language
from spacy.tokens import Doc

from spacy_dlfa.corpora.tables import INFERENCE, PARAPHRASE, Table
from spacy_dlfa.errors import CorpusError, Errors
from spacy_dlfa.pairs import make_pair


def read_pairs(table: Table, nlp: Language) -> Iterator[Doc]:
    """Read the sentence pairs of a table.

    Labels are 1 (paraphrase) and 0 (different), or entailment, neutral and contradiction
    (contradictory), if some are these; or others, such as neutral beside agree, which stay as they
    are.

    table (Table): The table, with two texts in a row.
    nlp (Language): The tokenizer of the sentences, see `spacy_dlfa.pairs.make_pair`. They may be
        empty, as some of PAWS-X are.
    YIELDS (Doc): A Doc for each row, with the row's label 1.0 in `doc.cats` and the others 0.0. It
        keeps the row's id and language as `doc.user_data["id"]` and `doc.user_data["language"]`.
    RAISES (CorpusError): If a line can't be read, or there is none but the header.
    """
    labels = _name_labels(table.labels())
    for number, (first, second), label, user_data in table.rows():
        if label not in labels:
            raise CorpusError(
                Errors.DL137.at(table.path, number, label=label, labels=", ".join(labels))
            )
        doc = make_pair(nlp, first, second)
        doc.cats = {name: float(name == labels[label]) for name in labels.values()}
        doc.user_data.update(user_data)
        yield doc


def _name_labels(found: Sequence[str]) -> Mapping[str, str]:
    # "neutral" is a word that others have as well
    if {*found} <= {*INFERENCE} or {*found} & {*INFERENCE} - {"neutral"}:
        return INFERENCE
    # Beside 0 and 1 a 2 makes another scale, and a word is a mistake
    if {*found} & {*PARAPHRASE} and ({*found} <= {*PARAPHRASE} or not all(map(str.isdigit, found))):
        return PARAPHRASE
    return {label: label for label in found}
