"""The languages of the test sets, their families and scripts."""

import csv
import re
from collections.abc import Iterable
from importlib import resources
from typing import Final, NamedTuple

from spacy_dlfa.errors import Errors

#: Name of the language that training data are in.
ENGLISH: Final = "English"
#: English's own family, `enf` in the DLFA paper, which counts English and German.
ENGLISH_FAMILY = "Germanic"
#: With fewer languages a rank correlation says nothing.
MIN_LANGUAGES = 5


class Language(NamedTuple):
    """A language of a test set.

    codes (str): As in the names of test sets: ISO 639-1, ISO 639-3, and ISO 639-3 of the standard
        variety where data sets name that.
    name (str): English name.
    family (str): The family that the paper's averages go by, one level under Indo-European: a
        genus of the World Atlas of Language Structures. Empty if it is not known.
    scripts (str): The scripts that it usually is written in, of ISO 15924, as CLDR and the names of
        FLORES-200 have them.
    """

    codes: str
    name: str
    family: str
    scripts: str = ""


def _read_languages() -> dict[str, Language]:
    table = resources.files("spacy_dlfa").joinpath("languages.tsv")
    rows = csv.DictReader(table.read_text(encoding="utf8").splitlines(), delimiter="\t")
    languages = [Language(**row) for row in rows]
    known = {code: language for language in languages for code in language.codes.split()}
    others = (pair.split(":") for pair in _OTHER_CODES.split())
    return known | {other: known[code] for other, code in others}


# Of ISO 639-2/B, and ones that were withdrawn; `may`, `per` and `in` are words
_OTHER_CODES = """
    alb:sq arm:hy baq:eu bur:my chi:zh cze:cs dut:nl fre:fr geo:ka ger:de gre:el ice:is mac:mk
    mao:mi rum:ro slo:sk tib:bo wel:cy iw:he ji:yi jw:jv mo:ro
"""
#: By code, those of other standards too.
LANGUAGES = _read_languages()

#: Names of languages that cover others: test sets and texts name the one or the other.
_COVERED = {"Norwegian": ("Norwegian Bokmål", "Norwegian Nynorsk"), "Akan": ("Twi",)}

# Of ISO 15924: `News` is no script
_SCRIPTS = """
    Adlm Afak Aghb Ahom Arab Aran Armi Armn Avst Bali Bamu Bass Batk Beng Berf Bhks Blis Bopo Brah
    Brai Bugi Buhd Cakm Cans Cari Cham Cher Chrs Cirt Copt Cpmn Cprt Cyrl Cyrs Deva Diak Dogr Dsrt
    Dupl Egyd Egyh Egyp Elba Elym Ethi Gara Geok Geor Glag Gong Gonm Goth Gran Grek Gujr Gukh Guru
    Hanb Hang Hani Hano Hans Hant Hatr Hebr Hira Hluw Hmng Hmnp Hrkt Hung Inds Ital Jamo Java Jpan
    Jurc Kali Kana Kawi Khar Khmr Khoj Kitl Kits Knda Kore Kpel Krai Kthi Lana Laoo Latf Latg Latn
    Leke Lepc Limb Lina Linb Lisu Loma Lyci Lydi Mahj Maka Mand Mani Marc Maya Medf Mend Merc Mero
    Mlym Modi Mong Moon Mroo Mtei Mult Mymr Nagm Nand Narb Nbat Newa Nkgb Nkoo Nshu Ogam Olck Onao
    Orkh Orya Osge Osma Ougr Palm Pauc Perm Phag Phli Phlp Phlv Phnx Piqd Plrd Prti Rjng Rohg Roro
    Runr Samr Sara Sarb Saur Sgnw Shaw Shrd Sidd Sidt Sind Sinh Sogd Sogo Sora Soyo Sund Sunu Sylo
    Syrc Syre Syrj Syrn Tagb Takr Tale Talu Taml Tang Tavt Tayo Telu Teng Tfng Tglg Thaa Thai Tibt
    Tirh Tnsa Todr Tols Toto Tutg Ugar Vaii Visp Vith Wara Wcho Wole Xpeo Xsux Yezi Yiii Zanb Zinh
    Zmth Zsye Zsym Zxxx Zyyy Zzzz
"""
# Any three letters are a code of some language, but in names of files these say something else
_WORDS = """
    all any big dev doc in its may mix my ner new old one our out own per pos raw set tag the tmp
    two ud web xx
"""
_CODE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{1,8})*", re.IGNORECASE | re.ASCII)


def is_code(text: str) -> bool:
    """Whether a text has the form of a language's code: `de`, `deu`, `pt-BR`."""
    return _CODE.fullmatch(text) is not None


def is_word(code: str) -> bool:
    """Whether what could be a language's code is a word in names: `my_mails` is not in Burmese.

    A code with more to it is none, `my-MM`, nor is one before a script, `my_Mymr`.
    """
    return code.lower() in _WORDS.split()


def code_of(corpus: str, *, alone: bool = False) -> str | None:
    """Return the code in the name of a test set or of texts, `<code>_<rest>`.

    alone (bool): Whether the code may be all of the name, `de`.
    RETURNS (Optional[str]): None if there is none, as in `mails` and `my_mails`, see `is_word`.
    """
    code, _, rest = corpus.partition("_")
    if not is_code(code) or not (rest or alone):
        return None
    return None if is_word(code) and rest not in _SCRIPTS.split() else code


def language_by(code: str) -> Language:
    """Return the language of a code; case and what follows a hyphen count for nothing."""
    main = code.lower().partition("-")[0]
    return LANGUAGES.get(main, Language(main, main, ""))


def with_covered(name: str) -> list[str]:
    """Return the name of a language, and those of the languages that it covers."""
    return [name, *_COVERED.get(name, ())]


def have_in_common(name: str, other: str) -> bool:
    """Whether two names of languages are one, or the one covers the other."""
    return name in with_covered(other) or other in with_covered(name)


def language_of(corpus: str) -> Language:
    """Return the language of a test set by its name, `<code>_<rest>`.

    A language that is not known here is called by its code, one of which the name says nothing by
    the name; both have no family.
    """
    code = code_of(corpus)
    return Language("", corpus, "") if code is None else language_by(code)


def is_known(corpus: str) -> bool:
    """Whether a test set's name says a language that is known here."""
    return language_of(corpus) in LANGUAGES.values()


def script_of(corpus: str) -> str | None:
    """Return the script in a test set's name, `Latn` of `deu_Latn`; None if it says none.

    Only codes of ISO 15924 are scripts: `de_News` says none.
    """
    if code_of(corpus) is None:
        return None
    _, _, rest = corpus.partition("_")
    return rest if rest in _SCRIPTS.split() else None


def is_foreign(corpus: str) -> bool:
    """Whether a test set's name says that it is in another language than English."""
    return language_of(corpus).name != ENGLISH and code_of(corpus) is not None


def add_code(corpus: str, code: str | None) -> str:
    """Put a language's code before a name that does not say this language.

    RAISES (ValueError): If it says another one that is known here.
    """
    language = language_of(corpus)
    if code is None or language == language_by(code):
        return corpus
    if is_known(corpus):
        raise ValueError(Errors.DL316.format(name=corpus, language=language.name, code=code))
    return f"{code_before_names(code)}_{corpus}"


def code_before_names(code: str) -> str:
    """Return a code that names can begin with: `mya` of `my`, which is a word there."""
    return language_by(code).codes.split()[-1] if is_word(code) else code


def language_notes(corpora: Iterable[str]) -> list[str]:
    """Say in a sentence each which test sets have no language, a strange one, or no family."""
    names = list(corpora)
    without = [name for name in names if code_of(name) is None]
    unknown = [name for name in names if name not in without and not is_known(name)]
    alone = [name for name in names if is_known(name) and not language_of(name).family]
    notes = []
    if without:
        notes.append(
            f"{', '.join(without)}: found no language in the name, so in no mean; expected a name "
            "like de_mails, or --language"
        )
    if unknown:
        notes.append(
            f"{', '.join(unknown)}: found a language that is not known here, so in the mean of all "
            "foreign test sets, and in none by family or by what the encoder has seen; expected "
            "codes of ISO 639-1 or 639-3, as de or deu"
        )
    if alone:
        notes.append(
            f"{', '.join(alone)}: found a language whose family is not known, so in no mean by it"
        )
    return notes


#: Universal Dependencies' Chinese GSD, in traditional characters and in simplified ones
_SAME_TEXTS = {"gsdsimp": "gsd"}


def kind_of(corpus: str) -> str:
    """Return the kind of a test set by its name, which translations of it share: `pud`."""
    if code_of(corpus) is None:
        return corpus
    _, _, rest = corpus.partition("_")
    # Names that say the script, deu_Latn and rus_Cyrl, are of one kind.
    return "script" if script_of(corpus) else _SAME_TEXTS.get(rest, rest)
