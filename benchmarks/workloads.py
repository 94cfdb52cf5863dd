"""Texts to predict on, the same for all systems, from the test sets of many languages."""

import random
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

import numpy
import spacy

from benchmarks.encoders import ROOT, Amounts
from benchmarks.systems import TOKENIZER
from spacy_dlfa.evaluation.gold import find_corpora
from spacy_dlfa.messages import fail

LANGUAGES = ("en", "de", "fr", "ru", "ar", "es", "hi", "tr", "fi", "id")
SHORTEST, LONGEST = 5, 3000


class Workload(NamedTuple):
    """Raw texts.

    title (str): What they are.
    texts (List[str]): The texts.
    words (int): Number of tokens in all of them.
    """

    title: str
    texts: list[str]
    words: int


def find_test_sets(corpora: list[Path]) -> list[Path]:
    """List the test sets in files and folders; ends the command if there are none."""
    try:
        return find_corpora(corpora)
    except ValueError as err:
        fail(str(err))


def make_workloads(amounts: Amounts) -> dict[str, Workload]:
    """Make the texts for measurements of speed: "short", "stream", "mixed", "chinese"."""
    nlp = spacy.blank("xx", config={"nlp": {"tokenizer": TOKENIZER}})
    mixed, lengths = _mixed(nlp, amounts.mixed)
    found = {
        "short": ("sentences in ten languages", _take(nlp, sentences(), amounts.short)),
        "stream": (f"a stream of {amounts.stream:,} sentences", sentences()[: amounts.stream]),
        "mixed": (f"documents of {lengths[0]:,} to {lengths[-1]:,} words", mixed),
        "chinese": ("Chinese sentences", _take(nlp, sentences(["zh"]), amounts.chinese)),
    }
    return {
        name: Workload(title, texts, sum(map(len, nlp.tokenizer.pipe(texts))))
        for name, (title, texts) in found.items()
    }


def sentences(languages: Sequence[str] = LANGUAGES) -> list[str]:
    """Read the sentences of PUD, the languages in turn."""
    read = [list(_read(language)) for language in languages]
    return list(chain.from_iterable(zip(*read, strict=False)))


def short_docs(count: int) -> Iterator[str]:
    """Make documents of six words, no two from the same place.

    count (int): The number, up to 20,000.
    """
    words = [text.split() for text in sentences()]
    places = ((start, each) for start in range(30) for each in words if len(each) >= start + 6)
    return (" ".join(each[start : start + 6]) for start, each in islice(places, count))


def _read(language: str) -> Iterator[str]:
    path = ROOT / "assets" / "pos" / "test" / f"{language}_pud.conllu"
    for line in path.read_text("utf8").splitlines():
        if line.startswith("# text = "):
            yield line.removeprefix("# text = ")


def _take(nlp: spacy.Language, texts: Sequence[str], words: int) -> list[str]:
    found = []
    for text in texts:
        if words <= 0:
            break
        found.append(text)
        words -= len(nlp.make_doc(text))
    return found


def _mixed(nlp: spacy.Language, words: int) -> tuple[list[str], list[int]]:
    """Make documents whose lengths are evenly spaced on a logarithmic scale, in random order."""
    longest = min(LONGEST, words // 2)
    count = 2
    while sum(numpy.geomspace(SHORTEST, longest, count + 1)) <= words:
        count += 1
    lengths = [round(length) for length in numpy.geomspace(SHORTEST, longest, count)]
    generator = random.Random(0)
    source = sentences()
    generator.shuffle(source)
    stream = iter(source)
    texts = []
    for length in lengths:
        parts: list[str] = []
        found = 0
        while found < length:
            parts.append(next(stream))
            found += len(nlp.make_doc(parts[-1]))
        texts.append(nlp.make_doc(" ".join(parts))[:length].text)
    generator.shuffle(texts)
    return texts, lengths
