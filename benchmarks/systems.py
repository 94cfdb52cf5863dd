"""What is compared: pipelines with the same encoder, tokenizer and heads, and the bare encoder."""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import spacy
from spacy.language import Language
from transformers import AutoConfig

TOKENIZER = {"@tokenizers": "spacy_dlfa.MultilingualTokenizer.v1"}
POOLING = {"@layers": "reduce_mean.v1"}
_SETTING = "components.transformer.model."


class System(NamedTuple):
    """A system; those of one kind share a saved pipeline and differ in settings.

    kind (str): "dlfa", "last", "lower", "stock", "curated", or an encoder alone, of
        `runtimes.ALONE`.
    title (str): What it is, for the report.
    settings (Dict[str, Any]): Of the transformer component's model; of an encoder alone its type.
    places (str): Where it runs: "cpu", "gpu" or "both".
    """

    kind: str
    title: str
    settings: dict[str, Any]
    places: str = "both"


SYSTEMS = {
    "dlfa": System("dlfa", "spacy_dlfa, DLFA.v1, fp32", {"precision": "fp32"}),
    "dlfa-auto": System("dlfa", "spacy_dlfa, DLFA.v1, auto", {"precision": "auto"}),
    "dlfa-int8": System("dlfa", "spacy_dlfa, DLFA.v1, int8", {"precision": "int8"}, "cpu"),
    "dlfa-fp16": System("dlfa", "spacy_dlfa, DLFA.v1, fp16", {"mixed_precision": True}, "gpu"),
    "last": System("last", "spacy_dlfa, LastLayer.v1, fp32", {"precision": "fp32"}),
    "last-auto": System("last", "spacy_dlfa, LastLayer.v1, auto", {"precision": "auto"}),
    "lower": System("lower", "spacy_dlfa, the middle layer alone, fp32", {"precision": "fp32"}),
    "lower-auto": System(
        "lower", "spacy_dlfa, the middle layer alone, auto", {"precision": "auto"}
    ),
    "stock": System("stock", "spacy-transformers, fp32", {}),
    "stock-fp16": System("stock", "spacy-transformers, fp16", {"mixed_precision": True}, "gpu"),
    "curated": System("curated", "spacy-curated-transformers, fp32", {}),
    "bare": System("bare", "bare encoder, fp32", {"dtype": "float32"}),
    "bare-bf16": System("bare", "bare encoder, bf16", {"dtype": "bfloat16"}),
    "bare-fp16": System("bare", "bare encoder, fp16", {"dtype": "float16"}, "gpu"),
    "own": System("own", "our encoder alone, fp32", {"dtype": "float32"}, "cpu"),
    "own-bf16": System("own", "our encoder alone, bf16", {"dtype": "bfloat16"}, "cpu"),
    "own-int8": System("own", "our encoder alone, int8", {"dtype": "int8"}, "cpu"),
    "openvino": System("openvino", "OpenVINO, fp32", {"dtype": "float32"}, "cpu"),
    "openvino-bf16": System("openvino", "OpenVINO, bf16", {"dtype": "bfloat16"}, "cpu"),
    "onnx": System("onnx", "ONNX Runtime, fp32", {"dtype": "float32"}, "cpu"),
    "onnx-int8": System("onnx", "ONNX Runtime, int8", {"dtype": "int8"}, "cpu"),
}
#: Reads the last layer as the stock listener does, so its heads fit all but `dlfa`.
LAST_LAYER_KINDS = ("last", "stock", "curated")
#: What kinds need that is not ours, from the extra [bench]
_PACKAGES = {
    "curated": ("spacy_curated_transformers",),
    "openvino": ("openvino",),
    "onnx": ("onnx", "onnxruntime"),
}


def why_missing(kind: str) -> str | None:
    """Return why systems of a kind can't run here, None if they can."""
    needed = _PACKAGES.get(kind, ())
    return "not installed" if any(find_spec(name) is None for name in needed) else None


def make_pipeline(
    kind: str,
    encoder: Path,
    heads: Sequence[str],
    settings: dict[str, Any] = {},  # noqa: B006
) -> Language:
    """Build a pipeline, not initialised.

    kind (str): The kind of system.
    encoder (Path): The encoder's folder.
    heads (Sequence[str]): Some of "tagger", "ner" and "textcat".
    settings (Dict[str, Any]): Settings of the system.
    """
    nlp = spacy.blank("xx", config={"nlp": {"tokenizer": TOKENIZER, "batch_size": 128}})
    factory, transformer, listener = _CONFIGS[kind](encoder)
    nlp.add_pipe(factory, name="transformer", config={"model": {**transformer, **settings}})
    for head in heads:
        nlp.add_pipe(head, config={"model": {**_HEADS[head], "tok2vec": listener}})
    if kind == "curated":
        loader = "spacy-curated-transformers.HF{}Loader.v1"
        nlp.config["initialize"]["components"]["transformer"] = {
            "encoder_loader": {
                "@model_loaders": loader.format("TransformerEncoder"),
                "name": str(encoder),
            },
            "piecer_loader": {
                "@model_loaders": loader.format("PieceEncoder"),
                "name": str(encoder),
            },
        }
    return nlp


def load_pipeline(system: System, folder: Path) -> Language:
    """Load a saved pipeline with the settings of a system."""
    return spacy.load(folder, config=overrides(system))


def overrides(system: System) -> dict[str, Any]:
    """Return the settings of a system as those of a pipeline's config."""
    return {_SETTING + name: value for name, value in system.settings.items()}


def _dlfa(encoder: Path, fusion: str = "DLFA", height: float = 2 / 3) -> tuple[str, dict, dict]:
    # The paper's choice for entities is two thirds up
    layer = round(AutoConfig.from_pretrained(encoder).num_hidden_layers * height)
    transformer = {
        "@architectures": "spacy_dlfa.TransformerModel.v1",
        "name": str(encoder),
        "get_spans": {"@span_getters": "spacy-transformers.doc_spans.v1"},
        "precision": "fp32",
    }
    listener = {
        "@architectures": "spacy_dlfa.DLFAListener.v1",
        "layer": layer,
        "fusion": {"@layers": f"spacy_dlfa.{fusion}.v1"},
        "pooling": POOLING,
    }
    return "dlfa_transformer", transformer, listener


def _last(encoder: Path) -> tuple[str, dict, dict]:
    return _dlfa(encoder, "LastLayer")


def _lower(encoder: Path) -> tuple[str, dict, dict]:
    return _dlfa(encoder, "LowerLayer", height=1 / 2)


def _stock(encoder: Path) -> tuple[str, dict, dict]:
    # All else, windows of 128 words included, is the component's default.
    transformer = {
        "@architectures": "spacy-transformers.TransformerModel.v3",
        "name": str(encoder),
        "get_spans": {
            "@span_getters": "spacy-transformers.strided_spans.v1",
            "window": 128,
            "stride": 96,
        },
    }
    listener = {
        "@architectures": "spacy-transformers.TransformerListener.v1",
        "pooling": POOLING,
    }
    return "transformer", transformer, listener


def _curated(encoder: Path) -> tuple[str, dict, dict]:
    config = AutoConfig.from_pretrained(encoder)
    transformer = {
        "@architectures": "spacy-curated-transformers.BertTransformer.v1",
        "vocab_size": config.vocab_size,
        "hidden_width": config.hidden_size,
        "intermediate_width": config.intermediate_size,
        "num_attention_heads": config.num_attention_heads,
        "num_hidden_layers": config.num_hidden_layers,
        "max_position_embeddings": config.max_position_embeddings,
        "attention_probs_dropout_prob": config.attention_probs_dropout_prob,
        "hidden_dropout_prob": config.hidden_dropout_prob,
        "padding_idx": config.pad_token_id,
        "piece_encoder": {"@architectures": "spacy-curated-transformers.BertWordpieceEncoder.v1"},
        "with_spans": {"@architectures": "spacy-curated-transformers.WithStridedSpans.v1"},
    }
    listener = {
        "@architectures": "spacy-curated-transformers.LastTransformerLayerListener.v1",
        "width": config.hidden_size,
        "pooling": POOLING,
    }
    return "curated_transformer", transformer, listener


_CONFIGS = {
    "dlfa": _dlfa,
    "last": _last,
    "lower": _lower,
    "stock": _stock,
    "curated": _curated,
}
_HEADS: dict[str, dict[str, Any]] = {
    "tagger": {"@architectures": "spacy.Tagger.v2"},
    "ner": {
        "@architectures": "spacy.TransitionBasedParser.v2",
        "state_type": "ner",
        "extra_state_tokens": False,
        "hidden_width": 64,
        "maxout_pieces": 2,
        "use_upper": False,
    },
    "textcat": {
        "@architectures": "spacy.TextCatReduce.v1",
        "exclusive_classes": True,
        "use_reduce_first": False,
        "use_reduce_last": False,
        "use_reduce_max": False,
        "use_reduce_mean": True,
    },
}
