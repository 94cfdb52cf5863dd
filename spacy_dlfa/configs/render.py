"""Fill the template of configs with the values of `settings.yml`."""

import json
import textwrap
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import numpy
import srsly
from jinja2 import Environment, PackageLoader, StrictUndefined

from spacy_dlfa.fusions.variants import find_variants

DLFA = "spacy_dlfa.DLFA.v1"
#: Layers of the encoder whose layers `settings.yml` has
DEPTH = 12
#: What makes a training one with a frozen encoder
_FROZEN = ("learn_rate_factor", "initial_rate", "use_averages")
_ENVIRONMENT = Environment(
    loader=PackageLoader("spacy_dlfa.configs", package_path=""),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)


@cache
def settings() -> dict[str, dict[str, Any]]:
    """Read the table: `defaults`, `components` by name, `configs` by name."""
    return srsly.read_yaml(files("spacy_dlfa.configs") / "settings.yml")


def pipeline_config(
    layers: Mapping[str, int],
    backbone: str,
    fusion: str | None = None,
    *,
    frozen: bool = False,
    sourced: bool = False,
) -> str:
    """Make a config for a pipeline of one's own.

    layers (Mapping[str, int]): The components in their order, each with its lower layer.
    backbone (str): Folder or hub name of the encoder.
    fusion (Optional[str]): Registered name of the fusion; None for what each component has in the
        workflows.
    frozen (bool): Leave the encoder as it is, with the rate of `configs/frozen.cfg`.
    sourced (bool): Take the components from `backbone`, the folder of a trained pipeline, with
        their layers and fusions.
    """
    names = ",".join(layers)
    header = [
        f"Made by `python -m spacy dlfa init-config {names}`. Train with `python -m spacy train` "
        "and this file, --paths.train and --paths.dev."
    ]
    configs = settings()["configs"]
    # Several of the joint pipeline's learn as they do there
    shared = {key: configs["joint"][key] for key in ("freeze_below", "use_averages")}
    joint = shared if len(layers) > 1 and {*layers} <= {*configs["joint"]["components"]} else {}
    row = {**configs.get(names, joint), "backbone": backbone, "fusion": fusion, "sourced": sourced}
    if frozen:
        # Without an augmenter each text comes again as it was, and is encoded once
        same = {key: configs["frozen"][key] for key in _FROZEN}
        row |= {**same, "split_names": 0.0, "freeze_below": settings()["defaults"]["freeze_below"]}
        row["fusion"] = fusion or configs["frozen"]["fusion"]
    return render(header, layers, row)


def layer_of(factory: str, num_layers: int = DEPTH) -> int:
    """Return the lower layer that a component reads where nothing else is said.

    num_layers (int): Layers of the encoder: of another depth it is the one at the same height.
    """
    layer = settings()["components"].get(factory, settings()["components"]["ner"])["layer"]
    return min(round(layer * num_layers / DEPTH), num_layers - 1)


def fusion_of(factory: str) -> str:
    """Return the registered name of a component's fusion where nothing else is said."""
    return settings()["components"].get(factory, {}).get("fusion", DLFA)


def fusions() -> dict[str, str]:
    """Return the registered names by what `--fusion` takes: DLFA of ours, else the whole name."""
    found = dict.fromkeys(variant.registered for variant in find_variants().values())
    return {name.split(".")[1] if name.startswith("spacy_dlfa.") else name: name for name in found}


def render(header: Sequence[str], layers: Mapping[str, int], row: Mapping[str, Any]) -> str:
    """Fill the template.

    header (Sequence[str]): Comments at its head, a paragraph each.
    row (Mapping[str, Any]): What is other than the `defaults`.
    """
    several = len(layers) > 1
    variables = {name: f"layer_{name}" if several else "layer" for name in sorted(layers)}
    known = [settings()["components"][name] for name in variables]
    values = {
        "gold_preproc": all(component["gold_preproc"] for component in known),
        "word_spaces": any(component.get("word_spaces", True) for component in known),
        "scores": _mean([component["scores"] for component in known]),
        **settings()["defaults"],
        **row,
        "components": list(layers),
        "layers": {
            name: {
                "name": variable,
                "number": layers[name],
                "reference": f"${{vars.{variable}}}",
                "fusion": row.get("fusion") or fusion_of(name),
            }
            for name, variable in variables.items()
        },
    }
    return _ENVIRONMENT.get_template("training.cfg.jinja").render(header=header, **values)


def _mean(scores: Sequence[Mapping[str, float | None]]) -> dict[str, float | None]:
    """Give each component the same part of the whole."""
    return {
        score: weight and round(weight / len(scores), 2)
        for component in scores
        for score, weight in component.items()
    }


def _value(value: Any) -> str:
    """Write a value as a config has it."""
    if isinstance(value, float):
        return numpy.format_float_positional(value, trim="0")
    return json.dumps(value, ensure_ascii=False)


def _comment(text: str) -> str:
    lines = textwrap.wrap(text, 98, break_on_hyphens=False, break_long_words=False)
    return "\n".join(f"# {line}" for line in lines)


_ENVIRONMENT.filters.update(value=_value, comment=_comment)
