"""`spacy_dlfa.ScalarMix.v1`: the control with one learnt weight for each layer."""

from collections.abc import Callable
from typing import Any, Literal, cast

from thinc.api import Model
from thinc.types import Floats1d, Floats2d

from spacy_dlfa.errors import Errors
from spacy_dlfa.fusions.variants import Variant, variants
from spacy_dlfa.types import Fusion, HiddenStates


@variants(
    Variant(
        "mix",
        "the scalar mix of layer {layer} and the last one",
        {"layers": "pair"},
        colour="green",
        control=True,
    ),
    Variant("mix-all", "the scalar mix of all layers", {"layers": "all"}, control=True),
)
def ScalarMix(*, layers: Literal["pair", "all"] = "pair") -> Fusion:
    """L = gamma * sum_l softmax(w)_l H_l (ELMo, Peters et al. 2018, arXiv 1802.05365).

    layers (str): "pair" mixes the listener's lower layer and the last one; "all" mixes all layers
        of the encoder, the embeddings included, as ELMo's does. Saved weights are for the layers
        that they were trained on, whichever the config says: versions up to 0.2 mixed the
        transformer's `hidden_layers` and the last.
    RETURNS (Model[HiddenStates, Floats2d]): nL layers (N, E) to one (N, E). It starts as the
        plain mean.
    RAISES (ValueError): If `layers` is another.
    """
    if layers not in ("pair", "all"):
        raise ValueError(Errors.DL064.format(layers=layers))
    return Model(
        "scalar_mix",
        forward,
        init=init,
        dims={"nL": None},
        params={"w": None, "gamma": None},
        attrs={"reads": layers, "lower_weight": lower_weight},
    )


def lower_weight(model: Fusion, X: HiddenStates) -> float:
    """Return the weight of the lowest layer."""
    w = cast(Floats1d, model.get_param("w"))
    return float(model.ops.softmax(w)[0])


def forward(
    model: Fusion, X: HiddenStates, is_train: bool
) -> tuple[Floats2d, Callable[[Floats2d], list[Floats2d]]]:
    """Mix the layers."""
    if len(X.layers) != model.get_dim("nL"):
        raise ValueError(
            Errors.DL065.format(num_found=model.get_dim("nL"), num_layers=len(X.layers))
        )
    xp: Any = model.ops.xp
    gamma = cast(Floats1d, model.get_param("gamma"))
    w = cast(Floats1d, model.get_param("w"))
    weights = xp.exp(w - w.max())
    weights /= weights.sum()
    mixed = sum(weights[i] * layer for i, layer in enumerate(X.layers))

    def backprop(dY: Floats2d) -> list[Floats2d]:
        model.inc_grad("gamma", xp.vdot(dY, mixed).reshape((1,)))
        d_weights = gamma[0] * xp.asarray([xp.vdot(dY, layer) for layer in X.layers], dtype="f")
        model.inc_grad("w", weights * (d_weights - (weights * d_weights).sum()))
        return [gamma[0] * weights[i] * dY for i in range(len(X.layers))]

    return gamma[0] * mixed, backprop


def init(model: Fusion, X: HiddenStates | None = None, Y: Any = None) -> None:
    """Make one weight for each layer of X."""
    if X is not None:
        model.set_dim("nL", len(X.layers))
        model.set_param("w", model.ops.alloc1f(len(X.layers)))
        model.set_param("gamma", model.ops.alloc1f(1) + 1)
