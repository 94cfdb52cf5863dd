import dataclasses
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModel, AutoTokenizer, BertForMaskedLM

from backbone.checkpoint import (
    CHECKPOINT,
    Progress,
    save_checkpoint,
)
from backbone.commands.dry_run import CONFIG
from backbone.encoder import MaskedLM, attend
from backbone.objectives.batches import Batches
from backbone.packed import load_packed
from backbone.pretrained import HEAD, load_pretrained
from backbone.schedule import CoolDown, get_learn_rate
from backbone.settings import load_settings
from backbone.start import draw_together, make_structured
from backbone.train import compute_losses, make_optimizer, train

from .conftest import read_log, run

ROOT = Path(__file__).parents[2]


def test_the_loss_falls(made):
    log = read_log(made.folder / "run")
    assert [row["step"] for row in log] == [10, 20, 30]
    for term in ("mlm", "tlm"):
        assert log[-1][term] < log[0][term]


def test_exported_model_loads(made):
    model, info = AutoModel.from_pretrained(made.folder / "exported", output_loading_info=True)
    assert {name: list(found) for name, found in info.items() if found} == {}
    assert model.dtype == torch.float32
    assert model.config.layer_norm_eps == 1e-12
    weights = load_file(made.folder / "exported" / "model.safetensors")
    assert {weight.dtype for weight in weights.values()} == {torch.float16}
    tokenizer = AutoTokenizer.from_pretrained(made.folder / "exported")
    assert tokenizer.model_max_length == model.config.max_position_embeddings
    encoded = tokenizer("das haus", return_tensors="pt")
    assert encoded.input_ids[0, 0] == tokenizer.cls_token_id
    assert torch.isfinite(model(**encoded).last_hidden_state).all()


def test_exported_model_computes_what_was_trained(made):
    folder = made.folder / "exported"
    ours = load_pretrained(folder, made.settings.model)
    theirs = BertForMaskedLM.from_pretrained(folder).eval()
    head = load_file(folder / HEAD)
    theirs.cls.load_state_dict({k: v.float() for k, v in head.items()}, strict=False)
    theirs.bert.load_state_dict(AutoModel.from_pretrained(folder).state_dict(), strict=False)
    batch = made.batches[1]
    with torch.no_grad():
        last, _ = ours.encoder(batch.ids, batch.positions, batch.segments, 1)
        out = theirs(
            batch.ids,
            position_ids=batch.positions,
            token_type_ids=batch.segments,
            output_hidden_states=True,
        )
        assert torch.allclose(last, out.hidden_states[-1], atol=1e-5)
        assert torch.allclose(ours.predict(last), out.logits, atol=1e-4)
        middle = ours.encoder(batch.ids, batch.positions, batch.segments, 1)[1]
        assert torch.allclose(middle, out.hidden_states[1], atol=1e-5)


def test_learn_rate():
    settings = load_settings(CONFIG).training
    rates = [get_learn_rate(step, settings, CoolDown(50, 10)) for step in range(60)]
    assert rates[0] == pytest.approx(settings.learn_rate / 10)
    assert rates[9:50] == [settings.learn_rate] * 41
    assert rates[50:] == sorted(rates[50:], reverse=True)
    assert 0 < rates[59] < settings.learn_rate / 10
    assert get_learn_rate(55, settings, None) == settings.learn_rate


def test_every_weight_has_a_finite_gradient_from_every_term(made):
    model = make_structured(made.settings.model, made.batches.vocabulary.size, 0)
    batch = next(made.batches[step] for step in range(99) if made.batches[step].twins > 1)
    loss, logged = compute_losses(model, batch, made.settings.objectives)
    loss.backward()
    for name, parameter in model.named_parameters():
        assert torch.isfinite(parameter.grad).all(), name
        assert parameter.grad.abs().sum() > 0, name
    assert (logged[:, 0] > 0).all()
    assert (logged[:, 1] > 0).all()
    weightless = dataclasses.replace(made.settings.objectives, contrastive=0.0)
    assert compute_losses(model, batch, weightless)[0] < loss


def test_training_stops_where_the_loss_is_not_finite(made, tmp_path):
    model = make_structured(made.settings.model, made.batches.vocabulary.size, 0)
    optimizer = make_optimizer(model, made.settings.training)
    save_checkpoint(tmp_path, model, optimizer, Progress(), made.settings, made.batches.vocabulary)
    before = (tmp_path / CHECKPOINT).read_bytes()
    with torch.no_grad():
        model.bias[7] = float("nan")
    with pytest.raises(ValueError, match=r"step 10: the loss is .*lower training.learn_rate"):
        train(model, optimizer, made.batches, made.settings, Progress(), tmp_path, steps=20)
    assert (tmp_path / CHECKPOINT).read_bytes() == before


def test_no_checkpoint_after_a_gradient_that_is_not_finite(made, tmp_path):
    """The loss of that step still is."""
    model = make_structured(made.settings.model, made.batches.vocabulary.size, 0)
    model.bias.register_hook(lambda gradient: gradient * float("inf"))
    optimizer = make_optimizer(model, made.settings.training)
    with pytest.raises(ValueError, match="step 1: the sum of the gradients' norms is"):
        train(model, optimizer, made.batches, made.settings, Progress(), tmp_path, steps=1)
    assert not (tmp_path / CHECKPOINT).exists()


def test_structured_start_looks_at_neighbours():
    settings = dataclasses.replace(load_settings(CONFIG).model, width=128, heads=4)
    encoder = make_structured(settings, 200, 0).encoder
    states = encoder.norm(encoder.positions.weight)
    queries, keys, _ = encoder.layers[0].qkv(states).view(64, 3, 4, 32).unbind(1)
    for head, distance in enumerate((-1, 1, -2, 2)):
        nearest = (queries[:, head] @ keys[:, head].T).argmax(1)
        inner = torch.arange(2, 62)
        assert (nearest[2:62] == inner + distance).float().mean() > 0.9


def test_translations_start_together(made):
    model = make_structured(made.settings.model, 3, 0)
    before = model.encoder.words.weight.detach().clone()
    lexicons = {"de": {"house": ("haus", 0.9), "river": ("fluss", 0.1)}}
    assert draw_together(model, ["house", "haus", "fluss"], lexicons) == 1
    after = model.encoder.words.weight
    cosine = torch.nn.functional.cosine_similarity
    assert cosine(after[0], after[1], dim=0) > cosine(before[0], before[1], dim=0) + 0.3
    assert torch.allclose(after.norm(dim=1), before.norm(dim=1))
    assert torch.equal(after[[0, 2]], before[[0, 2]])


@pytest.mark.parametrize("length", [3, 64])
def test_attention_is_torchs_own(length):
    """The one on a CPU and the one on a GPU are the same function."""
    torch.manual_seed(0)
    Q, K, V = torch.randn(3, 2, 4, length, 16).unbind(0)
    expected = torch.nn.functional.scaled_dot_product_attention(Q, K, V)
    assert torch.allclose(attend(Q, K, V), expected, atol=1e-6)


def test_the_embedded_encoder_is_loaded_with_its_head():
    settings = load_settings(ROOT / "backbone/configs/mini.cfg")
    model = load_pretrained(ROOT / "assets/mini-mbert", settings.model)
    text = "The house is [MASK] the river."
    tokenizer = AutoTokenizer.from_pretrained(ROOT / "assets/mini-mbert")
    ids = tokenizer(text, return_tensors="pt").input_ids
    with torch.no_grad():
        positions = torch.arange(ids.shape[1])[None]
        last, _ = model.encoder(ids, positions, torch.zeros_like(ids), 4)
        scores = model.predict(last[ids == tokenizer.mask_token_id])
    assert tokenizer.convert_ids_to_tokens(scores.topk(20).indices[0].tolist())[0].isalpha()
    assert {"in", "on", "by", "from", "of"} & set(
        tokenizer.convert_ids_to_tokens(scores.topk(20).indices[0].tolist())
    )


@pytest.mark.slow
def test_the_embedded_encoder_can_be_trained_further(made, tmp_path):
    settings = load_settings(ROOT / "backbone/configs/mini.cfg")
    training = dataclasses.replace(settings.training, pieces_per_step=512, warmup_steps=1)
    settings = dataclasses.replace(settings, training=training)
    data = tmp_path / "data.safetensors"
    corpora = (made.folder / "corpus", made.folder / "switched")
    options = ("--tokenizer", ROOT / "assets/mini-mbert", "--config", made.config)
    run("pack", *corpora, "--output", data, *options)
    batches = Batches(load_packed(data), settings)
    model = load_pretrained(ROOT / "assets/mini-mbert", settings.model)
    optimizer = make_optimizer(model, settings.training)
    before = compute_losses(model, batches[0], settings.objectives)[0].item()
    train(model, optimizer, batches, settings, Progress(), tmp_path, steps=1)
    assert compute_losses(model, batches[0], settings.objectives)[0].item() < before - 0.1


def test_the_large_recipe_fits_in_60_mb():
    settings = load_settings(ROOT / "backbone/configs/base12.cfg")
    assert settings.model.layers == 12
    with torch.device("meta"):
        model = MaskedLM(settings.model, settings.vocabulary.size)
    assert 2 * sum(parameter.numel() for parameter in model.parameters()) < 60e6
