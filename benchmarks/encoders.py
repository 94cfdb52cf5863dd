"""The encoders that every system runs: small and embedded, or of multilingual BERT's size."""

from pathlib import Path
from typing import Any, NamedTuple

import torch
from transformers import AutoConfig, AutoTokenizer, BertConfig, BertModel

ROOT = Path(__file__).parent.parent
MINI = ROOT / "assets" / "mini-mbert"
E5 = ROOT / "assets" / "multilingual-e5-small"
#: What is made on the fly; git ignores it.
CACHE = Path(__file__).parent / ".cache"


class Amounts(NamedTuple):
    """How much is measured, so that large encoders don't take hours.

    short (int): Words of short sentences in a round.
    stream (int): Sentences of a long stream in a round.
    mixed (int): Words of documents of all lengths in a round.
    chinese (int): Words of Chinese in a round.
    latency (int): Sentences in a round, each on its own.
    batch (int): Sentences of a training step.
    trained (Tuple[str, ...]): Kinds of systems that are trained; all of a task are in memory at
        once, with four times the encoder each.
    head_sentences (int): Sentences that the heads learn from.
    kept (int): Short documents that are kept in memory; 0 leaves it out.
    words_per_s (float): Roughly, for the time that is left.
    """

    short: int
    stream: int
    mixed: int
    chinese: int
    latency: int
    batch: int
    trained: tuple[str, ...]
    head_sentences: int
    kept: int
    words_per_s: float


_EMBEDDED = {"mini": MINI, "e5": E5}
#: All that have a name.
ENCODERS = (*_EMBEDDED, "mbert")

_ALL = ("dlfa", "last", "stock", "curated")
SMALL = Amounts(4000, 1600, 8000, 3000, 60, 32, _ALL, 600, 20_000, 6000)
LARGE = Amounts(1200, 320, 2000, 600, 12, 8, ("dlfa", "stock", "curated"), 200, 0, 600)
QUICK = Amounts(150, 12, 300, 100, 4, 4, _ALL, 24, 200, 3000)


def find_encoder(name: str) -> Path:
    """Return the folder of an encoder.

    name (str): "mini" or "e5", the embedded ones; "mbert", of multilingual BERT's size, with
        random weights, which cost the same time as trained ones; or a folder.
    RAISES (ValueError): If there is no such folder.
    """
    if name in _EMBEDDED:
        return _EMBEDDED[name]
    if name == "mbert":
        return _make_mbert(CACHE / "mbert")
    if not Path(name, "config.json").exists():
        raise ValueError(
            f"--encoder {name}: expected {', '.join(ENCODERS)}, all or an encoder's folder"
        )
    return Path(name)


def choose_amounts(folder: Path, *, quick: bool) -> Amounts:
    """Return how much an encoder of that size is given to do."""
    if quick:
        return QUICK
    config = AutoConfig.from_pretrained(folder)
    return LARGE if config.hidden_size * config.num_hidden_layers > 4096 else SMALL


def describe_encoder(folder: Path) -> dict[str, Any]:
    """Return the sizes of an encoder, for the report."""
    config = AutoConfig.from_pretrained(folder)
    return {
        "layers": config.num_hidden_layers,
        "width": config.hidden_size,
        "vocabulary": config.vocab_size,
    }


def _make_mbert(folder: Path) -> Path:
    if not (folder / "tokenizer.json").exists():
        torch.manual_seed(0)
        # BertConfig's defaults are BERT-base; multilingual BERT differs in its vocabulary.
        model = BertModel(BertConfig(vocab_size=119_547), add_pooling_layer=True)
        model.save_pretrained(folder)
        tokenizer = AutoTokenizer.from_pretrained(MINI)
        tokenizer.model_max_length = 512
        # Last, since its file says that the folder is whole
        tokenizer.save_pretrained(folder)
    return folder
