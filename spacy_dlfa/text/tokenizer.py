"""Tokens of text in any language: spaCy's rules, apostrophes, ICU where words have no spaces."""

import re
import unicodedata
from collections.abc import Callable

from icu4py.breakers import WordBreaker
from spacy.lang.tokenizer_exceptions import URL_PATTERN
from spacy.language import Language, create_tokenizer
from spacy.symbols import ORTH
from spacy.tokenizer import Tokenizer
from spacy.tokens import Doc
from spacy.util import compile_suffix_regex

from spacy_dlfa.errors import Errors

SEPARATOR = "[SEP]"

# Thai, Lao, Khmer and Myanmar: their digits and punctuation are left to spaCy's rules
_BLOCKS = [(0x0E00, 0x0F00), (0x1000, 0x10A0), (0x1780, 0x1800), (0xA9E0, 0xAA00), (0xAA60, 0xAA80)]
_CHARS = [chr(code) for start, end in _BLOCKS for code in range(start, end)]
_HAN = "⺀-⿕々-〇〡-〩〸-〻㐀-䶿一-鿿\uf900-\ufaff\U00020000-\U0003fffd"
_KANA = "〱-〵ぁ-ゖ゛-ゟァ-ヺー-ヿㇰ-ㇿｦ-ﾝ\U0001aff0-\U0001b16f"
# Letters by category that extend a grapheme: sara am of Thai and Lao, halfwidth voicing marks
_EXTENDING = "\u0e33\u0eb3\uff9e\uff9f"
#: Letters of the scripts without spaces, and with them their marks and punctuation, for `[...]`
UNSPACED_LETTERS = (
    _HAN
    + _KANA
    + "".join(c for c in _CHARS if unicodedata.category(c)[0] == "L" and c not in _EXTENDING)
)
_MARKS = (
    "\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u200c\u200d\u20d0-\u20ff\u302a-\u302f\u3099\u309a"
    "\ufe00-\ufe0f\ufe20-\ufe2f\U000e0100-\U000e01ef"
    + _EXTENDING
    + "".join(c for c in _CHARS if unicodedata.category(c)[0] == "M")
)
_PUNCT = "、-〃〈-】〔-〟〰゠・！（），：；？［］｛｝-･"
UNSPACED = UNSPACED_LETTERS + _MARKS + _PUNCT
_SPLIT = re.compile(f"([{UNSPACED_LETTERS}][{UNSPACED_LETTERS}{_MARKS}]*|[{_PUNCT}][{_MARKS}]*)")
_MARK = re.compile(f"[{_MARKS}]")
# What French, Italian, Catalan and their kin write together with the next word: before it
_ELIDED = "[cdjlmnstv]|ch|gl|qu|un|(?:jus|lors|puis|quoi)qu|d?all|[dn]ell|coll|sull|que(?:ll|st)"
# English "can't" and "I'm", split as the treebanks do that a pipeline is trained on
_CONTRACTED = "(?=n['’]t$)|(?=['’](?:d|ll|m|re|ve)$)"
_APOSTROPHE = re.compile(
    f"(?i)(?<![\\w'’])(?:{_ELIDED})['’](?=[^\\W\\d_])|(?<=[^\\W\\d_])(?:{_CONTRACTED})"
)
# spaCy ends a sentence after a letter of its lists, and Yoruba's and others' have marks behind
_STOP = "(?<=[\u0300-\u036f])\\."
_EMPTY = re.compile("")
_SURROGATE = re.compile("[\ud800-\udfff]")
# spaCy's pattern takes any letters around a full stop, so sentences without spaces, for a URL
_URL = re.compile(f"(?u)(?!.*[{UNSPACED_LETTERS}{_PUNCT}]){URL_PATTERN}")


def create_multilingual_tokenizer() -> Callable[[Language], "MultilingualTokenizer"]:
    """Build `spacy_dlfa.MultilingualTokenizer.v1`: spaCy's rules, and ICU's word breaks.

    spaCy's rules are those of the language. ICU's dictionaries break runs of Han, Kana, Thai, Lao,
    Khmer and Myanmar; no character is lost.

    RETURNS (Callable[[Language], MultilingualTokenizer]): A function that takes the nlp object
        and returns its tokenizer, which raises a ValueError for a text with a lone surrogate.
    """

    def tokenizer_factory(nlp: Language) -> MultilingualTokenizer:
        stock = create_tokenizer()(nlp)
        return MultilingualTokenizer(
            nlp.vocab,
            rules={**stock.rules, SEPARATOR: [{ORTH: SEPARATOR}]},
            prefix_search=stock.prefix_search,
            suffix_search=compile_suffix_regex([*(nlp.Defaults.suffixes or ()), _STOP]).search,
            infix_finditer=stock.infix_finditer,
            token_match=stock.token_match,
            url_match=_URL.match,
        )

    return tokenizer_factory


class MultilingualTokenizer(Tokenizer):
    """Segment text by spaCy's rules, and runs of scripts without spaces by ICU's dictionaries.

    The scripts are Han, Kana, Thai, Lao, Khmer and Myanmar. Special cases win over both.
    """

    def __call__(self, text: str) -> Doc:
        """Tokenize a text.

        text (str): The text, without lone surrogates.
        RETURNS (Doc): The tokens, which hold every character of the text.
        """
        try:
            return super().__call__(text)
        except UnicodeEncodeError as err:
            found = next(_SURROGATE.finditer(text))
            raise ValueError(
                Errors.DL030.format(code=ord(found[0]), position=found.start())
            ) from err

    def explain(self, text: str) -> list[tuple[str, str]]:
        """Say which rule made each token.

        text (str): The text.
        RETURNS (List[Tuple[str, str]]): The rule and the text of each token that is no white space.
            What ICU broke is a "TOKEN".
        """
        # spaCy's asks the infix rules themselves, not what `find_infix` makes of them
        rules = Tokenizer(
            self.vocab,
            rules=self.rules,
            prefix_search=self.prefix_search,
            suffix_search=self.suffix_search,
            infix_finditer=self.find_infix,
            token_match=self.token_match,
            url_match=self.url_match,
        )
        explained: list[tuple[str, str]] = rules.explain(text)
        return explained

    def find_infix(self, text: str) -> list[re.Match[str]]:
        """Find the split points inside a chunk of text that has no affixes to strip.

        text (str): The chunk.
        RETURNS (List[re.Match[str]]): The matches, empty ones where tokens merely meet.
        """
        if _SPLIT.search(text) is None:
            bounds = [next(_EMPTY.finditer(text, m.end())) for m in _APOSTROPHE.finditer(text)]
            return sorted([*super().find_infix(text), *bounds], key=re.Match.start)
        starts: list[int] = []
        offset = 0
        for i, part in enumerate(_SPLIT.split(text)):
            if i % 2 == 0:
                # Between runs a part has affixes, a URL or special cases of its own
                starts.extend(offset + token.idx for token in super().__call__(part))
                offset += len(part)
                continue
            # The strings, as the breaker's offsets count UTF-16 code units
            for word in WordBreaker(part, "root"):
                if not _MARK.match(word):
                    starts.append(offset)
                offset += len(word)
        return [next(_EMPTY.finditer(text, start)) for start in starts if start > 0]
