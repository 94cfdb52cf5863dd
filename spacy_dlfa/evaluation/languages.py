"""The languages of the test sets and their families."""

import re
from collections.abc import Iterable
from typing import NamedTuple

#: English's own family, `enf` in the DLFA paper, which counts English and German.
ENGLISH_FAMILY = "Germanic"


class Language(NamedTuple):
    """A language of a test set.

    codes (str): As in the names of test sets: ISO 639-1, ISO 639-3, and ISO 639-3 of the standard
        variety where data sets name that.
    name (str): English name.
    family (str): The family that the paper's averages go by, one level under Indo-European: a
        genus of the World Atlas of Language Structures. Empty if it is not known.
    """

    codes: str
    name: str
    family: str


#: By code.
LANGUAGES = {
    code: language
    for language in (
        Language("af afr", "Afrikaans", "Germanic"),
        Language("am amh", "Amharic", "Semitic"),
        Language("ar ara arb", "Arabic", "Semitic"),
        Language("ary", "Moroccan Arabic", "Semitic"),
        Language("az aze azj", "Azerbaijani", "Turkic"),
        Language("bg bul", "Bulgarian", "Slavic"),
        Language("bn ben", "Bengali", "Indic"),
        Language("ca cat", "Catalan", "Romance"),
        Language("ceb", "Cebuano", "Greater Central Philippine"),
        Language("cs ces", "Czech", "Slavic"),
        Language("da dan", "Danish", "Germanic"),
        Language("de deu", "German", "Germanic"),
        Language("el ell", "Greek", "Greek"),
        Language("en eng", "English", "Germanic"),
        Language("es spa", "Spanish", "Romance"),
        Language("et est", "Estonian", "Finnic"),
        Language("eu eus", "Basque", "Basque"),
        Language("fa fas pes", "Persian", "Iranian"),
        Language("fi fin", "Finnish", "Finnic"),
        Language("fr fra", "French", "Romance"),
        Language("gl glg", "Galician", "Romance"),
        Language("ha hau", "Hausa", "West Chadic"),
        Language("he heb", "Hebrew", "Semitic"),
        Language("hi hin", "Hindi", "Indic"),
        Language("hr hrv", "Croatian", "Slavic"),
        Language("hu hun", "Hungarian", "Ugric"),
        Language("id ind", "Indonesian", "Malayo-Sumbawan"),
        Language("is isl", "Icelandic", "Germanic"),
        Language("it ita", "Italian", "Romance"),
        Language("ja jpn", "Japanese", "Japanese"),
        Language("jv jav", "Javanese", "Javanese"),
        Language("ka kat", "Georgian", "Kartvelian"),
        Language("kk kaz", "Kazakh", "Turkic"),
        Language("ko kor", "Korean", "Korean"),
        Language("lt lit", "Lithuanian", "Baltic"),
        Language("lv lav lvs", "Latvian", "Baltic"),
        Language("mk mkd", "Macedonian", "Slavic"),
        Language("ml mal", "Malayalam", "Southern Dravidian"),
        Language("mr mar", "Marathi", "Indic"),
        Language("ms msa zsm", "Malay", "Malayo-Sumbawan"),
        Language("nb nob", "Norwegian Bokmål", "Germanic"),
        Language("my mya", "Burmese", "Burmese-Lolo"),
        Language("nl nld", "Dutch", "Germanic"),
        Language("nn nno", "Norwegian Nynorsk", "Germanic"),
        Language("no nor", "Norwegian", "Germanic"),
        Language("pa pan", "Punjabi", "Indic"),
        Language("pl pol", "Polish", "Slavic"),
        Language("pt por", "Portuguese", "Romance"),
        # Arabic in Latin script, mixed with French.
        Language("qaf", "Maghrebi Arabizi", "Semitic"),
        Language("ro ron", "Romanian", "Romance"),
        Language("ru rus", "Russian", "Slavic"),
        Language("sk slk", "Slovak", "Slavic"),
        Language("sl slv", "Slovenian", "Slavic"),
        Language("sr srp", "Serbian", "Slavic"),
        Language("sv swe", "Swedish", "Germanic"),
        Language("sw swa swh", "Swahili", "Bantoid"),
        Language("ta tam", "Tamil", "Southern Dravidian"),
        Language("te tel", "Telugu", "South-Central Dravidian"),
        Language("th tha", "Thai", "Kam-Tai"),
        Language("tl tgl", "Tagalog", "Greater Central Philippine"),
        Language("tr tur", "Turkish", "Turkic"),
        Language("uk ukr", "Ukrainian", "Slavic"),
        Language("ur urd", "Urdu", "Indic"),
        Language("vi vie", "Vietnamese", "Viet-Muong"),
        Language("yo yor", "Yoruba", "Defoid"),
        Language("zh zho", "Chinese", "Sinitic"),
    )
    for code in language.codes.split()
}


_CODE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*", re.IGNORECASE | re.ASCII)


def is_code(text: str) -> bool:
    """Whether a text has the form of a language's code: `de`, `deu`, `pt-BR`."""
    return _CODE.fullmatch(text) is not None


def code_of(corpus: str) -> str | None:
    """Return the code in a test set's name, `<code>_<rest>`; None if there is none, as in `my`."""
    code, _, rest = corpus.partition("_")
    return code if rest and is_code(code) else None


def language_of(corpus: str) -> Language:
    """Return the language of a test set by its name, `<code>_<rest>`.

    Case and what follows a hyphen in the code count for nothing. A language that is not known here
    is called by its code, one of which the name says nothing by the name; both have no family.
    """
    code = code_of(corpus)
    if code is None:
        return Language("", corpus, "")
    main = code.lower().partition("-")[0]
    return LANGUAGES.get(main, Language(main, main, ""))


def is_foreign(corpus: str) -> bool:
    """Whether a test set's name says that it is in another language than English."""
    return language_of(corpus).name != "English" and code_of(corpus) is not None


def add_code(corpus: str, code: str | None) -> str:
    """Put a language's code before a name that does not say this language."""
    if code is None or language_of(corpus) == language_of(f"{code}_{corpus}"):
        return corpus
    return f"{code}_{corpus}"


def language_notes(corpora: Iterable[str]) -> list[str]:
    """Say in a sentence each which test sets have no language, and which no family."""
    names = list(corpora)
    without = [name for name in names if code_of(name) is None]
    unknown = [name for name in names if name not in without and not language_of(name).family]
    notes = []
    if without:
        notes.append(
            f"{', '.join(without)}: found no language in the name, so in no mean; expected a name "
            "like de_mails, or --language"
        )
    if unknown:
        notes.append(
            f"{', '.join(unknown)}: found a language whose family is not known, so in the mean of "
            "all foreign test sets and in no other"
        )
    return notes


def kind_of(corpus: str) -> str:
    """Return the kind of a test set by its name, which translations of it share: `pud`."""
    if code_of(corpus) is None:
        return corpus
    _, _, rest = corpus.partition("_")
    # Names that say the script, deu_Latn and rus_Cyrl, are of one kind.
    return "script" if len(rest) == 4 and rest.istitle() else rest
