"""The cased WordPiece vocabulary: accents kept, Chinese characters split."""

import random
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from tokenizers import BertWordPieceTokenizer, Tokenizer

from backbone.files import CorpusFile, read_lines, read_rows
from backbone.settings import VocabularySettings

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
#: A character of these says as much as so many Latin letters.
_DENSE = {"zh": 3.0, "ja": 3.0, "ko": 1.6}


def load_tokenizer(folder: Path) -> tuple[Tokenizer, list[str]]:
    """Return the tokenizer of a folder, and its word pieces in their order.

    RAISES (ValueError): If its tokenizer.json is missing or damaged.
    """
    path = folder / "tokenizer.json"
    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as err:  # tokenizers raises nothing narrower
        raise ValueError(f"{path}: no tokenizer ({err}); `vocabulary` writes it") from err
    numbers = tokenizer.get_vocab()
    return tokenizer, sorted(numbers, key=numbers.__getitem__)


def train_vocabulary(
    files: Iterable[CorpusFile],
    folder: Path,
    settings: VocabularySettings,
    max_length: int,
    seed: int,
) -> int:
    """Write a tokenizer's files for `AutoTokenizer`; returns the number of word pieces.

    The same text and seed make the same pieces in the same order.

    max_length (int): The encoder's positions.
    """
    from transformers import BertTokenizerFast  # not needed to train, which may be elsewhere

    trained = BertWordPieceTokenizer(
        clean_text=True, handle_chinese_chars=True, strip_accents=False, lowercase=False
    )
    files = list(files)
    first, later = _find_characters(trained, draw_lines(files, settings, seed), settings.alphabet)
    trained.train_from_iterator(
        draw_lines(files, settings, seed),
        vocab_size=settings.size,
        min_frequency=settings.min_count,
        limit_alphabet=len(first),
        initial_alphabet=first,
        # Otherwise their numbers, by which ties are broken, are as a hash table has them
        special_tokens=[*SPECIAL, *first, *later],
    )
    folder.mkdir(parents=True, exist_ok=True)
    trained.save_model(str(folder))
    tokenizer = BertTokenizerFast(
        str(folder / "vocab.txt"),
        do_lower_case=False,
        strip_accents=False,
        tokenize_chinese_chars=True,
        model_max_length=max_length,
    )
    tokenizer.save_pretrained(folder)
    return len(tokenizer)


def _find_characters(
    tokenizer: BertWordPieceTokenizer, lines: Iterable[str], limit: int
) -> tuple[list[str], list[str]]:
    """Return the most frequent characters, and the pieces of those that go on with a word."""
    counts: Counter[str] = Counter()
    later: set[str] = set()
    for line in lines:
        normal = tokenizer.normalizer.normalize_str(line)
        for word, _ in tokenizer.pre_tokenizer.pre_tokenize_str(normal):
            counts.update(word)
            later.update(word[1:])
    first = sorted(sorted(counts, key=lambda char: (-counts[char], char))[:limit])
    return first, [f"##{char}" for char in first if char in later]


def draw_lines(
    files: Iterable[CorpusFile], settings: VocabularySettings, seed: int
) -> Iterator[str]:
    """Yield about as much text of each language, from all its files.

    What a small file lacks of its share goes to the language's larger ones.
    """
    by_language: dict[str, list[CorpusFile]] = {}
    for file in files:
        by_language.setdefault(file.language, []).append(file)
    rng = random.Random(seed)
    for language, own in by_language.items():
        budget = settings.characters * (settings.english if language == "en" else 1.0)
        own = sorted(own, key=lambda file: file.path.stat().st_size)
        for number, file in enumerate(own):
            lines = (
                [text for _, text in read_rows(file.path)]
                if file.keyed
                else list(read_lines(file.path))
            )
            rng.shuffle(lines)
            left = share = budget / (len(own) - number)
            for line in lines:
                left -= len(line) * _DENSE.get(language, 1.0)
                if left < 0:
                    break
                yield line
            budget -= share - max(0.0, left)
