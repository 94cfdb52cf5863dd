"""Predict documents, each of which becomes one row, whatever happens to it."""

import hashlib
from collections.abc import Iterable, Iterator
from math import isfinite
from typing import Any, TypeAlias

from spacy.language import Language
from spacy.tokens import Doc, DocBin

from spacy_dlfa.apply.records import Record, whole
from spacy_dlfa.messages import sentence

Row: TypeAlias = dict[str, Any]

#: Documents, and characters, that go through the pipeline together.
BATCH, CHARACTERS = 256, 100_000


def annotate(nlp: Language, records: Iterable[Record], *, docs: bool = False) -> list[Row]:
    """Predict documents.

    records (Iterable[Record]): The documents.
    docs (bool): Whether rows hold the document itself.
    RETURNS (List[Row]): A row for each, in order, as `spacy_dlfa.apply.rows.schema` says.
    """
    rows: list[Row] = []
    # What spaCy learns of words would grow with every document.
    with nlp.memory_zone():
        for batch in _batches(records):
            rows += _annotate(nlp, batch, docs)
    return rows


def failed(record: Record, error: str) -> Row:
    """Return the row of a document that failed."""
    return {**_row(record), "error": whole(error)}


def _batches(records: Iterable[Record]) -> Iterator[list[Record]]:
    batch: list[Record] = []
    size = 0
    for record in records:
        batch.append(record)
        size += len(record.text or "")
        if len(batch) == BATCH or size >= CHARACTERS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _annotate(nlp: Language, batch: list[Record], docs: bool) -> list[Row]:
    rows: dict[int, Row] = {}
    made: list[tuple[Doc, int]] = []
    for place, record in enumerate(batch):
        try:
            made.append((_make_doc(nlp, record), place))
        except Exception as err:
            rows[place] = failed(record, record.error or _sentence(err))
    try:
        for doc, place in nlp.pipe(made, as_tuples=True, batch_size=BATCH):
            rows[place] = _describe(nlp, batch[place], doc, docs)
    except Exception as err:
        if len(batch) == 1:
            return [failed(batch[0], _sentence(err))]
        return [row for record in batch for row in _annotate(nlp, [record], docs)]
    for place, record in enumerate(batch):
        # An error handler of the pipeline's own may let documents fall.
        rows.setdefault(place, failed(record, "the pipeline returned no document"))
    return [rows[place] for place in range(len(batch))]


def _make_doc(nlp: Language, record: Record) -> Doc:
    if record.error is not None:
        raise ValueError(record.error)
    if record.words is not None:
        return Doc(nlp.vocab, record.words, record.spaces)
    return nlp.make_doc(record.text or "")


def _describe(nlp: Language, record: Record, doc: Doc, docs: bool) -> Row:
    row = _row(record._replace(text=doc.text))
    row["words"] = len(doc)
    if _is_predicted(nlp, doc, "ENT_IOB", "doc.ents"):
        row["entities"] = [
            {"start": ent.start_char, "end": ent.end_char, "label": ent.label_, "text": ent.text}
            for ent in doc.ents
        ]
    if _is_predicted(nlp, doc, "TAG", "token.tag"):
        row["tags"] = [
            {"start": token.idx, "end": token.idx + len(token), "tag": token.tag_} for token in doc
        ]
    # Components may set numpy's numbers, and some that JSON has no word for
    cats = {name: float(score) for name, score in doc.cats.items()}
    if strange := [name for name, score in cats.items() if not isfinite(score)]:
        return failed(record, f"found the score {cats[strange[0]]} of the topic {strange[0]!r}")
    if cats:
        topics = sorted(cats.items(), key=lambda item: (-item[1], item[0]))
        row["topics"] = [{"label": name, "score": round(score, 6)} for name, score in topics]
    if docs:
        row["doc"] = DocBin(docs=[doc]).to_bytes()
    return row


def _is_predicted(nlp: Language, doc: Doc, attribute: str, assigned: str) -> bool:
    if len(doc):
        return doc.has_annotation(attribute)
    # spaCy says of a document without tokens that it has any annotation
    return any(assigned in nlp.get_pipe_meta(name).assigns for name in nlp.pipe_names)


def _row(record: Record) -> Row:
    content = None if record.text is None else record.text.encode("utf8", "surrogatepass")
    return {
        "file": whole(record.file),
        "row": record.row,
        "id": whole(record.id),
        "text_hash": None if content is None else hashlib.sha256(content).hexdigest(),
        "language": whole(record.language),
        "words": None,
        "entities": None,
        "tags": None,
        "topics": None,
        "doc": None,
        "error": None,
    }


def _sentence(error: Exception) -> str:
    return f"{type(error).__name__}: {sentence(error)}"[:1000]
