"""`spacy_dlfa.LastLayer.v1`: the control without a lower layer."""

from collections.abc import Callable

from thinc.api import Model
from thinc.types import Floats2d

from spacy_dlfa.fusions.variants import Variant, variants
from spacy_dlfa.types import Fusion, HiddenStates


@variants(Variant("last", "the last layer", control=True))
def LastLayer() -> Fusion:
    """Pass the last layer through, as spacy-transformers' own listener does.

    RETURNS (Model[HiddenStates, Floats2d]): One layer (N, E) to the same (N, E).
    """
    return Model("last_layer", forward, attrs={"reads": "last"})


def forward(
    model: Fusion, X: HiddenStates, is_train: bool
) -> tuple[Floats2d, Callable[[Floats2d], list[Floats2d]]]:
    """Return the one layer."""
    (last,) = X.layers

    def backprop(dY: Floats2d) -> list[Floats2d]:
        return [dY]

    return last, backprop
