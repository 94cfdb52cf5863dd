"""The languages of the test sets and their families."""

from typing import NamedTuple

#: English's own family, `enf` in the DLFA paper, which counts English and German.
ENGLISH_FAMILY = "Germanic"


class Language(NamedTuple):
    """A language of a test set.

    code (str): As in the name of the test set: ISO 639-1, or ISO 639-3 where that is needed.
    name (str): English name.
    family (str): The family that the paper's averages go by, one level under Indo-European: a
        genus of the World Atlas of Language Structures.
    """

    code: str
    name: str
    family: str


LANGUAGES = {
    language.code: language
    for language in (
        Language("ceb", "Cebuano", "Greater Central Philippine"),
        Language("da", "Danish", "Germanic"),
        Language("de", "German", "Germanic"),
        Language("en", "English", "Germanic"),
        Language("hr", "Croatian", "Slavic"),
        Language("nno", "Norwegian Nynorsk", "Germanic"),
        Language("nob", "Norwegian Bokmål", "Germanic"),
        Language("pt", "Portuguese", "Romance"),
        # Arabic in Latin script, mixed with French.
        Language("qaf", "Maghrebi Arabizi", "Semitic"),
        Language("ru", "Russian", "Slavic"),
        Language("sk", "Slovak", "Slavic"),
        Language("sr", "Serbian", "Slavic"),
        Language("sv", "Swedish", "Germanic"),
        Language("tl", "Tagalog", "Greater Central Philippine"),
        Language("zh", "Chinese", "Sinitic"),
    )
}


def language_of(corpus: str) -> Language:
    """Return the language of a test set by its name, `<code>_<treebank>`.

    RAISES (ValueError): If the code is not known.
    """
    code = corpus.split("_")[0]
    if code not in LANGUAGES:
        raise ValueError(
            f"Test set '{corpus}': found the language code '{code}'; expected a name like "
            f"de_pud.spacy with one of {', '.join(LANGUAGES)}"
        )
    return LANGUAGES[code]
