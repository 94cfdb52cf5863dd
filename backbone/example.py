"""A small corpus of two invented languages, in the formats that users have: for a dry run."""

import json
import random
from pathlib import Path

#: English words and their translations, so that a right lexicon is known.
GERMAN = {
    "the": "das",
    "house": "haus",
    "tree": "baum",
    "river": "fluss",
    "bird": "vogel",
    "stone": "stein",
    "light": "licht",
    "water": "wasser",
    "moon": "mond",
    "fire": "feuer",
    "road": "weg",
    "sea": "meer",
    "day": "tag",
    "night": "nacht",
}
ENGLISH = list(GERMAN)


def translate(sentence: str) -> str:
    """Return the sentence word for word in the other language."""
    return " ".join(GERMAN.get(word, word) for word in sentence.split())


def make_sentences(count: int, seed: int) -> list[str]:
    """Return random words in rows."""
    rng = random.Random(seed)
    return [" ".join(rng.sample(ENGLISH, rng.randint(4, 9))) + " ." for _ in range(count)]


def write_sources(folder: Path) -> Path:
    """Write files of every format, and the config file that lists them; returns that."""
    folder.mkdir(parents=True, exist_ok=True)
    verses, pairs, paragraphs = (make_sentences(300, seed) for seed in (1, 2, 3))
    for language, change in (("en", str), ("de", translate)):
        text = "\n".join(change(line) for line in make_sentences(300, 4)) + "\n"
        (folder / f"sentences.{language}.txt").write_text(text, encoding="utf8")
        rows = [f"Genesis,1,{i},{change(verse)}\n" for i, verse in enumerate(verses, 1)]
        (folder / f"bible.{language}.csv").write_text("Book,Chapter,Verse,Text\n" + "".join(rows))
        questions = [{"question": change("the house tree river ?")}]
        paragraph = [{"context": change(text), "qas": questions} for text in paragraphs[:20]]
        (folder / f"xquad.{language}.json").write_text(
            json.dumps({"data": [{"paragraphs": paragraph}]})
        )
        course = folder / "course" / ("translations/de" if language == "de" else "")
        course.mkdir(parents=True, exist_ok=True)
        body = "".join(
            f"# {change('the road')} {i}\n\n{change(p)}\n\n" for i, p in enumerate(paragraphs)
        )
        (course / "lesson.md").write_text(body, encoding="utf8")
    rows = [f"{english}\t{translate(english)}\tCC-BY\n" for english in pairs]
    (folder / "deu.txt").write_text("".join(rows), encoding="utf8")
    sources = folder / "sources.cfg"
    sources.write_text(
        """
[mono]
format = "plain"
files = {"en": ["sentences.en.txt"], "de": ["sentences.de.txt"]}

[bible]
format = "verses"
files = {"en": ["bible.en.csv"], "de": ["bible.de.csv"]}

[xquad]
format = "xquad"
files = {"en": ["xquad.en.json"], "de": ["xquad.de.json"]}

[courses]
format = "markdown"
files = {"en": ["course"], "de": ["course/translations/de"]}

[tatoeba]
format = "tatoeba"
files = {"de": ["deu.txt"]}
""",
        encoding="utf8",
    )
    return sources
