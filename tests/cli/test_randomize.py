import shutil

import pytest
from transformers import AutoModel
from typer.testing import CliRunner

from spacy_dlfa.cli import app
from tests.disks import full_disk


def randomize(*args):
    return CliRunner().invoke(app, ["randomize", *map(str, args)])


def test_same_shape_other_weights(bert, tmp_path):
    result = randomize(bert, tmp_path / "a", "--seed", 5)
    assert result.exit_code == 0, result.output
    pretrained, random = AutoModel.from_pretrained(bert), AutoModel.from_pretrained(tmp_path / "a")
    assert random.config.to_diff_dict().keys() == pretrained.config.to_diff_dict().keys()
    left, right = pretrained.state_dict(), random.state_dict()
    assert {k: v.shape for k, v in left.items()} == {k: v.shape for k, v in right.items()}
    name = "encoder.layer.0.attention.self.query.weight"
    assert not left[name].equal(right[name])


def test_the_seed_decides(bert, tmp_path):
    for folder, seed in (("a", 1), ("b", 1), ("c", 2)):
        assert randomize(bert, tmp_path / folder, "--seed", seed).exit_code == 0
    a, b, c = ((tmp_path / f / "model.safetensors").read_bytes() for f in "abc")
    assert a == b != c


def test_an_existing_folder_is_kept(bert, tmp_path):
    result = randomize(bert, tmp_path)
    assert result.exit_code == 1
    assert "exists" in result.output


def test_missing_backbone(tmp_path):
    result = randomize("no-such-model", tmp_path / "a")
    assert result.exit_code == 1
    assert len(result.output.strip().splitlines()) == 1
    assert not (tmp_path / "a").exists()


def test_an_output_that_cant_be_written(bert, tmp_path):
    (tmp_path / "file").touch()
    result = randomize(bert, tmp_path / "file" / "a")
    assert result.exit_code == 1
    expected = f"{tmp_path / 'file' / 'a'}: can't be written: {tmp_path / 'file'} is no folder"
    assert result.output.strip() == expected
    with full_disk():
        result = randomize(bert, tmp_path / "a")
    assert result.exit_code == 1
    assert f"{tmp_path / 'a'}: can't be written: " in result.output
    assert "Traceback" not in result.output
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_damaged_backbone_is_not_called_missing(bert, tmp_path):
    shutil.copytree(bert, tmp_path / "damaged")
    (tmp_path / "damaged" / "config.json").write_text("{")
    result = randomize(tmp_path / "damaged", tmp_path / "a")
    assert result.exit_code == 1
    assert "JSON" in result.output
    assert len(result.output.strip().splitlines()) == 1


@pytest.mark.parametrize("seed", ["abc", "-1", 10**30])
def test_a_seed_that_is_none(seed, bert, tmp_path):
    assert randomize(bert, tmp_path / "a", "--seed", seed).exit_code == 2


def test_a_folder_without_an_encoder(tmp_path):
    (tmp_path / "empty").mkdir()
    result = randomize(tmp_path / "empty", tmp_path / "a")
    assert result.exit_code == 1
    assert "neither a folder with config.json" in result.output
    assert len(result.output.strip().splitlines()) == 1
