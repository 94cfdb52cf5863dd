import math
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoTokenizer, BertConfig, BertForMaskedLM

from spacy_dlfa.study.probing.masked_lm import (
    HEAD,
    load_masked_lm,
    masked_lm,
    mean_loss,
    write_random_head,
)
from tests.checkpoints import make_tokenizer

TEXTS = ["Anna schläft hier.", "Berlin", "x", "Emil und Frida schlafen heute nicht in Oslo."]


@pytest.fixture
def full(tmp_path, bert):
    """A checkpoint with its head."""
    torch.manual_seed(1)
    config = BertConfig.from_pretrained(bert)
    BertForMaskedLM(config).save_pretrained(tmp_path / "full")
    make_tokenizer("bert").save_pretrained(tmp_path / "full")
    return tmp_path / "full"


def pieces(folder):
    return AutoTokenizer.from_pretrained(folder)(TEXTS)["input_ids"]


def loss(folder, model):
    return mean_loss(model, AutoTokenizer.from_pretrained(folder), pieces(folder), "de_pud")


def test_a_uniform_head_knows_nothing(full):
    model = load_masked_lm(full)
    with torch.no_grad():
        model.get_output_embeddings().weight.zero_()
        model.get_output_embeddings().bias.zero_()
    found = loss(full, model)
    assert found["loss"] == pytest.approx(math.log(model.config.vocab_size))


def test_a_share_of_each_sentence_is_masked_and_no_special_piece(full):
    found = loss(full, load_masked_lm(full))
    expected = sum(max(1, round(0.15 * (len(each) - 2))) for each in pieces(full))
    assert found["masked"] == expected


def test_the_loss_is_that_of_transformers(full, monkeypatch):
    monkeypatch.setattr("spacy_dlfa.study.probing.masked_lm.use_bf16", lambda *_: False)
    model, seen = load_masked_lm(full), []
    model.register_forward_pre_hook(lambda _, args, kwargs: seen.append(kwargs), with_kwargs=True)
    tokenizer = AutoTokenizer.from_pretrained(full)
    ids = pieces(full)[-1]
    found = mean_loss(model, tokenizer, [ids], "de_pud")
    inputs = seen[0]["input_ids"].clone()
    masked = inputs == tokenizer.mask_token_id
    labels = torch.where(masked, torch.tensor([ids]), -100)
    expected = model(input_ids=inputs, attention_mask=torch.ones_like(inputs), labels=labels).loss
    assert found["masked"] == int(masked.sum())
    assert found["loss"] == pytest.approx(expected.item(), rel=1e-5)


def test_a_head_beside_the_weights_is_the_one_in_them(full, tmp_path):
    weights = load_file(full / "model.safetensors")
    apart = tmp_path / "apart"
    shutil.copytree(full, apart)
    encoder = {k.removeprefix("bert."): v for k, v in weights.items() if k.startswith("bert.")}
    save_file(encoder, apart / "model.safetensors", metadata={"format": "pt"})
    assert load_masked_lm(apart) is None
    head = {k.removeprefix("cls."): v for k, v in weights.items() if k.startswith("cls.")}
    head = {k: v for k, v in head.items() if "decoder" not in k}
    save_file(head, apart / HEAD)
    found, expected = (loss(each, load_masked_lm(each)) for each in (apart, full))
    assert found == pytest.approx(expected, rel=1e-5)


def test_no_head(bert):
    assert masked_lm(Path(bert), {"PUD": ()}) is None


def test_a_random_head(bert, tmp_path):
    folder = tmp_path / "random"
    shutil.copytree(bert, folder)
    write_random_head(Path(bert), folder, 0)
    assert load_masked_lm(folder) is not None


def test_a_head_of_another_encoder(bert, tmp_path):
    folder = tmp_path / "other"
    shutil.copytree(bert, folder)
    save_file({"predictions.bias": torch.zeros(3)}, folder / HEAD)
    with pytest.raises(ValueError, match=r"predictions.bias of shape \(3,\)"):
        load_masked_lm(folder)
    (folder / HEAD).write_bytes(b"not safetensors")
    with pytest.raises(ValueError, match=r"mlm_head.safetensors: can't be read"):
        load_masked_lm(folder)
