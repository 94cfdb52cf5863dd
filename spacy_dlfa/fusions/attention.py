"""The torch modules of fusions by attention as thinc layers."""

from collections.abc import Callable
from typing import Any, cast

import numpy as np
import safetensors.torch
import torch
from numpy.typing import NDArray
from thinc.api import (
    ArgsKwargs,
    Model,
    get_torch_default_device,
    torch2xp,
    xp2torch,
)
from thinc.layers.pytorchwrapper import forward
from thinc.types import Floats2d

from spacy_dlfa.encoder.in_place_shim import InPlaceShim, plain_tensors
from spacy_dlfa.errors import Errors
from spacy_dlfa.fusions.modules import (
    NORMS,
    DoubleLayerAggregation,
    Gate,
    Norm,
    SingleLayerAttention,
)
from spacy_dlfa.storage.saved_settings import FixedText, changed
from spacy_dlfa.types import Fusion, HiddenStates

AttentionModule = type[DoubleLayerAggregation] | type[SingleLayerAttention]


def attention_fusion(
    name: str, module: AttentionModule, *, reads: str, reduction: int, gate: Gate, norm: Norm
) -> Fusion:
    """Wrap a torch module that fuses layers by attention.

    name (str): Name of the layer, also in errors about its settings.
    module (Type[nn.Module]): Is called with the layers (N, E), the span lengths (S,) and
        `is_train`; its AIF is the attribute `aif`.
    reads (str): "pair" or "last", see `spacy_dlfa.types.Fusion`.
    RETURNS (Model[HiddenStates, Floats2d]): The layers (N, E) to one (N, E).
    """
    if reduction < 1:
        raise ValueError(Errors.DL060.format(name=name, reduction=reduction))
    if gate not in ("feature", "sigmoid"):
        raise ValueError(Errors.DL061.format(name=name, gate=gate))
    if norm not in NORMS:
        raise ValueError(Errors.DL062.format(name=name, norm=norm))
    return Model(
        name.lower(),
        forward,
        init=init,
        dims={"nI": None, "nO": None},
        attrs={
            "reads": reads,
            "gate": FixedText(gate),
            **({"lower_weight": lower_weight} if reads == "pair" else {}),
            "convert_inputs": convert_inputs,
            "convert_outputs": convert_outputs,
        },
        shims=[AttentionShim(name, module, reduction=reduction, gate=gate, norm=norm)],
    )


class AttentionShim(InPlaceShim):
    """Holds the torch module, whose width is known at initialisation or from saved weights."""

    def __init__(
        self, name: str, module: AttentionModule, *, reduction: int, gate: Gate, norm: Norm
    ):
        super().__init__(None)
        self.name = name
        self.module = module
        self.reduction = reduction
        self.gate = gate
        self.norm = norm

    def build(self, width: int) -> None:
        """Make the module for encoders of the given width."""
        if width < self.reduction:
            raise ValueError(
                Errors.DL063.format(name=self.name, reduction=self.reduction, width=width)
            )
        with plain_tensors():
            module = self.module(width, reduction=self.reduction, gate=self.gate, norm=self.norm)
            self._model = module.to(get_torch_default_device())

    def predict(self, inputs: ArgsKwargs) -> Any:
        """Run without gradients. Nothing is switched, so that threads can share the module."""
        with torch.no_grad(), torch.autocast(self.device.type, enabled=False):
            return self._model(*inputs.args, **inputs.kwargs)

    def begin_update(self, inputs: ArgsKwargs) -> Any:
        """Run with gradients; returns the output and its backward callback."""
        with torch.autocast(self.device.type, enabled=False):
            return super().begin_update(inputs)

    def to_bytes(self) -> bytes:
        """Serialise parameters and running statistics in safetensors' format."""
        if self._model is None:
            return b""
        return safetensors.torch.save(self._model.state_dict())

    def from_bytes(self, bytes_data: bytes) -> "AttentionShim":
        """Restore what `to_bytes` made; the module is built to fit.

        RAISES (ValueError): If it was made with another norm or reduction.
        """
        if bytes_data:
            with plain_tensors():
                state = safetensors.torch.load(bytes_data)
            width, bottleneck = state["aif.local.expand.weight"].shape
            norm = "batch" if "aif.local.expand_norm.running_mean" in state else "layer"
            if norm != self.norm:
                raise changed("norm", self.norm, norm)
            if bottleneck != width // self.reduction:
                raise changed("reduction", self.reduction, width // bottleneck)
            self.build(width)
            self._model.load_state_dict(state)
        return self


def init(model: Fusion, X: HiddenStates | None = None, Y: Any = None) -> None:
    """Build the module for the width of X."""
    if X is not None:
        width = X.layers[0].shape[1]
        model.set_dim("nI", width)
        model.set_dim("nO", width)
        model.shims[0].build(width)  # type: ignore[attr-defined]


def lower_weight(model: Fusion, X: HiddenStates) -> NDArray[np.float32]:
    """Return the sigmoid in the weight of the lower layer, whatever the gate, as means (N,)."""
    inputs, _ = convert_inputs(model, X, False)
    with torch.no_grad():
        attention = model.shims[0]._model.attend(*inputs.args, is_train=False)
        return attention.mean(dim=1).cpu().numpy()


def convert_inputs(
    model: Fusion, X: HiddenStates, is_train: bool
) -> tuple[ArgsKwargs, Callable[[ArgsKwargs], list[Floats2d]]]:
    """Pass arrays to torch, and the gradients of the layers back."""
    device = model.shims[0].device  # type: ignore[attr-defined]
    layers = [xp2torch(_writable(x), requires_grad=is_train, device=device) for x in X.layers]
    lengths = xp2torch(X.lengths, device=device)

    def get_dX(d_inputs: ArgsKwargs) -> list[Floats2d]:
        return [cast(Floats2d, torch2xp(d_layer)) for d_layer in d_inputs.args[:-1]]

    return ArgsKwargs((*layers, lengths), {"is_train": is_train}), get_dX


def convert_outputs(
    model: Fusion, X_Y: tuple[HiddenStates, Any], is_train: bool
) -> tuple[Floats2d, Callable[[Floats2d], ArgsKwargs]]:
    """Pass the fused layer to thinc, and its gradient to torch."""
    Y = X_Y[1]

    def get_dY(dY: Floats2d) -> ArgsKwargs:
        return ArgsKwargs(((Y,),), {"grad_tensors": (xp2torch(dY, device=Y.device),)})

    return cast(Floats2d, torch2xp(Y)), get_dY


def _writable(array: Floats2d) -> Floats2d:
    """Copy what another process sent, read-only: NumPy before 2.1 doesn't lend it to torch."""
    return array if getattr(array.flags, "writeable", True) else array.copy()
