"""The settings of a recipe, read from a file in thinc's config format."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from confection import Config
from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

#: No other setting than these, and none of another type
_STRICT = ConfigDict(extra="forbid", strict=True)


@dataclass(frozen=True, config=_STRICT)
class CorpusSettings:
    """How the files of a corpus folder are read.

    pairs (List[str]): Kinds with English in the first column rather than a key.
    unaligned (List[str]): Beginnings of keys that don't mean the same in all translations.
    """

    pairs: list[str]
    unaligned: list[str]


@dataclass(frozen=True, config=_STRICT)
class VocabularySettings:
    """The WordPiece vocabulary.

    size (int): Word pieces at most, the five special ones included.
    characters (int): Characters of text per language; Chinese, Japanese and Korean ones count more.
    english (float): How much more of English.
    min_count (int): How often a piece must occur.
    alphabet (int): At most so many single characters.
    """

    size: int
    characters: int
    english: float
    min_count: int
    alphabet: int


@dataclass(frozen=True, config=_STRICT)
class LexiconSettings:
    """Word lists induced from aligned text, and code-switched lines made with them.

    min_count (int): Occurrences in the aligned rows that a word needs.
    min_dice (float): Dice coefficient that a mutually best pair needs.
    max_words (int): Longer English rows aren't counted.
    rows (int): Aligned rows that are switched, per language.
    sentences (int): English sentences that are switched, per language.
    rate (float): Share of the words in the lexicon that are switched.
    """

    min_count: int
    min_dice: float
    max_words: int
    rows: int
    sentences: int
    rate: float


@dataclass(frozen=True, config=_STRICT)
class ModelSettings:
    """The encoder's size."""

    layers: int
    width: int
    heads: int
    feed_forward: int
    positions: int


@dataclass(frozen=True, config=_STRICT)
class SamplingSettings:
    """How often texts are drawn.

    exponent (float): A language is drawn as often as its number of word pieces to this power.
    kinds (Dict[str, float]): Factors of kinds of text within a language.
    languages (Dict[str, float]): Factors of languages; 1 where none is given.
    translations (Dict[str, float]): Shares of kinds of aligned text.
    english (float): Share of windows with English among those of kinds aligned in more languages;
        pairs with English always have it.
    """

    exponent: float
    kinds: dict[str, float]
    languages: dict[str, float]
    translations: dict[str, float]
    english: float


@dataclass(frozen=True, config=_STRICT)
class ObjectiveSettings:
    """Shares of windows and what is asked about them.

    tlm (float): Share of windows with a text and its translation.
    twins (float): Share of windows that come in pairs, a text and its translation apart.
    switched (float): Share of code-switched windows among those that are left.
    mask_mlm (float): Share of word pieces to predict.
    mask_tlm (float): The same in windows with a translation.
    contrastive (float): Weight of the contrastive term; the other terms have 1.
    contrastive_layer (int): The layer whose states are compared, from 1.
    temperature (float): Of the contrastive term.
    """

    tlm: float
    twins: float
    switched: float
    mask_mlm: float
    mask_tlm: float
    contrastive: float
    contrastive_layer: int
    temperature: float


@dataclass(frozen=True, config=_STRICT)
class TrainingSettings:
    """Steps, rates and checkpoints.

    seed (int): Of the windows, masks and initial weights.
    pieces_per_step (int): Word pieces in a batch.
    windows (List[Tuple[int, float]]): Lengths of windows, each with its share of the steps.
    learn_rate (float): The constant rate after the warm-up.
    warmup_steps (int): Steps in which the rate rises from 0.
    weight_decay (float): Of matrices; vectors have none.
    beta2 (float): AdamW's second one; the first is 0.9.
    max_norm (float): Gradients are scaled down to this norm.
    log_steps (int): Steps between two lines of the log.
    checkpoint_minutes (float): Minutes between two checkpoints.
    """

    seed: int
    pieces_per_step: int
    windows: list[tuple[int, float]]
    learn_rate: float
    warmup_steps: int
    weight_decay: float
    beta2: float
    max_norm: float
    log_steps: int
    checkpoint_minutes: float


@dataclass(frozen=True, config=_STRICT)
class Settings:
    """All of a recipe, one field for each section of the file."""

    corpus: CorpusSettings
    vocabulary: VocabularySettings
    lexicon: LexiconSettings
    model: ModelSettings
    sampling: SamplingSettings
    objectives: ObjectiveSettings
    training: TrainingSettings


def load_settings(path: Path) -> Settings:
    """Read a recipe's settings; all must be there, and no other.

    RAISES (ValueError): If a setting is unknown, missing or of the wrong type.
    """
    try:
        # Of JSON, strict validation takes lists as tuples, and integers as floats
        settings = TypeAdapter(Settings).validate_json(json.dumps(Config().from_disk(path)))
    except ValidationError as err:
        found = "; ".join(map(_describe, err.errors(include_url=False)))
        raise ValueError(f"{path}: {found}; backbone/configs/mini.cfg has an example") from err
    except ValueError as err:
        raise ValueError(f"{path}: not a config file: {err}") from err
    model, objectives = settings.model, settings.objectives
    _require(model.width % model.heads == 0, path, "model.heads", "a divisor of model.width")
    _require(
        1 <= objectives.contrastive_layer <= model.layers,
        path,
        "objectives.contrastive_layer",
        f"1 to {model.layers}",
    )
    _require(
        0 <= objectives.tlm + objectives.twins <= 1, path, "objectives.twins", "at most 1 with tlm"
    )
    longest = max((length for length, _ in settings.training.windows), default=0)
    _require(0 < longest <= model.positions, path, "training.windows", "lengths up to positions")
    return settings


def _require(holds: bool, path: Path, name: str, expected: str) -> None:
    if not holds:
        raise ValueError(f"{path}: {name}: expected {expected}")


def _describe(error: Mapping[str, Any]) -> str:
    name = ".".join(map(str, error["loc"]))
    if error["type"] == "missing":
        return f"{name}: missing"
    if error["type"] == "unexpected_keyword_argument":
        return f"{name}: no such setting"
    return f"{name}: found {error['input']!r}; {error['msg']}"
