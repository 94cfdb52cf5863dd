"""Records of runs that the pages take their figures from."""

from pathlib import Path

import pytest
import srsly

RUNS = Path(__file__).parents[2] / "docs" / "runs"


@pytest.mark.parametrize("path", sorted(RUNS.rglob("*.json")), ids=lambda path: path.stem)
def test_a_record_names_no_folder_of_a_machine(path):
    """Readers have the folders of the workflows."""
    record = srsly.read_json(path)
    training = record.get("self_training") or {}
    folders = [record["backbone"], training.get("pipeline"), training.get("second")]
    assert [folder for folder in folders if folder and Path(folder).is_absolute()] == []
