import pytest
import torch
from transformers import BertConfig, BertModel, BertTokenizerFast

from tests.checkpoints import LETTERS, SPECIAL


@pytest.fixture(scope="session")
def encoder(tmp_path_factory) -> str:
    """Folder of a tiny BERT that every system can load: BERT's own tokenizer, windows of 128."""
    folder = tmp_path_factory.mktemp("tiny")
    pieces = SPECIAL + LETTERS + [f"##{letter}" for letter in LETTERS]
    (folder / "vocab.txt").write_text("\n".join(pieces), encoding="utf8")
    tokenizer = BertTokenizerFast(
        vocab=str(folder / "vocab.txt"),
        vocab_file=str(folder / "vocab.txt"),
        do_lower_case=False,
        model_max_length=160,
    )
    tokenizer.save_pretrained(folder)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(pieces),
        hidden_size=16,
        num_hidden_layers=3,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=160,
        initializer_range=0.3,
    )
    BertModel(config).save_pretrained(folder)
    return str(folder)
