"""Write project.yml anew, from the template and the table beside this file.

python scripts/project.py
"""

import tomllib
from pathlib import Path

import srsly
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from spacy_dlfa.configs.render import fusion_of, layer_of, settings
from spacy_dlfa.configs.render import fusions as known_fusions

ROOT = Path(__file__).parent.parent


def project() -> str:
    """Make the text of project.yml; layers and version are those of the plugin."""
    environment = Environment(
        loader=FileSystemLoader(ROOT / "scripts"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    table = srsly.read_yaml(ROOT / "scripts" / "tasks.yml")
    package = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf8"))["project"]
    configs = settings()["configs"]
    layers = {
        name: configs[task.get("config", name)].get("layer", layer_of(task["component"]))
        for name, task in table["tasks"].items()
    }
    fusions = {
        name: configs[task.get("config", name)].get("fusion", fusion_of(task["component"]))
        for name, task in table["tasks"].items()
    }
    short = {registered: name for name, registered in known_fusions().items()}
    fusions = {name: short[registered] for name, registered in fusions.items()}
    template = environment.get_template("project.yml.jinja")
    return template.render(**table, layers=layers, fusions=fusions, version=package["version"])


if __name__ == "__main__":
    (ROOT / "project.yml").write_text(project(), encoding="utf8", newline="\n")
