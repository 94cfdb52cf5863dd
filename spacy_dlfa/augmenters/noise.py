"""The augmenter `spacy_dlfa.Noise.v1`."""

import random
from collections.abc import Callable, Iterator

from spacy.language import Language
from spacy.training import Example

from spacy_dlfa.augmenters.kinds import check_kinds, damage
from spacy_dlfa.augmenters.words import check_share, make_example


def create_noise(
    kinds: list[str], level: float, amount: float
) -> Callable[[Language, Example], Iterator[Example]]:
    """Build `spacy_dlfa.Noise.v1`: damages texts as people and programs do.

    kinds (List[str]): Kinds of damage, keys of `spacy_dlfa.augmenters.kinds.KINDS`. An example has
        one of them, which is drawn.
    level (float): Share of the examples that are damaged, 0 to 1.
    amount (float): Share of the words of such an example that are damaged, 0 to 1, one at least;
        casing, diacritics and punctuation are the whole text's.
    RETURNS (Callable[[Language, Example], Iterator[Example]]): The augmenter. Where it drops or
        adds words it raises a ValueError for annotation that can't follow: lemmas, morphology,
        heads, spans.
    RAISES (ValueError): If a share is not one, or there is no such kind.
    """
    check_kinds(kinds)
    check_share("Noise", "level", level)
    check_share("Noise", "amount", amount)

    def augment(nlp: Language, example: Example) -> Iterator[Example]:
        if random.random() >= level:
            yield example
            return
        kind = random.choice(kinds)
        rng = random.Random(random.getrandbits(32))
        damaged = damage(example.reference, kind, amount, rng)
        yield make_example(nlp, example, damaged, f"Noise, {kind}")

    return augment
