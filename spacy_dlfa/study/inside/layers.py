"""Which lower layer each family of languages would have, from the scores of its test sets."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy

from spacy_dlfa.evaluation.record import Run
from spacy_dlfa.study.comparison.pick import pick
from spacy_dlfa.study.comparison.runs import (
    at_checkpoint,
    by_system,
    system_of,
    with_shared_seeds,
)
from spacy_dlfa.study.errors import Errors

#: Key of the mean over all foreign test sets
ALL = "all"


class BestLayer(NamedTuple):
    """The layer that is best for some test sets. It is an oracle: it was read from their scores.

    layer (int): The layer; of equal ones the lowest.
    gain (float): Points by which it is ahead of the layer that English dev picks.
    corpora (int): Test sets.
    """

    layer: int
    gain: float
    corpora: int


class FusionLayers(NamedTuple):
    """The layers of one fusion in a sweep.

    task (str): Name of the task.
    fusion (str): Short name of the fusion.
    picked (int): The layer that English dev picks.
    layers (int): How many layers there are.
    seeds (int): With how many seeds each.
    families (Dict[str, BestLayer]): By family, and by `ALL` for all of them.
    """

    task: str
    fusion: str
    picked: int
    layers: int
    seeds: int
    families: dict[str, BestLayer]


def best_layers(runs: Sequence[Run]) -> list[FusionLayers]:
    """Find the best layer for each family, for each fusion that was swept over layers.

    runs (Sequence[Run]): The runs of a sweep, as `comparison.runs.read_runs` gives them; only
        seeds that all systems have are read.
    RAISES (ValueError): If no fusion has more than one layer, or the runs lack what the rule
        reads.
    """
    shared = with_shared_seeds(runs)
    systems = by_system(shared)
    names = list(dict.fromkeys(name for name, _ in systems))
    swept = [name for name in names if sum(each[0] == name for each in systems) > 1]
    if not swept:
        raise ValueError(Errors.DL493.format(found=", ".join(names)))
    return [_best_layers(shared, name) for name in swept]


def _best_layers(runs: Sequence[Run], name: str) -> FusionLayers:
    own = [run for run in runs if run["name"] == name]
    picked = pick(own)
    # It has a layer, as all systems with more than one have
    layer_picked = int(picked.layer or 0)
    scores: dict[str, dict[int, list[float]]] = {}
    counts: dict[str, int] = {}
    for run in own:
        _, layer = system_of(run)
        averages = at_checkpoint(run, picked.checkpoint)["averages"]
        for family, row in {ALL: averages["all"], **averages["genera"]}.items():
            if layer is not None and row[run["metric"]] is not None:
                scores.setdefault(family, {}).setdefault(layer, []).append(row[run["metric"]])
                counts[family] = row["corpora"]
    families = {}
    for family, by_layer in scores.items():
        means = {layer: float(numpy.mean(each)) for layer, each in sorted(by_layer.items())}
        best = max(means, key=means.__getitem__)
        families[family] = BestLayer(best, means[best] - means[layer_picked], counts[family])
    layers, seeds = {run["layer"] for run in own}, {run["seed"] for run in own}
    return FusionLayers(own[0]["task"], name, layer_picked, len(layers), len(seeds), families)
