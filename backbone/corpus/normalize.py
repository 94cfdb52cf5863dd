"""Text as it stands in the corpus."""

import re
import unicodedata
import zlib

from spacy_dlfa.corpora.serbian import to_latin

#: Joiners, which Devanagari and Arabic words are spelt with.
_JOINERS = "\u200c\u200d"
_SPACE = ("Cc", "Zs", "Zl", "Zp")
_NOTHING = ("Cf", "Co", "Cs")
_CJK = r"\u3000-\u303f\u3040-\u30ff\u4e00-\u9fff\uff00-\uffef"
_CJK_SPACE = re.compile(rf"(?<=[{_CJK}]) +(?=[{_CJK}])")
#: Vowel signs, which Arabic prose leaves out, and the stroke that only lengthens a word.
_ARABIC_MARKS = re.compile("[\u064b-\u0652\u0670\u0640]")
_STRESS = "\u0301"

#: Of four documents in Serbian, so many are written in Latin script.
_SERBIAN_LATIN = 3


def normalize(text: str, language: str, document: str) -> str:
    """Return text in NFC on one line, without what its script is usually written without.

    document (str): Says which text belongs together; Serbian is in one script within it.
    """
    text = unicodedata.normalize("NFC", text)
    text = "".join(_clean(char) for char in text)
    if language in ("ru", "uk"):
        text = text.replace(_STRESS, "")
    elif language == "ar":
        text = _ARABIC_MARKS.sub("", text)
    elif language == "sr" and zlib.crc32(document.encode("utf8")) % 4 < _SERBIAN_LATIN:
        text = to_latin(text)
    text = re.sub(" +", " ", text).strip()
    return _CJK_SPACE.sub("", text) if language in ("zh", "ja") else text


def _clean(char: str) -> str:
    category = unicodedata.category(char)
    if category in _SPACE:
        return " "
    return "" if category in _NOTHING and char not in _JOINERS else char
