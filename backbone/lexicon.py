"""Bilingual word lists from aligned text.

Words are paired by the Dice coefficient of their occurrence over aligned rows (Dice, "Measures of
the amount of ecologic association between species", Ecology 1945).
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import srsly

from backbone.files import CorpusFile, read_rows
from backbone.settings import CorpusSettings, LexiconSettings
from spacy_dlfa import atomic
from spacy_dlfa.corpora.held_out import HeldOut

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

# With the vowel signs of Devanagari and Arabic, which aren't letters to Python.
_LETTER = r"(?:[^\W\d_]|[\u0900-\u0963\u064b-\u0652\u200c\u200d])"
WORD = re.compile(rf"{_LETTER}+(?:['’]{_LETTER}+)?")
#: Written without spaces: words are taken to be one or two characters.
UNSPACED = ("zh", "ja")
#: Candidates kept for an English word, and the least Dice coefficient of a candidate.
_CANDIDATES, _CANDIDATE_DICE, _MIN_TOGETHER = 12, 0.04, 3

Rows = Sequence[tuple[str, str]]


class Lexicon(NamedTuple):
    """Words of English and another language that translate each other.

    mutual (Dict[str, Tuple[str, float]]): For an English word its translation and their Dice
        coefficient, where each is the other's best.
    candidates (Dict[str, List[Tuple[str, float]]]): All likely translations, best first.
    """

    mutual: dict[str, tuple[str, float]]
    candidates: dict[str, list[tuple[str, float]]]


def split_words(text: str, language: str) -> set[str]:
    """Return the different words of a text."""
    if language not in UNSPACED:
        return set(WORD.findall(text))
    words: set[str] = set()
    for run in WORD.findall(text):
        words.update(run)
        words.update(run[i : i + 2] for i in range(len(run) - 1))
    return words


def collect_aligned_rows(
    files: Iterable[CorpusFile], corpus: CorpusSettings, max_words: int, held_out: HeldOut
) -> dict[str, list[tuple[str, str]]]:
    """Return English rows with their translations, for each language.

    max_words (int): Longer English rows are left out.
    held_out (HeldOut): As are rows with a sentence of a test set on either side.
    """
    rows: dict[str, list[tuple[str, str]]] = {}
    files = [file for file in files if file.keyed]
    unaligned = tuple(corpus.unaligned)
    english = {
        file.kind: dict(read_rows(file.path))
        for file in files
        if file.language == "en" and file.kind not in corpus.pairs
    }
    for file in files:
        if file.language == "en":
            continue
        found = rows.setdefault(file.language, [])
        for key, text in read_rows(file.path):
            if file.kind in corpus.pairs:
                found.append((key, text))
            elif key in english.get(file.kind, {}) and not key.startswith(unaligned):
                found.append((english[file.kind][key], text))
    return {
        language: [
            (english_text, text)
            for english_text, text in found
            if len(english_text.split()) <= max_words
            and not held_out.contains(english_text, "en")
            and not held_out.contains(text, language)
        ]
        for language, found in sorted(rows.items())
    }


def induce_lexicon(rows: Rows, language: str, settings: LexiconSettings) -> Lexicon:
    """Pair the words of aligned rows.

    rows (Sequence[Tuple[str, str]]): English and its translation.
    """
    en_counts, en_words, en_totals = _count([split_words(en, "en") for en, _ in rows], settings)
    xx_counts, xx_words, xx_totals = _count([split_words(xx, language) for _, xx in rows], settings)
    together = (en_counts.T @ xx_counts).tocoo()
    often = together.data >= _MIN_TOGETHER
    en, xx = together.row[often], together.col[often]
    dice = 2 * together.data[often] / (en_totals[en] + xx_totals[xx])
    order = np.lexsort((xx, en, -dice))
    en, xx, dice = en[order], xx[order], dice[order]
    # The rows are sorted by falling Dice, so the first of a word is its best.
    best_en = dict(zip(*_first(xx, en), strict=True))
    mutual = {}
    for e, i in zip(*np.unique(en, return_index=True), strict=True):
        x = xx[i]
        if dice[i] > settings.min_dice and best_en[x] == e:
            mutual[en_words[e]] = (xx_words[x], round(float(dice[i]), 3))
    candidates: dict[str, list[tuple[str, float]]] = {}
    likely = dice > _CANDIDATE_DICE
    for e, x, score in zip(en[likely], xx[likely], dice[likely], strict=True):
        near = candidates.setdefault(en_words[e], [])
        if len(near) < _CANDIDATES:
            near.append((xx_words[x], float(score)))
    return Lexicon(mutual, candidates)


def write_lexicons(path: Path, lexicons: dict[str, Lexicon]) -> None:
    """Write the mutually best pairs of all languages as JSON."""
    mutual = {language: lexicon.mutual for language, lexicon in lexicons.items()}
    atomic.write_bytes(path, srsly.json_dumps(mutual).encode("utf8"))


def read_lexicons(path: Path) -> dict[str, dict[str, tuple[str, float]]]:
    """Return for each language English words with their translation and Dice coefficient.

    RAISES (ValueError): If the file is none.
    """
    lexicons = srsly.read_json(path)
    if not isinstance(lexicons, dict) or not all(isinstance(x, dict) for x in lexicons.values()):
        raise ValueError(f"{path}: not a lexicon; make it with `lexicon`")
    return {
        language: {word: (translation, dice) for word, (translation, dice) in pairs.items()}
        for language, pairs in lexicons.items()
    }


def _first(keys: np.ndarray, values: np.ndarray) -> tuple[list, list]:
    unique, index = np.unique(keys, return_index=True)
    return unique.tolist(), values[index].tolist()


def _count(
    sets: Sequence[set[str]], settings: LexiconSettings
) -> tuple["csr_matrix", list[str], np.ndarray]:
    from scipy.sparse import csr_matrix  # not needed to train, which may be elsewhere

    totals = Counter(word for words in sets for word in words)
    words = sorted(word for word, total in totals.items() if total >= settings.min_count)
    number = {word: i for i, word in enumerate(words)}
    columns = [[number[word] for word in words if word in number] for words in sets]
    starts = np.cumsum([0, *map(len, columns)])
    indices = np.fromiter((i for row in columns for i in row), np.int32, int(starts[-1]))
    data = np.ones(len(indices), np.float32)
    matrix = csr_matrix((data, indices, starts), shape=(len(sets), len(words)))
    return matrix, words, np.asarray([totals[word] for word in words], np.float32)
