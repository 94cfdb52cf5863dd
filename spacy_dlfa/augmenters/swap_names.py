"""The augmenter `spacy_dlfa.SwapNames.v1`."""

import random
from collections.abc import Callable, Iterator
from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.training import Example

from spacy_dlfa.augmenters.kinds import upper
from spacy_dlfa.augmenters.names import Names, read_names
from spacy_dlfa.augmenters.words import check_share, make_example, rebuild, words_of

#: Labels of entities, as Universal NER and OntoNotes have them
PERSONS, PLACES = ("PER", "PERSON"), ("LOC", "GPE")
# There surnames come first, with no space behind
_UNSPACED = ("Han", "Hang")
# "US" and "UK" are no shouting
_LONGEST_ABBREVIATION = 3


def create_swap_names(level: float, path: Path) -> Callable[[Language, Example], Iterator[Example]]:
    """Build `spacy_dlfa.SwapNames.v1`: puts names of other countries in the place of names.

    Each token of a person's name becomes a forename or, if it is the last of several, a surname of
    one country in one script; initials stay. A place becomes one of as many words. So tokens stay
    as many as they were, and all annotation stays. Names in capitals or in lower case stay so.

    level (float): Share of the examples whose names are swapped, 0 to 1: all that can be.
    path (Path): Folder of names, such as `assets/names`; see `spacy_dlfa.augmenters.names`.
    RETURNS (Callable[[Language, Example], Iterator[Example]]): The augmenter.
    RAISES (ValueError): If the share is not one, or the names can't be read.
    """
    check_share("SwapNames", "level", level)
    names = read_names(Path(path))

    def augment(nlp: Language, example: Example) -> Iterator[Example]:
        if random.random() >= level:
            yield example
            return
        rng = random.Random(random.getrandbits(32))
        yield make_example(nlp, example, swap_names(example.reference, names, rng), "SwapNames")

    return augment


def swap_names(doc: Doc, names: Names, rng: random.Random) -> Doc:
    """Put other names in the place of those of persons and places.

    doc (Doc): The document, which stays as it is.
    names (Names): The names to draw from.
    rng (Random): All that is drawn is drawn from it.
    RETURNS (Doc): One of as many tokens.
    """
    words = words_of(doc)
    for ent in doc.ents:
        if ent.label_ in PERSONS:
            is_spaced, swapped = _draw_person(ent, names, rng)
        elif ent.label_ in PLACES:
            is_spaced, swapped = True, _draw_place(ent, names, rng)
        else:
            continue
        last = max(swapped, default=None)
        for place, name in swapped.items():
            space = words[place].space and (is_spaced or place == last)
            words[place] = words[place]._replace(text=_in_style(ent, name), space=space)
    return rebuild(doc, words)


def _draw_person(ent: Span, names: Names, rng: random.Random) -> tuple[bool, dict[int, str]]:
    """Return whether the parts are set apart by spaces, and the parts by number of the token."""
    scripts = names.persons[rng.choice(list(names.persons))]
    script = rng.choice(list(scripts))
    forenames = scripts[script].get("forename") or scripts[script]["surname"]
    surnames = scripts[script].get("surname") or forenames
    places = [token.i for token in ent if token.is_alpha and len(token) > 1]
    parts = [rng.choice(forenames) for _ in places[1:]]
    surname = rng.choice(surnames)
    if script in _UNSPACED:
        parts = [surname, *parts] if parts else [surname + rng.choice(forenames)]
    else:
        parts = [*parts, surname] if parts else [rng.choice([rng.choice(forenames), surname])]
    return script not in _UNSPACED, dict(zip(places, parts, strict=False))


def _draw_place(ent: Span, names: Names, rng: random.Random) -> dict[int, str]:
    languages = names.places.get(len(ent))
    if languages is None or not all(any(map(str.isalpha, token.text)) for token in ent):
        return {}
    name = rng.choice(languages[rng.choice(list(languages))])
    return {token.i: word for token, word in zip(ent, name.split(), strict=True)}


def _in_style(ent: Span, name: str) -> str:
    letters = max(sum(map(str.isalpha, token.text)) for token in ent)
    if ent.text.isupper() and letters > _LONGEST_ABBREVIATION:
        return upper(name)
    return name.lower() if ent.text.islower() else name
