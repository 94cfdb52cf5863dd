"""Read tables of texts with labels: SIB-200's topics, and others."""

from collections.abc import Iterator

from spacy.language import Language
from spacy.tokens import Doc

from spacy_dlfa.corpora.tables import SIB200, Table
from spacy_dlfa.errors import CorpusError, Errors

TOPICS = (
    "science/technology",
    "travel",
    "politics",
    "sports",
    "health",
    "entertainment",
    "geography",
)


def read_texts(table: Table, nlp: Language) -> Iterator[Doc]:
    """Read the texts of a table.

    White space at the ends of a text, which would be a token of its own, is removed. The labels
    are SIB-200's topics in a table with its header and no other topic, and otherwise all that the
    table has.

    table (Table): The table, with one text in a row.
    nlp (Language): The tokenizer of the texts.
    YIELDS (Doc): A Doc for each row, with the row's label 1.0 in `doc.cats` and the others 0.0. It
        keeps the row's id and language as `doc.user_data["id"]` and `doc.user_data["language"]`.
    RAISES (CorpusError): If a line can't be read, or there is none but the header.
    """
    found = table.labels()
    labels = TOPICS if tuple(table.header) == SIB200 and {*found} <= {*TOPICS} else found
    for number, (text,), label, user_data in table.rows():
        if not text.strip():
            raise CorpusError(Errors.DL138.at(table.path, number, column=table.texts[0] + 1))
        doc = nlp.make_doc(text.strip())
        doc.cats = {other: float(other == label) for other in labels}
        doc.user_data.update(user_data)
        yield doc
