"""What a comparison says, in a sentence."""

from spacy_dlfa.fusions.variants import STOCK, find_variants
from spacy_dlfa.study.comparison.inference import Estimate
from spacy_dlfa.study.comparison.runs import System

LEVEL = 0.05
#: The start of a run whose encoder was trained on nothing before
NO_INTERMEDIATE = "none"


def title(system: System) -> str:
    """Name a system in words."""
    name, layer = system
    if name == STOCK:
        return "spaCy's own listener"
    if name == NO_INTERMEDIATE:
        return "no intermediate task"
    if variant := find_variants().get(name):
        return variant.title.format(layer=layer)
    return name if layer is None else f"{name} at layer {layer}"


def is_control(name: str) -> bool:
    """Whether a system is no fusion that a sweep is about."""
    variant = find_variants().get(name)
    return variant is None or variant.control


def verdict(
    system: System,
    baseline: System,
    estimate: Estimate,
    p_holm: float,
    *,
    ahead: int,
    corpora: int,
    seeds: int,
    systems: int,
) -> str:
    """Say whether a system beats the baseline, loses to it or can't be told apart from it.

    system (System): Name and layer.
    baseline (System): Name and layer of what it is compared with.
    estimate (Estimate): Mean difference over the foreign test sets, in points.
    p_holm (float): The p-value, corrected for the number of systems.
    ahead (int): Foreign test sets where the system scores higher.
    corpora (int): Foreign test sets.
    seeds (int): Seeds that both were trained with.
    systems (int): Systems that were compared with the baseline.
    """
    difference, low, high, p = estimate
    subject, other = title(system), title(baseline)
    subject = subject[0].upper() + subject[1:]
    clear = not low <= 0 <= high
    if clear and p_holm < LEVEL:
        if difference > 0:
            head = f"{subject} beats {other} by {_points(difference)} points"
        else:
            head = f"{subject} loses to {other} by {_points(-difference)} points"
            low, high = -high, -low
    else:
        among = f", as one of {systems} systems," if clear and systems > 1 else ""
        head = (
            f"{subject}{among} can't be told apart from {other}: {_points(difference, '+')} points"
        )
    tests = [] if clear and p_holm < LEVEL else [f"p {p_value(p)}"]
    tests += [f"Holm p {p_value(p_holm)}"] if clear else []
    trained = f"{seeds} seeds" if seeds > 1 else "1 seed, so sentences only: another may differ"
    return (
        f"{head}, 95 % interval {_points(low)} to {_points(high)}, ahead in {ahead} of {corpora} "
        f"foreign test sets ({', '.join([*tests, trained])})"
    )


def format_p(p: float) -> str:
    """Write a p-value for a table, which never is zero."""
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def _points(value: float, sign: str = "") -> str:
    return f"{value:{sign}.1f}" if abs(value) >= 0.05 or value == 0 else f"{value:{sign}.2f}"


def p_value(p: float) -> str:
    """Write a p-value for a sentence, behind a p."""
    return "< 0.001" if p < 0.001 else f"= {p:.2g}"
