"""The languages of the test sets and their families."""

from typing import NamedTuple

#: English's own family, `enf` in the DLFA paper, which counts English and German.
ENGLISH_FAMILY = "Germanic"


class Language(NamedTuple):
    """A language of a test set.

    codes (str): As in the names of test sets: ISO 639-1, ISO 639-3, and ISO 639-3 of the standard
        variety where data sets name that.
    name (str): English name.
    family (str): The family that the paper's averages go by, one level under Indo-European: a
        genus of the World Atlas of Language Structures.
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


def language_of(corpus: str) -> Language:
    """Return the language of a test set by its name, `<code>_<rest>`.

    RAISES (ValueError): If the code is not known.
    """
    code = corpus.split("_")[0]
    if code not in LANGUAGES:
        raise ValueError(
            f"Test set '{corpus}': found the language code '{code}'; expected a name like de_pud "
            f"or deu_Latn with one of {', '.join(LANGUAGES)}"
        )
    return LANGUAGES[code]


def kind_of(corpus: str) -> str:
    """Return the kind of a test set by its name, which translations of it share: `pud`."""
    _, _, rest = corpus.partition("_")
    # Names that say the script, deu_Latn and rus_Cyrl, are of one kind.
    return "script" if len(rest) == 4 and rest.istitle() else rest
