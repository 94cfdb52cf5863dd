"""The rows of the output: their schema, and their files."""

import json
from base64 import b64encode
from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING

from spacy_dlfa.apply.annotate import Row
from spacy_dlfa.apply.settings import Format

if TYPE_CHECKING:
    import pyarrow


def schema() -> "pyarrow.Schema":
    """Return the columns of a row, as Arrow has them; docs/apply.md says what is in them.

    A file of JSON lines has the same, with the bytes of `doc` in base64. Needs pyarrow.
    """
    import pyarrow as pa

    place = [pa.field("start", pa.int32(), False), pa.field("end", pa.int32(), False)]
    label = pa.field("label", pa.string(), False)
    entity = pa.struct([*place, label, pa.field("text", pa.string(), False)])
    tag = pa.struct([*place, pa.field("tag", pa.string(), False)])
    topic = pa.struct([label, pa.field("score", pa.float64(), False)])
    return pa.schema(
        [
            pa.field("file", pa.string(), False),
            pa.field("row", pa.int64(), False),
            pa.field("id", pa.string()),
            pa.field("text_hash", pa.string()),
            pa.field("language", pa.string()),
            pa.field("words", pa.int32()),
            pa.field("entities", pa.list_(entity)),
            pa.field("tags", pa.list_(tag)),
            pa.field("topics", pa.list_(topic)),
            pa.field("doc", pa.binary()),
            pa.field("error", pa.string()),
        ]
    )


def encode(rows: Sequence[Row], format: Format) -> bytes:
    """Return the content of a file with these rows."""
    if format == "jsonl":
        return "".join(map(_to_line, rows)).encode("utf8")
    import pyarrow as pa

    return _write_parquet(pa.Table.from_pylist(list(rows), schema=schema()))


def join(parts: Sequence[bytes], format: Format) -> bytes:
    """Return the content of a file with the rows of several."""
    if format == "jsonl":
        return b"".join(parts)
    import pyarrow as pa
    from pyarrow.parquet import read_table

    return _write_parquet(pa.concat_tables([read_table(BytesIO(part)) for part in parts]))


def _to_line(row: Row) -> str:
    doc = row["doc"]
    written = {**row, "doc": doc and b64encode(doc).decode("ascii")}
    return json.dumps(written, ensure_ascii=False, separators=(",", ":")) + "\n"


def _write_parquet(table: "pyarrow.Table") -> bytes:
    from pyarrow.parquet import write_table

    file = BytesIO()
    write_table(table, file)
    return file.getvalue()
