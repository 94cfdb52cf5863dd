"""Tiny encoders with random weights, saved as Hugging Face checkpoints."""

from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
from transformers import (
    BertConfig,
    BertModel,
    DebertaV2Config,
    DebertaV2Model,
    DistilBertConfig,
    DistilBertModel,
    MT5Config,
    MT5EncoderModel,
    PreTrainedTokenizerFast,
    XLMRobertaConfig,
    XLMRobertaModel,
)

WIDTH = 16
LAYERS = 4
MAX_LENGTH = 64
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
LETTERS = [chr(c) for c in range(33, 127)] + list(
    "äöüéèñçšžčøåабвгдежзиклмнопрстуфхцчшыя我住在北京东"
)


def _bert_like(config_class, **widths):
    return config_class(
        vocab_size=len(SPECIAL) + 2 * len(LETTERS),
        max_position_embeddings=MAX_LENGTH + 2,
        pad_token_id=0,
        **widths,
    )


def _standard(config_class):
    return _bert_like(
        config_class,
        hidden_size=WIDTH,
        num_hidden_layers=LAYERS,
        num_attention_heads=2,
        intermediate_size=32,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        initializer_range=0.3,
    )


def _bert():
    return BertModel(_standard(BertConfig))


def _xlm_roberta():
    return XLMRobertaModel(_standard(XLMRobertaConfig))


def _distilbert():
    return DistilBertModel(
        _bert_like(
            DistilBertConfig,
            dim=WIDTH,
            n_layers=LAYERS,
            n_heads=2,
            hidden_dim=32,
            dropout=0.0,
            attention_dropout=0.0,
            initializer_range=0.3,
        )
    )


def _deberta_v2():
    config = _standard(DebertaV2Config)
    config.relative_attention = True
    config.position_buckets = 8
    config.pos_att_type = ["p2c", "c2p"]
    return DebertaV2Model(config)


def _mt5_encoder():
    return MT5EncoderModel(
        MT5Config(
            vocab_size=len(SPECIAL) + 2 * len(LETTERS),
            d_model=WIDTH,
            d_kv=8,
            d_ff=32,
            num_layers=LAYERS,
            num_heads=2,
            dropout_rate=0.0,
            initializer_factor=1.0,
        )
    )


ARCHITECTURES = {
    "bert": _bert,
    "xlm-roberta": _xlm_roberta,
    "distilbert": _distilbert,
    "deberta-v2": _deberta_v2,
    "mt5": _mt5_encoder,
}


# As their own tokenizers do, these leave out token_type_ids.
WITHOUT_SEGMENTS = ("distilbert", "mt5", "xlm-roberta")


def make_tokenizer(architecture: str) -> PreTrainedTokenizerFast:
    """Word pieces of single characters."""
    inputs = ["input_ids", "attention_mask"]
    if architecture not in WITHOUT_SEGMENTS:
        inputs.append("token_type_ids")
    pieces = SPECIAL + LETTERS + [f"##{letter}" for letter in LETTERS]
    vocab = {piece: i for i, piece in enumerate(pieces)}
    tokenizer = Tokenizer(models.WordPiece(vocab, unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
        model_max_length=MAX_LENGTH,
        model_input_names=inputs,
    )


def save_checkpoint(architecture: str, folder: Path) -> str:
    """Save an encoder with random weights and its tokenizer; returns the folder."""
    torch.manual_seed(0)
    ARCHITECTURES[architecture]().save_pretrained(folder)
    make_tokenizer(architecture).save_pretrained(folder)
    return str(folder)
