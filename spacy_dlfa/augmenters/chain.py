"""The augmenter `spacy_dlfa.Chain.v1`."""

from collections.abc import Callable, Iterable, Iterator

from spacy.language import Language
from spacy.training import Example

Augmenter = Callable[[Language, Example], Iterator[Example]]


def create_chain(*augmenters: Augmenter) -> Augmenter:
    """Build `spacy_dlfa.Chain.v1`: augmenters one after the other, as thinc's `chain` does layers.

    augmenters (Callable[[Language, Example], Iterator[Example]]): Each gets what the one before it
        makes. In a config they stand under `*`, by names of your own.
    RETURNS (Callable[[Language, Example], Iterator[Example]]): The augmenter.
    """

    def augment(nlp: Language, example: Example) -> Iterator[Example]:
        examples: Iterable[Example] = [example]
        for augmenter in augmenters:
            examples = [made for each in examples for made in augmenter(nlp, each)]
        yield from examples

    return augment
