"""The recipe for Spark, in local mode, where there are pyspark and Java."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from pyarrow.parquet import read_table

from tests.apply.conftest import rows_of, run, write_lines

EXAMPLE = Path(__file__).parents[2] / "examples" / "apply_spark.py"


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("java"), reason="Spark needs Java")
def test_the_recipe_makes_the_same_rows(pipeline, tmp_path, here):
    pytest.importorskip("pyspark")
    rows = [{"id": str(i), "text": text} for i, text in enumerate(["Oslo", "", "Berlin", "北京。"])]
    path = write_lines(tmp_path / "in.jsonl", rows)
    made = tmp_path / "made"
    command = [sys.executable, EXAMPLE, pipeline, path, made]
    python = {"PYSPARK_PYTHON": sys.executable, "PYSPARK_DRIVER_PYTHON": sys.executable}
    done = subprocess.run(
        [*map(str, command)],
        env={**os.environ, **python, "SPARK_LOCAL_IP": "127.0.0.1"},
        capture_output=True,
        text=True,
        timeout=500,
    )
    assert done.returncode == 0, done.stderr
    assert run(pipeline, path, tmp_path / "out").exit_code == 0
    found = sorted(read_table(made).to_pylist(), key=lambda row: row["id"])
    for row, own in zip(found, rows_of(tmp_path / "out"), strict=True):
        for name in ("id", "text_hash", "words", "entities", "tags", "error"):
            assert row[name] == own[name], name
