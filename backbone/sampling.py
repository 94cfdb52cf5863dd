"""Which text is drawn next."""

from collections.abc import Iterable, Sequence
from typing import Generic, TypeVar

import numpy as np

from backbone.packed import Packed, Text
from backbone.settings import SamplingSettings

#: The kind of code-switched lines, which are drawn apart from the rest.
SWITCHED = "switched"
#: Rows whose sides differ so much in length, against the usual, hardly translate each other.
_LENGTH_RATIO = 1.8
#: Fewer common rows aren't worth drawing from.
_MIN_ROWS = 8
#: Rows that a window is filled from, at most.
_MAX_WINDOW_ROWS = 40
#: Draws that may fail in a row, before the corpus or a setting is taken to be wrong.
_MAX_TRIES = 1000

T = TypeVar("T")


class Wheel(Generic[T]):
    """Draws items by weight.

    RAISES (ValueError): If there are none, or no weight is positive.
    """

    def __init__(self, items: Sequence[T], weights: Iterable[float], what: str):
        self.items = items
        self.bounds = np.cumsum(np.asarray(list(weights), np.float64))
        if not len(self.bounds) or not self.bounds[-1] > 0:
            raise ValueError(f"the corpus has no {what}; pack one that has, or set its share to 0")

    def draw(self, rng: np.random.Generator) -> T:
        """Return an item."""
        place = np.searchsorted(self.bounds, rng.random() * self.bounds[-1], side="right")
        return self.items[min(int(place), len(self.items) - 1)]


class Stream:
    """A text that windows are cut from."""

    def __init__(self, text: Text):
        self.text = text
        self.starts = text.get_starts()

    def line(self, number: int) -> np.ndarray:
        """Return the word pieces of a line."""
        return self.text.ids[self.starts[number] : self.starts[number + 1]]

    def draw(self, rng: np.random.Generator, pieces: int) -> np.ndarray:
        """Return word pieces from the start of some line on, (pieces,), in a ring."""
        start = self.starts[rng.integers(len(self.text.lengths))]
        return self.text.ids.take(np.arange(start, start + pieces), mode="wrap")


def make_text_wheel(packed: Packed, settings: SamplingSettings) -> Wheel[Stream]:
    """Return the texts to draw windows of one language from, by language and kind.

    RAISES (ValueError): If a kind of text has no share.
    """
    texts = [
        text
        for text in packed.texts
        if text.monolingual and text.kind != SWITCHED and len(text.ids)
    ]
    sizes: dict[str, int] = {}
    within: dict[str, float] = {}
    shares = []
    for text in texts:
        if text.kind not in settings.kinds:
            raise ValueError(
                f"sampling.kinds: nothing for {text.kind!r}, of {text.name}; add its factor"
            )
        shares.append(settings.kinds[text.kind] * len(text.ids) ** settings.exponent)
        sizes[text.language] = sizes.get(text.language, 0) + len(text.ids)
        within[text.language] = within.get(text.language, 0) + shares[-1]
    weights = [
        settings.languages.get(text.language, 1.0)
        * sizes[text.language] ** settings.exponent
        * share
        / within[text.language]
        for text, share in zip(texts, shares, strict=True)
    ]
    return Wheel([Stream(text) for text in texts], weights, "text in one language")


def make_switched_wheel(packed: Packed) -> Wheel[Stream]:
    """Return the code-switched texts, all drawn as often."""
    texts = [text for text in packed.texts if text.kind == SWITCHED and len(text.ids)]
    return Wheel([Stream(text) for text in texts], [1.0] * len(texts), "code-switched text")


class Translations:
    """Draws aligned lines of two languages.

    RAISES (ValueError): If the corpus has no aligned text.
    """

    def __init__(self, packed: Packed, settings: SamplingSettings):
        self.settings = settings
        groups: dict[str, list[Stream]] = {}
        for text in packed.texts:
            if text.group and len(text.ids):
                groups.setdefault(text.group, []).append(Stream(text))
        groups = {
            name: streams
            for name, streams in groups.items()
            if len({stream.text.language for stream in streams}) > 1
        }
        by_kind: dict[str, list[list[Stream]]] = {}
        for streams in groups.values():
            by_kind.setdefault(streams[0].text.kind, []).append(streams)
        # A group of pairs, such as Tatoeba's, has two languages, and there is one for each.
        wheels = [
            Wheel(kind_groups, map(self._weigh_group, kind_groups), "aligned text")
            for kind_groups in by_kind.values()
        ]
        weights = [settings.translations.get(kind, 0.0) for kind in by_kind]
        self.kinds = Wheel(wheels, weights, "aligned text")
        self.common: dict[tuple[str, str], np.ndarray] = {}

    def draw(
        self, rng: np.random.Generator, pieces: tuple[int, int]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return lines and their translations.

        pieces (Tuple[int, int]): Word pieces of each side; the sides start at the same line, and
            are cut where they are full.
        RAISES (ValueError): If the corpus has too few of them.
        """
        for _ in range(_MAX_TRIES):
            first, second = self._draw_pair(rng, self.kinds.draw(rng).draw(rng))
            rows = self._get_common(first, second)
            if len(rows) < _MIN_ROWS:
                continue
            start = int(rng.integers(len(rows)))
            left: list[np.ndarray] = []
            right: list[np.ndarray] = []
            full = [0, 0]
            for i in range(start, start + _MAX_WINDOW_ROWS):
                a, b = rows[i % len(rows)]
                left.append(first.line(a))
                right.append(second.line(b))
                full[0] += len(left[-1])
                full[1] += len(right[-1])
                if full[0] >= pieces[0] and full[1] >= pieces[1]:
                    return np.concatenate(left)[: pieces[0]], np.concatenate(right)[: pieces[1]]
        raise ValueError(
            f"the corpus's aligned text: found no {max(pieces)} word pieces beside their "
            f"translation in {_MAX_TRIES} tries, the last in {first.text.name} and "
            f"{second.text.name} with {len(rows)} common lines; pack more lines, or set the share "
            "of that kind in sampling.translations to 0"
        )

    def _weigh_group(self, group: list[Stream]) -> float:
        return sum(len(stream.text.ids) for stream in group) ** self.settings.exponent

    def _draw_pair(self, rng: np.random.Generator, group: list[Stream]) -> tuple[Stream, Stream]:
        english = [stream for stream in group if stream.text.language == "en"]
        foreign = [stream for stream in group if stream.text.language != "en"]
        factors = self.settings.languages
        wheel = Wheel(foreign, (factors.get(s.text.language, 1.0) for s in foreign), "aligned text")
        second = wheel.draw(rng)
        others = {stream.text.language for stream in foreign} - {second.text.language}
        if english and (not others or rng.random() < self.settings.english):
            first = english[rng.integers(len(english))]
        else:
            first = self._draw_other(rng, wheel, second)
        return (first, second) if rng.random() < 0.5 else (second, first)

    def _draw_other(self, rng: np.random.Generator, wheel: Wheel[Stream], stream: Stream) -> Stream:
        """Return a text of another language than that of `stream`."""
        for _ in range(_MAX_TRIES):
            other = wheel.draw(rng)
            if other.text.language != stream.text.language:
                return other
        raise ValueError(
            f"sampling.languages: found no other language than {stream.text.language!r} for "
            f"{stream.text.name} in {_MAX_TRIES} tries; give the others larger factors"
        )

    def _get_common(self, first: Stream, second: Stream) -> np.ndarray:
        """Return line numbers of translations, (rows, 2), in the order of the keys."""
        names = first.text.name, second.text.name
        if names[0] > names[1]:
            return self._get_common(second, first)[:, ::-1]
        if names not in self.common:
            assert first.text.keys is not None
            assert second.text.keys is not None
            keys, a, b = np.intersect1d(first.text.keys, second.text.keys, return_indices=True)
            rows = np.stack([a, b], 1)[keys >= 0]
            # Three more, so that short lines aren't all left out
            ratio = (first.text.lengths[rows[:, 0]] + 3) / (second.text.lengths[rows[:, 1]] + 3)
            if len(rows):
                ratio /= np.median(ratio)
            rows = rows[(ratio < _LENGTH_RATIO) & (ratio > 1 / _LENGTH_RATIO)]
            self.common[names] = rows.astype(np.int32)
        return self.common[names]
