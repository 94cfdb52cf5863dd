"""The encoder's torch module as a thinc layer."""

from collections.abc import Callable
from typing import Any

import torch
from thinc.api import ArgsKwargs, Model, xp2torch
from thinc.layers.pytorchwrapper import forward
from torch import Tensor

from spacy_dlfa.encoder.shim import EncoderShim
from spacy_dlfa.text.windows import Windows
from spacy_dlfa.types import Gradients


def encoder_layer(shim: EncoderShim) -> Model:
    """Wrap the encoder; windows and names of layers go in, layers by name, (N, E), come out."""
    return Model(
        "encoder",
        forward,
        attrs={"convert_inputs": convert_inputs, "convert_outputs": convert_outputs},
        shims=[shim],
    )


def convert_inputs(
    model: Model, X: tuple[list[Windows], list[str]], is_train: bool
) -> tuple[ArgsKwargs, Callable[[Any], list]]:
    """Pass the wordpieces of all windows to torch, (N,), their lengths, (S,), and the names.

    Token types, (N,), come with them where they are not all zeros.
    """
    device = model.shims[0].device  # type: ignore[attr-defined]
    windows, outputs = X
    rows = [row for each in windows for row in each.ids]
    ids = torch.tensor([piece for row in rows for piece in row], device=device)
    lengths = torch.tensor([len(row) for row in rows], device="cpu")
    types = [row for each in windows for row in each.segments]
    kwargs = {}
    if any(types):
        filled = [given or [0] * len(row) for given, row in zip(types, rows, strict=True)]
        kwargs["segments"] = torch.tensor([k for row in filled for k in row], device=device)
    return ArgsKwargs(args=(ids, lengths, outputs), kwargs=kwargs), lambda d_inputs: []


def convert_outputs(
    model: Model, inputs_outputs: tuple[Any, dict[str, Tensor]], is_train: bool
) -> tuple[dict[str, Tensor], Callable[[Gradients], ArgsKwargs]]:
    """Return the layers, each (N, E); the backward callback takes the gradients of some."""
    layers = inputs_outputs[1]

    def backprop(gradients: Gradients) -> ArgsKwargs:
        # A layer under the lowest that learns takes none.
        learning = [key for key in gradients if layers[key].requires_grad]
        outputs = tuple(layers[key] for key in learning)
        grads = tuple(xp2torch(gradients[key], device=layers[key].device) for key in learning)
        return ArgsKwargs((outputs,), {"grad_tensors": grads})

    return layers, backprop
