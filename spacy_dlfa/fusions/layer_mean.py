"""`spacy_dlfa.LayerMean.v1`: the control that takes the plain mean of two layers."""

from collections.abc import Callable

from thinc.api import Model
from thinc.types import Floats2d

from spacy_dlfa.fusions.variants import Variant, variants
from spacy_dlfa.types import Fusion, HiddenStates


@variants(
    Variant("mean", "the mean of layer {layer} and the last one", colour="yellow", control=True)
)
def LayerMean() -> Fusion:
    """L = (L1 + L2)/2: a lower layer and the last one, without parameters.

    RETURNS (Model[HiddenStates, Floats2d]): Two layers (N, E) to one (N, E).
    """
    return Model("layer_mean", forward, attrs={"reads": "pair", "lower_weight": lower_weight})


def lower_weight(model: Fusion, X: HiddenStates) -> float:
    """Return the weight of the lower layer."""
    return 0.5


def forward(
    model: Fusion, X: HiddenStates, is_train: bool
) -> tuple[Floats2d, Callable[[Floats2d], list[Floats2d]]]:
    """Average the two layers."""
    lower, last = X.layers

    def backprop(dY: Floats2d) -> list[Floats2d]:
        return [dY / 2, dY / 2]

    return (lower + last) / 2, backprop
