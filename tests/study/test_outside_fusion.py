"""A fusion of another package: one file and an entry point, and nothing of ours is touched."""

import json
import os
import subprocess
import sys

import pytest
import srsly

from tests.study.sweep.study import command, make_settings

MODULE = """
from thinc.api import Model

from spacy_dlfa.fusions.variants import Variant, variants


@variants(
    Variant("tilt", "the tilted sum with layer {layer}", {"share": 0.25}, colour="violet"),
    Variant("tilt-half", "the even sum with layer {layer}", {"share": 0.5}),
)
def Tilt(*, share: float = 0.25, reduction: int = 2) -> Model:
    return Model("tilt", forward, attrs={"reads": "pair", "share": share, "lower_weight": weigh})


def weigh(model, X):
    return model.attrs["share"]


def forward(model, X, is_train):
    lower, last = X.layers
    share = model.attrs["share"]
    return share * lower + (1 - share) * last, lambda dY: [share * dY, (1 - share) * dY]
"""
SCRIPT = """
import json, sys
from pathlib import Path
import spacy
from spacy.cli.package import package
from spacy.training.initialize import init_nlp
from typer.testing import CliRunner
from spacy_dlfa.cli import app
from tests.study.sweep.study import make_settings
from spacy_dlfa.study.sweep.cells import Cell

def call(*arguments):
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, (arguments, result.output, result.exception)
    return result.output

if __name__ == "__main__":
    folder, encoder, sweep = Path(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3])
    runs = str(folder / "runs")
    printed = {"sweep": call("sweep", *sweep), "compare": call("compare", runs)}
    call("report", runs, "--output", str(folder / "page.html"))
    call("init-config", "tagger", str(folder / "own.cfg"), "--backbone", encoder,
         "--fusion", "outside.Tilt.v1")
    settings = make_settings(folder / "again", encoder)
    nlp = init_nlp(settings.config_of(Cell("tilt", 2, 0)))
    nlp.meta["name"] = "tilted"
    nlp.to_disk(folder / "pipeline")
    scores, meta = str(folder / "scores.json"), folder / "meta.json"
    tests = [str(path) for path in settings.tests]
    call("evaluate", str(folder / "pipeline"), *tests, "--output", scores)
    printed["describe"] = call("describe", str(folder / "pipeline"), scores, "--output", str(meta),
                               "--name", "tilted")
    (folder / "packages").mkdir()
    package(folder / "pipeline", folder / "packages", meta_path=meta, create_sdist=False,
            version="1.0.0", silent=True)
    (loaded,) = (folder / "packages").glob("*/*/*/config.cfg")
    doc = spacy.load(loaded.parent)("Anna sleeps here")
    printed["words"] = [token.text for token in doc]
    (folder / "printed.json").write_text(json.dumps(printed))
"""


@pytest.mark.slow
def test_it_is_swept_compared_reported_and_packaged(tmp_path, bert):
    site, folder = tmp_path / "site", tmp_path / "work"
    info = site / "outside-1.0.dist-info"
    info.mkdir(parents=True)
    (site / "outside.py").write_text(MODULE)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: outside\nVersion: 1.0\n")
    (info / "top_level.txt").write_text("outside\n")
    (info / "entry_points.txt").write_text("[thinc_layers]\noutside.Tilt.v1 = outside:Tilt\n")
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    reduction = {"components.tagger.model.tok2vec.fusion.reduction": 3}
    settings = make_settings(folder, bert, **reduction)
    options = {"fusions": "last,tilt,tilt-half", "layers": 2, "seeds": 0, "workers": 1}
    arguments = [folder, bert, json.dumps(command(settings, **options))]
    paths = os.pathsep.join([str(site), os.getcwd()])
    result = subprocess.run(
        [sys.executable, str(script), *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stdout + result.stderr

    printed = srsly.read_json(folder / "printed.json")
    run = srsly.read_json(folder / "runs" / "tilt-2-0.json")
    assert run["fusion"] == {"@layers": "outside.Tilt.v1", "share": 0.25, "reduction": 3}
    assert set(run["inside"]["weight"].values()) == {0.25}
    assert "The tilted sum with layer 2" in printed["compare"]
    assert "The even sum with layer 2" in printed["compare"]
    assert "tilt-half" in printed["sweep"]
    assert "Fusion, chosen by" in (folder / "page.html").read_text()
    assert "outside.Tilt.v1" in (folder / "own.cfg").read_text()
    assert "outside.Tilt.v1" in printed["describe"]
    (meta,) = (folder / "packages").glob("*/meta.json")
    requirements = srsly.read_json(meta)["requirements"]
    assert [line for line in requirements if line.startswith("outside>=1.0")]
    assert printed["words"] == ["Anna", "sleeps", "here"]
