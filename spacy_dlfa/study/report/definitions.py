"""What the scores on the page of a sweep mean."""

from spacy_dlfa.study.comparison.rules import DEFAULT_RULE, RULES
from spacy_dlfa.study.pages.definitions import definitions

_PAIRED = (
    "of a difference: paired, on the same seeds and resampled sentences, 10,000 times; it covers "
    "what other seeds and other sentences would change, or sentences alone if there is one seed."
)


def sweep_definitions(task: str) -> dict[str, str]:
    """Say what each score on the page of a sweep means."""
    rule = RULES[DEFAULT_RULE]
    chosen = f"by its {rule.reason}, {rule.checkpoint} checkpoint; no target label is read."
    found = {**definitions(task), "95 %": _PAIRED, f"Chosen by {DEFAULT_RULE}": chosen}
    del found["Raw text"]
    return found
