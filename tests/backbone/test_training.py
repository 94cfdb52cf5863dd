import dataclasses
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save
from transformers import AutoModel, AutoTokenizer, BertForMaskedLM

from backbone.checkpoint import (
    CHECKPOINT,
    Progress,
    load_checkpoint,
    read_progress,
    save_checkpoint,
)
from backbone.commands.dry_run import CONFIG
from backbone.encoder import MaskedLM
from backbone.objectives.batches import Batches
from backbone.packed import save_packed
from backbone.pretrained import HEAD, load_pretrained
from backbone.sampling import Translations
from backbone.schedule import CoolDown, get_learn_rate
from backbone.settings import load_settings
from backbone.start import draw_together, make_structured
from backbone.train import compute_losses, make_optimizer, train

from .conftest import run

ROOT = Path(__file__).parents[2]


def _options(made):
    return ("--data", made.folder / "data.safetensors", "--config", made.config)


def _read_log(folder):
    return [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]


def test_the_loss_falls(made):
    log = _read_log(made.folder / "run")
    assert [row["step"] for row in log] == [10, 20, 30]
    for term in ("mlm", "tlm"):
        assert log[-1][term] < log[0][term]


def test_exported_model_loads(made):
    model, info = AutoModel.from_pretrained(made.folder / "exported", output_loading_info=True)
    assert {name: list(found) for name, found in info.items() if found} == {}
    assert model.dtype == torch.float32
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


def test_an_exported_model_goes_on_where_it_ended(made, tmp_path):
    run("pretrain", tmp_path, *_options(made), "--steps", 10, "--start", made.folder / "exported")
    before, after = _read_log(made.folder / "run")[-1], _read_log(tmp_path)[0]
    assert after["mlm"] < before["mlm"] + 0.3


@pytest.mark.slow  # starts Python three times
def test_a_killed_run_goes_on_bit_for_bit(made, tmp_path):
    def start(folder, steps):
        command = [sys.executable, "-m", "backbone", "pretrain", folder, *_options(made)]
        return subprocess.Popen([*command, "--steps", str(steps), "--threads", "1"], cwd=ROOT)

    killed, whole = tmp_path / "killed", tmp_path / "whole"
    with start(killed, 100_000) as process:
        while not (killed / CHECKPOINT).exists():
            assert process.poll() is None
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGKILL)
    model = MaskedLM(made.settings.model, made.batches.vocabulary.size)
    step = load_checkpoint(killed, model, None, made.settings, made.batches.vocabulary).step
    for folder in (killed, whole):
        with start(folder, step + 20) as process:
            assert process.wait() == 0
    ours, theirs = (load_file(folder / CHECKPOINT) for folder in (killed, whole))
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)
    # The run in one go has one line for each ten steps, the killed one has some of them twice.
    rows = {row["step"]: row["mlm"] for row in _read_log(killed)}
    assert rows.items() >= {row["step"]: row["mlm"] for row in _read_log(whole)}.items()


def test_minutes_end_a_call_with_a_checkpoint(made, tmp_path):
    run("pretrain", tmp_path, *_options(made), "--steps", 1000, "--minutes", 0.001)
    model = MaskedLM(made.settings.model, made.batches.vocabulary.size)
    loaded = load_checkpoint(tmp_path, model, None, made.settings, made.batches.vocabulary)
    assert 0 < loaded.step < 1000


def test_cool_down_leaves_the_run_as_it_is(made, tmp_path):
    before = (made.folder / "run" / CHECKPOINT).read_bytes()
    run("cool-down", made.folder / "run", tmp_path, *_options(made), "--steps", 20)
    log = _read_log(tmp_path)
    assert [row["step"] for row in log] == [40, 50]
    assert log[0]["learn_rate"] > 10 * log[1]["learn_rate"]
    assert (made.folder / "run" / CHECKPOINT).read_bytes() == before


def test_a_cool_down_of_something_else_is_refused(made, tmp_path):
    """Its weights would be taken for those that were asked for."""
    going, cooled = tmp_path / "run", tmp_path / "cooled"
    command = ("cool-down", going, cooled, *_options(made), "--steps")
    run("pretrain", going, *_options(made), "--steps", 2)
    run(*command, 3)
    run(*command, 3)
    before = (cooled / CHECKPOINT).read_bytes()
    printed = run(*command, 4, expect=1)
    assert f"{cooled}: holds a cool-down of 3 steps from step 2; --steps is 4" in printed
    run("pretrain", going, *_options(made), "--steps", 4)
    printed = run(*command, 3, expect=1)
    assert f"{going} is at step 4; give another folder" in printed
    printed = run("cool-down", going, made.folder / "run", *command[3:], 3, expect=1)
    assert "holds a run that isn't cooled down" in printed
    printed = run("pretrain", cooled, *_options(made), "--steps", 9, expect=1)
    assert f"{cooled}: holds a cool-down from step 2" in printed
    assert (cooled / CHECKPOINT).read_bytes() == before


@pytest.fixture
def other(made, tmp_path):
    """Data and tokenizer of as many word pieces, two of them exchanged."""
    pieces = list(made.packed.vocabulary)
    pieces[-2:] = pieces[:-3:-1]
    data = tmp_path / "other.safetensors"
    save_packed(data, made.packed._replace(vocabulary=pieces))
    tokenizer = json.loads((made.folder / "tokenizer" / "tokenizer.json").read_text("utf8"))
    tokenizer["model"]["vocab"] = {piece: i for i, piece in enumerate(pieces)}
    (tmp_path / "tokenizer").mkdir()
    (tmp_path / "tokenizer" / "tokenizer.json").write_text(json.dumps(tokenizer), "utf8")
    return data, tmp_path / "tokenizer"


def test_other_word_pieces_are_refused(made, other, tmp_path):
    data, tokenizer = other
    config = ("--config", made.config)
    refused = "word pieces, other ones than the"
    command = ("--data", data, *config, "--steps", 40)
    before = (made.folder / "run" / CHECKPOINT).read_bytes()
    assert refused in run("pretrain", made.folder / "run", *command, expect=1)
    assert refused in run("cool-down", made.folder / "run", tmp_path / "c", *command, expect=1)
    start = ("--start", made.folder / "exported")
    assert refused in run("pretrain", tmp_path / "new", *command, *start, expect=1)
    export = ("export", made.folder / "run", tmp_path / "out", *config, "--tokenizer", tokenizer)
    assert refused in run(*export, expect=1)
    assert (made.folder / "run" / CHECKPOINT).read_bytes() == before


def test_a_checkpoint_without_a_checksum_of_word_pieces(made, tmp_path):
    """As they were written at first."""
    path = made.folder / "run" / CHECKPOINT
    with safe_open(path, framework="pt") as file:
        metadata = file.metadata()
    del metadata["vocabulary"]
    (tmp_path / CHECKPOINT).write_bytes(save(load_file(path), metadata=metadata))
    run("pretrain", tmp_path, *_options(made), "--steps", 31)
    run("cool-down", tmp_path, tmp_path / "cooled", *_options(made), "--steps", 1)
    assert read_progress(tmp_path / "cooled").step == 32


def test_cool_down_goes_on_too(made, tmp_path):
    batches, settings = made.batches, made.settings
    results = []
    for stops in ([45], [36, 45]):
        model = MaskedLM(settings.model, batches.vocabulary.size)
        optimizer = make_optimizer(model, settings.training)
        progress = load_checkpoint(
            made.folder / "run", model, optimizer, settings, batches.vocabulary
        )
        progress = progress._replace(cool_down=CoolDown(30, 15))
        for stop in stops:
            train(model, optimizer, batches, settings, progress, tmp_path, steps=stop)
            model = MaskedLM(settings.model, batches.vocabulary.size)
            optimizer = make_optimizer(model, settings.training)
            progress = load_checkpoint(tmp_path, model, optimizer, settings, batches.vocabulary)
        assert progress.cool_down == CoolDown(30, 15)
        results.append(model.state_dict())
    assert all(torch.equal(results[0][name], results[1][name]) for name in results[0])


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


def test_workers_make_the_same_batches(made, tmp_path):
    results = []
    for workers in (0, 2):
        model = make_structured(made.settings.model, made.batches.vocabulary.size, 0)
        optimizer = make_optimizer(model, made.settings.training)
        folder = tmp_path / str(workers)
        train(
            model,
            optimizer,
            made.batches,
            made.settings,
            Progress(),
            folder,
            steps=4,
            workers=workers,
        )
        results.append(model.state_dict())
    assert all(torch.equal(results[0][name], results[1][name]) for name in results[0])


def test_the_embedded_encoder_can_be_trained_further():
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


def test_the_large_recipe_fits_in_60_mb():
    settings = load_settings(ROOT / "backbone/configs/base12.cfg")
    assert settings.model.layers == 12
    with torch.device("meta"):
        model = MaskedLM(settings.model, settings.vocabulary.size)
    assert 2 * sum(parameter.numel() for parameter in model.parameters()) < 60e6


def test_corpora_that_lack_what_is_asked_for(made):
    packed = made.packed._replace(texts=[t for t in made.packed.texts if t.kind == "mono"])
    with pytest.raises(ValueError, match="the corpus has no code-switched text"):
        Batches(packed, made.settings)
    objectives = dataclasses.replace(made.settings.objectives, switched=0.0)
    settings = dataclasses.replace(made.settings, objectives=objectives)
    with pytest.raises(ValueError, match="the corpus has no aligned text"):
        Batches(packed, settings)


def test_too_few_translations_end_the_search(made):
    """A text may be aligned with another by keys that are too few to draw from."""
    texts = [
        text._replace(keys=np.where(np.arange(len(text.keys)) < 3, text.keys, -1))
        for text in made.packed.texts
        if text.kind == "bible"
    ]
    translations = Translations(made.packed._replace(texts=texts), made.settings.sampling)
    with pytest.raises(ValueError, match=r"the last in bible.* with 3 common lines; pack more"):
        translations.draw(np.random.default_rng(0), (16, 16))


def test_a_language_without_others_to_draw_ends_the_search(made):
    german = next(text for text in made.packed.texts if text.name == "bible.de")
    texts = [german, german._replace(name="bible.fr", language="fr")]
    sampling = dataclasses.replace(made.settings.sampling, languages={"fr": 0.0})
    translations = Translations(made.packed._replace(texts=texts), sampling)
    with pytest.raises(ValueError, match=r"sampling.languages: found no other .*than 'de'"):
        translations.draw(np.random.default_rng(0), (16, 16))
