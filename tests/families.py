"""The encoder families of transformers, each as a tiny checkpoint with random weights."""

from pathlib import Path

import torch
from transformers import AutoConfig, AutoModel, AutoModelForTextEncoding
from transformers.models.auto.modeling_auto import MODEL_FOR_TEXT_ENCODING_MAPPING

from tests.checkpoints import LETTERS, MAX_LENGTH, SPECIAL, make_tokenizer

WIDTH = 16
LAYERS = 3
#: Where dropout is, it would hide what a training step makes of a window.
_NO_DROPOUT = [
    "hidden_dropout_prob",
    "attention_probs_dropout_prob",
    "hidden_dropout",
    "attention_dropout",
    "dropout",
    "dropout_rate",
    "dropout_prob",
    "resid_pdrop",
    "embd_pdrop",
    "attn_pdrop",
    "activation_dropout",
    "embedding_dropout",
    "mlp_dropout",
    "emb_dropout",
]
_USUAL = {
    "vocab_size": len(SPECIAL) + 2 * len(LETTERS),
    "hidden_size": WIDTH,
    "num_hidden_layers": LAYERS,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "max_position_embeddings": MAX_LENGTH + 2,
    "pad_token_id": 0,
    "bos_token_id": 2,
    "eos_token_id": 3,
    # Large, so that nothing is hidden by small numbers
    "initializer_range": 0.3,
    "init_std": 0.3,
}
# What their configurations compute, and refuse to be told
_READ_ONLY = {"xlnet": "max_position_embeddings", "funnel": "num_hidden_layers"}
_T5 = {"d_model": WIDTH, "d_kv": 8, "d_ff": 32, "num_layers": LAYERS, "num_heads": 2}
_BART = {
    "d_model": WIDTH,
    "encoder_layers": LAYERS,
    "decoder_layers": LAYERS,
    "encoder_attention_heads": 2,
    "decoder_attention_heads": 2,
    "encoder_ffn_dim": 32,
    "decoder_ffn_dim": 32,
}
_XLM = {"emb_dim": WIDTH, "n_layers": LAYERS, "n_heads": 2, "n_words": _USUAL["vocab_size"]}
_XLM |= {"pad_index": 0, "embed_init_std": 0.3}

#: Those that work, with what their configurations have besides the usual settings.
WORKING = {
    "albert": {"embedding_size": 8},
    "bert": {},
    "bert-generation": {},
    "big_bird": {},
    "bloom": {"n_head": 2, "n_layer": LAYERS},
    "camembert": {},
    "convbert": {"embedding_size": 8, "conv_kernel_size": 3, "head_ratio": 1},
    "data2vec-text": {},
    "deberta": {"relative_attention": True, "pos_att_type": ["c2p", "p2c"]},
    "deberta-v2": {
        "relative_attention": True,
        "position_buckets": 8,
        "pos_att_type": ["c2p", "p2c"],
    },
    "distilbert": {"dim": WIDTH, "n_layers": LAYERS, "n_heads": 2, "hidden_dim": 32},
    "electra": {"embedding_size": 8},
    "ernie": {},
    "esm": {"mask_token_id": 4, "position_embedding_type": "rotary"},
    "flaubert": _XLM,
    "fnet": {},
    "gpt2": {"n_head": 2, "n_layer": LAYERS, "n_embd": WIDTH, "n_positions": MAX_LENGTH},
    "gpt_neox": {},
    "ibert": {},
    "layoutlm": {},
    "llama": {"num_key_value_heads": 2},
    "longformer": {"attention_window": 8},
    "luke": {"entity_vocab_size": 5, "entity_emb_size": 8},
    "megatron-bert": {},
    "mistral": {"num_key_value_heads": 2},
    "mobilebert": {
        "embedding_size": 8,
        "intra_bottleneck_size": 8,
        "num_feedforward_networks": 1,
    },
    "modernbert": {
        "global_attn_every_n_layers": 2,
        "local_attention": 8,
        "cls_token_id": 2,
        # Compiling takes longer than all else here
        "reference_compile": False,
    },
    # Its positions are counted from this padding, whatever the configuration says
    "mpnet": {"pad_token_id": 1},
    "mt5": _T5,
    "nystromformer": {"num_landmarks": 64, "segment_means_seq_len": 64},
    "qwen2": {"num_key_value_heads": 2},
    "rembert": {"input_embedding_size": 8, "output_embedding_size": 8},
    "roberta": {},
    "roberta-prelayernorm": {},
    "roc_bert": {"pronunciation_vocab_size": 9, "shape_vocab_size": 9},
    "roformer": {"embedding_size": WIDTH},
    "squeezebert": {
        "embedding_size": WIDTH,
        **dict.fromkeys([f"{x}_groups" for x in ("q", "k", "v", "post_attention")], 2),
    },
    "t5": _T5,
    "umt5": _T5,
    "xlm": _XLM,
    "xlm-roberta": {},
    "xlm-roberta-xl": {},
    "xlnet": {"d_model": WIDTH, "n_layer": LAYERS, "n_head": 2, "d_inner": 32},
    "xmod": {"languages": ["en_XX"], "default_language": "en_XX"},
    "yoso": {"use_expectation": True},
}
#: Those that are refused, with their settings and the reason that is given.
REFUSED = {
    "bart": (_BART, "no hidden states"),
    "canine": ({}, "no embeddings of wordpieces"),
    "funnel": (
        {
            "architectures": ["FunnelModel"],
            "d_model": WIDTH,
            "block_sizes": [1, 1, 1],
            "n_head": 2,
            "d_head": 8,
            "d_inner": 32,
        },
        "is of shape|fails with a text",
    ),
    "mbart": (_BART, "no hidden states"),
    "xmod": ({"languages": ["en_XX"]}, "default_language"),
}


def save_family(family: str, folder: Path, settings: dict) -> str:
    """Save a tiny encoder of a family, all its weights random, and a tokenizer."""
    torch.manual_seed(0)
    usual = {key: value for key, value in _USUAL.items() if key != _READ_ONLY.get(family)}
    config = AutoConfig.for_model(family, **{**usual, **settings})
    for name in _NO_DROPOUT:
        if isinstance(getattr(config, name, None), float):
            setattr(config, name, 0.0)
    has_text_encoder = type(config) in MODEL_FOR_TEXT_ENCODING_MAPPING
    transformer = (AutoModelForTextEncoding if has_text_encoder else AutoModel).from_config(config)
    # Pretrained ones have no zeros, and the padding's embedding is none either.
    with torch.no_grad():
        for parameter in transformer.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.1)
    transformer.save_pretrained(folder)
    tokenizer = make_tokenizer("xlm-roberta")
    tokenizer.pad_token = SPECIAL[config.pad_token_id or 0]
    tokenizer.save_pretrained(folder)
    return str(folder)
