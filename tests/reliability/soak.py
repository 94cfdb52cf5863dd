"""Run a pipeline for an hour, and see whether memory grows or results change.

    python -m tests.reliability.soak PIPELINE --minutes 60 --output soak.json

Documents of 1 to 3,000 words in ten languages are made from the sentences under assets/. Fails if
resident memory grows by more than 5 % from the first to the last twelfth of the time, 5 minutes of
an hour, by the medians, or if the documents of the start have other results at the end.
"""

import gc
import itertools
import random
import re
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Annotated

import spacy
import srsly
import typer
from spacy.language import Language

POS = Path(__file__).parents[2] / "assets" / "pos" / "test"
LANGUAGES = ["ar", "de", "en", "es", "fr", "hi", "ja", "ko", "ru", "th"]
MAX_WORDS = 3000
MAX_GROWTH = 0.05
#: Documents that are compared
SAMPLE = 100
BATCH_SIZE = 32
ROUND = 128
#: The time is cut into these, and memory is compared between the first and the last.
PERIODS = 12


def read_sentences() -> list[list[str]]:
    """Sentences of each language."""
    return [
        [
            line.removeprefix("# text = ")
            for line in (POS / f"{language}_pud.conllu").read_text("utf8").splitlines()
            if line.startswith("# text = ")
        ]
        for language in LANGUAGES
    ]


def make_texts(seed: int = 0) -> Iterator[str]:
    """Texts without end: in one language each, half of them shorter than 55 words."""
    rng, languages = random.Random(seed), read_sentences()
    while True:
        sentences = rng.choice(languages)
        number = int(MAX_WORDS ** rng.random())
        parts: list[str] = []
        while len(parts) < number:
            sentence = rng.choice(sentences)
            # Two characters are about a word where there are no spaces.
            parts += sentence.split() if " " in sentence else re.findall("..?", sentence)
        yield (" " if " " in sentence else "").join(parts[:number])


def resident() -> int:
    """Resident memory of this process in bytes."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096


def sample(nlp: Language) -> list[dict]:
    """Results of the same documents each time."""
    texts = make_texts(seed=1)
    return [
        doc.to_json()
        for doc in nlp.pipe((next(texts) for _ in range(SAMPLE)), batch_size=BATCH_SIZE)
    ]


def soak(nlp: Language, seconds: float) -> dict:
    """Process documents for a time; returns what was counted."""
    start = time.monotonic()
    first = sample(nlp)
    texts = make_texts()
    documents = words = 0
    memory: dict[int, list[int]] = {}
    reported = 0
    while (now := time.monotonic() - start) < seconds:
        for doc in nlp.pipe(itertools.islice(texts, ROUND), batch_size=BATCH_SIZE):
            documents += 1
            words += len(doc)
        # Between rounds, when no document is held
        del doc
        gc.collect()
        memory.setdefault(int(PERIODS * now / seconds), []).append(resident())
        if len(memory) > reported:
            reported = len(memory)
            print(f"{now:6.0f} s {documents:9,} documents {words:11,} words "
                  f"{memory[max(memory)][-1] / 2**20:8,.0f} MiB", flush=True)  # fmt: skip
    identical = sample(nlp) == first
    # Medians, as the C library keeps now more and now less of what is free
    curve = [round(median(memory[period])) for period in sorted(memory)]
    growth = curve[-1] / curve[0] - 1
    return {
        "documents": documents,
        "words": words,
        "seconds": round(time.monotonic() - start),
        "memory": curve,
        "growth": round(growth, 4),
        "identical": identical,
        "passed": identical and growth <= MAX_GROWTH,
    }


def main(
    pipeline: str,
    minutes: Annotated[float, typer.Option(help="How long")] = 60,
    output: Annotated[Path | None, typer.Option(help="JSON with what was counted")] = None,
) -> None:
    """Run a pipeline for a time, and see whether memory grows or results change."""
    result = {"pipeline": pipeline, **soak(spacy.load(pipeline), 60 * minutes)}
    print(srsly.json_dumps(result, indent=2))
    if output:
        srsly.write_json(output, result)
    raise typer.Exit(0 if result["passed"] else 1)


if __name__ == "__main__":
    typer.run(main)
