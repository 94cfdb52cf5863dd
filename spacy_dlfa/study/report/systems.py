"""The seeds of each system of a sweep, taken together."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import mean, stdev
from typing import Any, NamedTuple

from spacy_dlfa.evaluation.record import Part, Run
from spacy_dlfa.fusions.variants import find_variants
from spacy_dlfa.study.comparison.rules import Checkpoint
from spacy_dlfa.study.comparison.runs import at_checkpoint, by_system
from spacy_dlfa.study.comparison.verdict import is_control
from spacy_dlfa.study.errors import Errors
from spacy_dlfa.study.pages.theme import COLOURS


class Spread(NamedTuple):
    """A value over seeds.

    mean (float): Mean.
    low (float): Lowest seed, or lower end of an interval.
    high (float): Highest seed, or upper end.
    deviation (Optional[float]): Standard deviation; None of one seed.
    """

    mean: float
    low: float
    high: float
    deviation: float | None


@dataclass(frozen=True)
class SweptSystem:
    """The runs of one fusion and lower layer.

    name (str): Name of the fusion.
    layer (Optional[int]): Its lower layer.
    runs (Sequence[Run]): One for each seed.
    """

    name: str
    layer: int | None
    runs: Sequence[Run]

    def dev(self, checkpoint: Checkpoint) -> Spread | None:
        """Return the score on English dev."""
        return self._over_seeds(
            checkpoint, lambda part, metric: (part.get("dev") or {}).get(metric)
        )

    def average(
        self, checkpoint: Checkpoint, group: str = "all", metric: str | None = None
    ) -> Spread | None:
        """Return the mean over the foreign test sets of a group."""
        return self._over_seeds(
            checkpoint, lambda part, headline: part["averages"][group][metric or headline]
        )

    def score(self, checkpoint: Checkpoint, corpus: str) -> Spread | None:
        """Return the score on one test set."""
        return self._over_seeds(checkpoint, lambda part, metric: part["scores"][corpus][metric])

    def inside(self, read: Callable[[dict[str, Any]], float | None]) -> Spread | None:
        """Return a value that `read` finds in what was seen inside the runs."""
        return spread(read(inside) for run in self.runs if (inside := run.get("inside")))

    def _over_seeds(
        self, checkpoint: Checkpoint, read: Callable[[Part, str], float | None]
    ) -> Spread | None:
        if checkpoint == "average" and not all(run.get("average") for run in self.runs):
            return None
        return spread(read(at_checkpoint(run, checkpoint), run["metric"]) for run in self.runs)


def spread(values: Iterable[float | None]) -> Spread | None:
    """Take values together; None if there is none."""
    known = [value for value in values if value is not None]
    if not known:
        return None
    deviation = stdev(known) if len(known) > 1 else None
    return Spread(mean(known), min(known), max(known), deviation)


def swept_systems(runs: Sequence[Run]) -> list[SweptSystem]:
    """Group runs by system, by name and layer."""
    return [SweptSystem(*system, seeds) for system, seeds in by_system(runs).items()]


def fused_names(systems: Iterable[SweptSystem]) -> list[str]:
    """List the fusions with a lower layer, controls last."""
    names = {system.name for system in systems if system.layer is not None}
    return sorted(names, key=lambda name: (is_control(name), name))


def fusion_colour(name: str) -> str:
    """Return the name of the colour of a fusion, as a sweep names it.

    RAISES (ValueError): If there is no such colour.
    """
    variant = find_variants().get(name)
    if variant is None:
        return "green"
    if variant.colour not in COLOURS:
        raise ValueError(
            Errors.DL471.format(
                name=name,
                registered=variant.registered,
                colour=variant.colour,
                colours=", ".join(COLOURS),
            )
        )
    return variant.colour
