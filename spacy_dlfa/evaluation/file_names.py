"""The language that the name of a file with training data says."""

import re
from pathlib import Path

from spacy_dlfa.languages import ENGLISH, LANGUAGES, Language, code_of, is_word, language_by

# Names may be a code alone, or have one beside the name of a split, a task or a data set
_SPLIT = "train|dev|valid|validation|test|gold|eval"
_DATA = "ner|pos|tags|tagger|textcat|topics|intents|pairs|nli|xnli|paws-?x|wikiann|panx|sib200|ud"
# Of a script or a region, as `zh-Hans` and `pt-BR`; in small letters it may be a word, `no-labels`
_SUBTAGS = r"(?-i:(?:-[A-Z][a-z]{3})?(?:-[A-Z]{2})?)"
_FLAGS = re.IGNORECASE | re.ASCII
_TRAINING = re.compile(
    rf"(?:{_SPLIT})[_.-](?P<last>(?!run\b)[a-z]{{2,3}})(?:[_.-].*)?"
    rf"|(?P<first>[a-z]{{2,3}})(?:{_SUBTAGS}(?:\..*)?"
    rf"|(?:-[a-z0-9]+)*(?:_.*|[.-](?:{_SPLIT}|training)\b.*))",
    _FLAGS,
)
_INSIDE = re.compile(
    rf".+?[_.-](?P<inner>[a-z]{{2,3}}){_SUBTAGS}[_.-](?:{_SPLIT}|training)(?:[_.-].*)?"
    rf"|(?:{_DATA})[_.-](?P<last>[a-z]{{2,3}}){_SUBTAGS}(?:[_.-].*)?",
    _FLAGS,
)
_FOLDER = re.compile(rf"(?P<code>[a-z]{{2,3}}){_SUBTAGS}(?-i:_[A-Z][a-z]{{3}})?", _FLAGS)
# Codes that are words beside other words, `yes-no-train`, abbreviations of folders, and both
_PHRASES = "am as be id is ml mt no or so"
_FOLDERS = "ml mt st te tr"
_WORDS = """
    ace arm ban ben bug cat dan est fin fur geo hat ice ind kin lit lug mac mag mal mar min mon nob
    nor pan pap pol run rum sag san sat sin sun tam tel war
"""
# Of one word; `Latin` may be the script
_NAMES = {
    language.name.lower(): language
    for language in LANGUAGES.values()
    if len(language.name) > 3 and language.name != "Latin"
}


def foreign_language_of(path: Path) -> Language | None:
    """Return the language that the name of a file with training data says, if it is not English.

    Besides test sets' names it knows `de`, `de-AT`, `de.gsd`, `de-train`, `train_de`, `ner-de`,
    `wikiann-de-train` and `german_train`, and folders like `de` if the file's own name says none:
    a label too many that is called foreign is better than one too few.

    path (Path): The file; the name counts without its suffix.
    RETURNS (Optional[Language]): None of English, and where the name says none that is known here.
    """
    language = _said_by(path.stem) or _known(_FOLDER, path.parent.name, f"{_FOLDERS} {_WORDS}")
    return None if language is None or language.name == ENGLISH else language


def _said_by(stem: str) -> Language | None:
    if language := _known(_TRAINING, stem):
        return language
    named = [_NAMES[part] for part in re.split("[_.-]", stem.lower()) if part in _NAMES]
    # Of a translation that says both
    named.sort(key=lambda each: each.name == ENGLISH)
    return named[0] if named else _known(_INSIDE, stem, f"{_PHRASES} {_WORDS}")


def _known(pattern: re.Pattern[str], name: str, words: str = "") -> Language | None:
    """Return the language of the code in a name, if it is known here and no word."""
    found = pattern.fullmatch(name)
    code = next(filter(None, found.groups()), "") if found else ""
    # `my_Mymr` has one, though `my` is a word
    if (is_word(code) and code_of(name) is None) or code.lower() in words.split():
        return None
    language = language_by(code)
    return language if language in LANGUAGES.values() else None
