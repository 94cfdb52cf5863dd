"""A pipeline on a table of Spark's; needs pyspark, pandas, pyarrow and Java.

python examples/apply_spark.py xx_dlfa_ner texts.jsonl rows
"""

import sys
from collections.abc import Iterator
from functools import partial

import pandas
from pyspark.sql import SparkSession
from pyspark.sql.pandas.types import from_arrow_schema

from spacy_dlfa.apply.rows import schema
from spacy_dlfa.apply.settings import Settings


def annotate_frames(
    frames: Iterator[pandas.DataFrame], settings: Settings, source: str
) -> Iterator[pandas.DataFrame]:
    """Predict the documents of a partition: each process of Spark's loads the pipeline once."""
    from spacy_dlfa.apply.annotate import annotate
    from spacy_dlfa.apply.records import from_object
    from spacy_dlfa.apply.worker import load

    nlp = load(settings)
    row = 0
    for frame in frames:
        objects = frame.to_dict("records")
        records = [
            from_object(source, row + number, each, "json", settings.fields)
            for number, each in enumerate(objects, 1)
        ]
        row += len(records)
        yield pandas.DataFrame(annotate(nlp, records), columns=schema().names)


if __name__ == "__main__":
    pipeline, source, output = sys.argv[1:]
    spark = SparkSession.builder.getOrCreate()
    annotate = partial(annotate_frames, settings=Settings(pipeline), source=source)
    rows = spark.read.json(source).mapInPandas(annotate, from_arrow_schema(schema()))
    rows.write.parquet(output)
