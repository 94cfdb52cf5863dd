"""The encoder gives what the bare Hugging Face model gives, without its padding."""

import pytest
import torch

from spacy_dlfa.layers.encoder import Encoder, group_by_length
from tests.checkpoints import ARCHITECTURES, LAYERS

LENGTHS = [3, 30, 4, 1, 29, 12, 3]


def padded(lengths, side="right"):
    torch.manual_seed(0)
    width = max(lengths)
    mask = torch.zeros(len(lengths), width)
    for row, length in zip(mask, lengths):
        if side == "right":
            row[:length] = 1
        else:
            row[width - length :] = 1
    return {"input_ids": torch.randint(5, 100, mask.shape) * mask.long(), "attention_mask": mask}


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_layers_are_those_of_the_bare_model(architecture):
    torch.manual_seed(0)
    transformer = ARCHITECTURES[architecture]().eval()
    encoder = Encoder(transformer, hidden_layers=[1, LAYERS], precision="fp32")
    inputs = padded(LENGTHS)
    real = inputs["attention_mask"].bool()
    with torch.no_grad():
        output = encoder(**inputs)
        bare = transformer(**inputs, output_hidden_states=True)
    for key, expected in (
        ("last_hidden_state", bare.last_hidden_state),
        ("layer_1", bare.hidden_states[1]),
        (f"layer_{LAYERS}", bare.hidden_states[LAYERS]),
    ):
        torch.testing.assert_close(output[key][real], expected[real], atol=1e-5, rtol=1e-4)
        assert output[key].shape == expected.shape
        assert not output[key][~real].isnan().any()


def test_only_the_layers_asked_for_come_out():
    encoder = Encoder(ARCHITECTURES["bert"](), hidden_layers=[2], precision="fp32")
    assert list(encoder(**padded([3, 2]))) == ["last_hidden_state", "layer_2"]


def test_groups_hold_every_row_once_with_little_padding():
    mask = padded(LENGTHS)["attention_mask"]
    groups = group_by_length(mask)
    assert sorted(torch.cat([rows for rows, _ in groups]).tolist()) == list(range(len(LENGTHS)))
    pieces = sum(len(rows) * length for rows, length in groups)
    assert pieces <= 1.5 * sum(LENGTHS)
    assert mask.numel() > 2.5 * sum(LENGTHS)


def test_rows_padded_on_the_left_stay_together():
    mask = padded(LENGTHS, side="left")["attention_mask"]
    ((rows, length),) = group_by_length(mask)
    assert rows.tolist() == list(range(len(LENGTHS)))
    assert length == max(LENGTHS)
