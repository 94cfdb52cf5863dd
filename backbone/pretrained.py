"""Encoders in Hugging Face format: loaded to train further, and exported."""

import json
import shutil
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save

from backbone.encoder import LAYER_NORM_EPS, MaskedLM
from backbone.settings import ModelSettings
from spacy_dlfa import atomic

WEIGHTS, HEAD, CONFIG = "model.safetensors", "mlm_head.safetensors", "config.json"
TOKENIZER = ("vocab.txt", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json")

_ENCODER = {
    "words": "embeddings.word_embeddings",
    "positions": "embeddings.position_embeddings",
    "segments": "embeddings.token_type_embeddings",
    "norm": "embeddings.LayerNorm",
}
_LAYER = {
    "attended": "attention.output.dense",
    "attended_norm": "attention.output.LayerNorm",
    "up": "intermediate.dense",
    "down": "output.dense",
    "down_norm": "output.LayerNorm",
}
_HEAD = {
    "transform": "predictions.transform.dense",
    "transform_norm": "predictions.transform.LayerNorm",
}


def load_pretrained(folder: Path, settings: ModelSettings) -> MaskedLM:
    """Return the encoder of a folder with its MLM head, in float32.

    RAISES (ValueError): If a file is missing or damaged, or the sizes aren't those of the settings.
    """
    for name in (CONFIG, WEIGHTS, HEAD):
        if not (folder / name).exists():
            raise ValueError(f"{folder}: no {name}; `export` writes it")
    try:
        return _load(folder, settings)
    except (json.JSONDecodeError, KeyError, RuntimeError, SafetensorError) as err:
        raise ValueError(
            f"{folder}: not an encoder that `export` wrote ({err}); copy it again"
        ) from err


def _load(folder: Path, settings: ModelSettings) -> MaskedLM:
    config = json.loads((folder / CONFIG).read_text(encoding="utf8"))
    for setting, name in _CONFIG_NAMES.items():
        if config[name] != getattr(settings, setting):
            raise ValueError(
                f"{folder}: {name} is {config[name]}; set model.{setting} = {config[name]}, found "
                f"{getattr(settings, setting)}"
            )
    model = MaskedLM(settings, config["vocab_size"])
    theirs = {**load_file(folder / WEIGHTS), **load_file(folder / HEAD)}
    model.load_state_dict(
        {
            name: torch.cat([theirs[part] for part in parts]).float()
            for name, parts in _get_names(settings).items()
        }
    )
    return model


def export(model: MaskedLM, settings: ModelSettings, tokenizer: Path, folder: Path) -> None:
    """Write an encoder for `AutoModel` and `AutoTokenizer`, in float16, with its MLM head.

    tokenizer (Path): The folder of the tokenizer's files, which are copied.
    RAISES (ValueError): If a weight is too large for float16.
    """
    folder.mkdir(parents=True, exist_ok=True)
    ours = model.state_dict()
    width = settings.width
    # `AutoModel` expects a pooler, which was never trained: the first state, in -1 to 1
    encoder = {
        "pooler.dense.weight": torch.eye(width).half(),
        "pooler.dense.bias": torch.zeros(width).half(),
    }
    head: dict[str, torch.Tensor] = {}
    for name, parts in _get_names(settings).items():
        half = ours[name].detach().cpu().half()
        if not torch.isfinite(half).all():
            raise ValueError(f"{name}: a weight is not finite in float16; train with a lower rate")
        for part, rows in zip(parts, half.chunk(len(parts)), strict=True):
            (head if part.startswith("predictions.") else encoder)[part] = rows.contiguous()
    for name in TOKENIZER:
        shutil.copyfile(tokenizer / name, folder / name)
    atomic.write_bytes(folder / HEAD, save(head, metadata={"format": "pt"}))
    atomic.write_bytes(folder / WEIGHTS, save(encoder, metadata={"format": "pt"}))
    config = {
        "architectures": ["BertModel"],
        "attention_probs_dropout_prob": 0.1,
        "hidden_act": "gelu",
        "hidden_dropout_prob": 0.1,
        "initializer_range": 0.02,
        "layer_norm_eps": LAYER_NORM_EPS,
        "model_type": "bert",
        "pad_token_id": 0,
        "position_embedding_type": "absolute",
        # Not float16: a CPU computes it slowly, and fine-tuning in it fails.
        "torch_dtype": "float32",
        "type_vocab_size": 2,
        "vocab_size": len(ours["bias"]),
        **{name: getattr(settings, setting) for setting, name in _CONFIG_NAMES.items()},
    }
    # Last, since its file says that the folder is whole; srsly would write 1e-12 as 0
    atomic.write_bytes(folder / CONFIG, json.dumps(config, indent=2).encode("utf8"))


_CONFIG_NAMES = {
    "layers": "num_hidden_layers",
    "width": "hidden_size",
    "heads": "num_attention_heads",
    "feed_forward": "intermediate_size",
    "positions": "max_position_embeddings",
}


def _get_names(settings: ModelSettings) -> dict[str, list[str]]:
    """Return for each of our parameters theirs, whose rows follow each other in it."""
    names = {"bias": ["predictions.bias"]}
    for ours, theirs in _HEAD.items():
        names |= _get_both(ours, [theirs])
    for ours, theirs in _ENCODER.items():
        names |= _get_both(f"encoder.{ours}", [theirs])
    for number in range(settings.layers):
        layer, their_layer = f"encoder.layers.{number}", f"encoder.layer.{number}"
        for ours, theirs in _LAYER.items():
            names |= _get_both(f"{layer}.{ours}", [f"{their_layer}.{theirs}"])
        qkv = [f"{their_layer}.attention.self.{part}" for part in ("query", "key", "value")]
        names |= _get_both(f"{layer}.qkv", qkv)
    # Embeddings have no bias.
    for ours in ("words", "positions", "segments"):
        del names[f"encoder.{ours}.bias"]
    return names


def _get_both(ours: str, theirs: list[str]) -> dict[str, list[str]]:
    return {f"{ours}.{part}": [f"{name}.{part}" for name in theirs] for part in ("weight", "bias")}
