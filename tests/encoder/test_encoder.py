"""The encoder gives what the bare Hugging Face model gives, without its padding."""

import pytest
import torch

from spacy_dlfa.encoder.encoder import BATCH_SIZES, MAX_PADDING, Encoder, plan_batches
from spacy_dlfa.encoder.packed import can_pack, pack_encoder
from spacy_dlfa.encoder.packed_encoder import plan_rows
from spacy_dlfa.encoder.packed_layers import PackedLinear
from tests.checkpoints import ARCHITECTURES, LAYERS

LENGTHS = torch.tensor([3, 30, 4, 1, 29, 12, 3])
# float32 sums in another order
ROUNDING = {"atol": 1e-5, "rtol": 1e-4}


def windows():
    return torch.randint(5, 100, (int(LENGTHS.sum()),), generator=torch.Generator().manual_seed(0))


def make(architecture):
    torch.manual_seed(0)
    return ARCHITECTURES[architecture]().eval()


def encode(encoder):
    with torch.no_grad():
        return encoder(windows(), LENGTHS, ["last_hidden_state", "layer_1", f"layer_{LAYERS}"])


def encode_bare(transformer):
    """Each window alone."""
    with torch.no_grad():
        alone = [
            transformer(input_ids=ids[None], output_hidden_states=True)
            for ids in windows().split(LENGTHS.tolist())
        ]
    return {
        "last_hidden_state": torch.cat([each.last_hidden_state[0] for each in alone]),
        "layer_1": torch.cat([each.hidden_states[1][0] for each in alone]),
        f"layer_{LAYERS}": torch.cat([each.hidden_states[LAYERS][0] for each in alone]),
    }


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_layers_are_those_of_the_bare_model(architecture):
    transformer = make(architecture)
    output = encode(Encoder(transformer, bf16=False))
    expected = encode_bare(transformer)
    assert list(output) == list(expected)
    for key in expected:
        torch.testing.assert_close(output[key], expected[key], **ROUNDING)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_packed_layers_are_those_of_the_bare_model(architecture):
    transformer = make(architecture)
    packed = pack_encoder(Encoder(transformer, bf16=False), torch.float32)
    assert any(isinstance(module, PackedLinear) for module in packed.modules())
    output = encode(packed)
    for key, expected in encode_bare(transformer).items():
        torch.testing.assert_close(output[key], expected, **ROUNDING)


def test_packed_layers_see_the_token_types_of_their_windows():
    transformer = make("bert")
    packed = pack_encoder(Encoder(transformer, bf16=False), torch.float32)
    types = torch.randint(0, 2, (int(LENGTHS.sum()),), generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        output = packed(windows(), LENGTHS, ["last_hidden_state"], types)
        alone = [
            transformer(input_ids=ids[None], token_type_ids=own[None]).last_hidden_state[0]
            for ids, own in zip(
                *(x.split(LENGTHS.tolist()) for x in (windows(), types)), strict=True
            )
        ]
    torch.testing.assert_close(output["last_hidden_state"], torch.cat(alone), **ROUNDING)


@pytest.mark.parametrize("dtype", [torch.float32, torch.int8])
def test_an_encoder_with_fewer_heads_is_packed(dtype):
    transformer = make("bert")
    transformer.prune_heads({0: [1]})
    output = encode(pack_encoder(Encoder(transformer, bf16=False), dtype))
    for key, expected in encode_bare(transformer).items():
        assert torch.cosine_similarity(output[key], expected).min() > 0.95


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.int8])
def test_packed_in_less_precision_is_close(architecture, dtype):
    transformer = make(architecture)
    # A processor without bfloat16 emulates it in the encoder itself, as prediction does there.
    encoder = Encoder(transformer, bf16=dtype == torch.bfloat16)
    output = encode(pack_encoder(encoder, dtype) if can_pack(dtype) else encoder)
    for key, expected in encode_bare(transformer).items():
        assert output[key].dtype == torch.float32
        similarity = torch.cosine_similarity(output[key], expected)
        assert similarity.min() > 0.95
        assert not torch.equal(output[key], expected)


@pytest.mark.parametrize("dtype", [torch.float32, torch.int8])
def test_a_packed_copy_shares_the_embeddings(dtype):
    transformer = make("bert")
    packed = pack_encoder(Encoder(transformer, bf16=False), dtype).transformer
    ours, theirs = (model.get_input_embeddings().weight for model in (packed, transformer))
    assert ours.data_ptr() == theirs.data_ptr()


def test_only_the_layers_asked_for_come_out():
    encoder = Encoder(make("bert"), bf16=False)
    for outputs in (["last_hidden_state", "layer_2"], ["layer_2"], ["last_hidden_state"]):
        assert list(encoder(windows(), LENGTHS, outputs)) == outputs


def test_weights_are_cast_once_for_all_batches(monkeypatch):
    """In training: autocast forgets what it has cast when it is left."""
    monkeypatch.setitem(BATCH_SIZES, "cpu", 30)
    encoder = Encoder(make("bert"), bf16=True)
    assert len(list(plan_batches(LENGTHS, 30))) > 2
    output = encoder(windows(), LENGTHS, ["last_hidden_state", "layer_1"])
    casts, seen, todo = set(), set(), [each.grad_fn for each in output.values()]
    while todo:
        node = todo.pop()
        for other, _ in node.next_functions:
            if type(other).__name__ == "AccumulateGrad" and "ToCopy" in type(node).__name__:
                casts.add((node, other))
            if other is not None and other not in seen:
                seen.add(other)
                todo.append(other)
    weights = [weight for weight, _ in casts]
    assert casts
    assert len(weights) == len({accumulate for _, accumulate in casts})


def test_a_batch_has_a_bounded_size(monkeypatch):
    monkeypatch.setitem(BATCH_SIZES, "cpu", 30)
    encoder, shapes = Encoder(make("bert"), bf16=False), []

    def note(module, args, kwargs):
        shapes.append(kwargs["input_ids"].shape)

    encoder.transformer.register_forward_pre_hook(note, with_kwargs=True)
    encode(encoder)
    assert sum(windows for windows, _ in shapes) == len(LENGTHS)
    # A single window may be longer than a batch.
    assert all(shape.numel() <= 30 or shape[0] == 1 for shape in shapes)


@pytest.mark.parametrize("size", [1, 20, 64, 1000])
def test_batches_hold_every_wordpiece_once_with_little_padding(size):
    batches = list(plan_batches(LENGTHS, size))
    found = torch.cat([positions[mask] for positions, mask in batches])
    assert sorted(found.tolist()) == list(range(int(LENGTHS.sum())))
    padding = [mask.numel() - int(mask.sum()) for _, mask in batches]
    assert max(padding) <= MAX_PADDING * size
    for positions, mask in batches:
        assert mask.shape == positions.shape
        # A single window may be longer than a batch.
        assert mask.numel() <= size or len(mask) == 1
        # Padding is at the end, and points at something that exists.
        assert bool((mask[:, 1:] <= mask[:, :-1]).all())
        assert positions.max() < LENGTHS.sum()


@pytest.mark.parametrize("size", [1, 20, 64, 1000])
def test_rows_hold_every_wordpiece_once(size):
    batches = list(plan_rows(LENGTHS, size))
    found = torch.cat([positions for positions, _ in batches])
    assert sorted(found.tolist()) == list(range(int(LENGTHS.sum())))
    of_window = torch.arange(len(LENGTHS)).repeat_interleave(LENGTHS)
    for positions, groups in batches:
        lengths = [length for number, length in groups for _ in range(number)]
        assert len(positions) == sum(lengths)
        assert len(positions) <= size or len(lengths) == 1
        assert lengths == sorted(lengths)
        for window in of_window[positions].split(lengths):
            assert len(set(window.tolist())) == 1
        assert all(rows.diff().eq(1).all() for rows in positions.split(lengths))


def test_windows_of_like_length_go_together():
    lengths = torch.tensor([20] * 10 + [200])
    batches = list(plan_batches(lengths, 1000))
    assert [mask.shape for _, mask in batches] == [(10, 20), (1, 200)]
