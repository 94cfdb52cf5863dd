"""`spacy_dlfa.LowerLayer.v1`: the lower layer alone, for which no layer above is computed."""

from thinc.api import Model

from spacy_dlfa.fusions.last_layer import forward
from spacy_dlfa.fusions.variants import Variant, variants
from spacy_dlfa.types import Fusion


@variants(Variant("lower", "layer {layer} alone", colour="magenta", control=True))
def LowerLayer() -> Fusion:
    """Pass the listener's lower layer through: what a fusion with the layer above has to beat.

    RETURNS (Model[HiddenStates, Floats2d]): One layer (N, E) to the same (N, E).
    """
    return Model("lower_layer", forward, attrs={"reads": "lower"})
