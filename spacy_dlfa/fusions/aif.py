"""`spacy_dlfa.AIF.v1`: the control that has DLFA's parameters and no lower layer."""

from spacy_dlfa.fusions.attention import attention_fusion
from spacy_dlfa.fusions.modules import Norm, SingleLayerAttention
from spacy_dlfa.fusions.variants import Variant, variants
from spacy_dlfa.types import Fusion


@variants(Variant("aif", "AIF of the last layer", control=True))
def AIF(*, reduction: int = 4, norm: Norm = "batch") -> Fusion:
    """Weigh the last layer by attention to itself, equation (1): L * sigmoid(L_global + L_local).

    What DLFA gains over it is the information of the lower layer; what it gains over the last
    layer is that of more parameters. (DLFA itself with L1 = L2 is the identity.)

    Source: Chen, Guo, Liu, Tao 2022, arXiv 2205.08497.

    reduction (int): The bottleneck is E // reduction wide.
    norm (str): "batch" or "layer", as in `spacy_dlfa.DLFA.v1`.
    RETURNS (Model[HiddenStates, Floats2d]): One layer (N, E) to one (N, E).
    RAISES (ValueError): If `norm` is another, `reduction` is less than 1 or, when it is
        initialised, more than E.
    """
    return attention_fusion(
        "AIF", SingleLayerAttention, reads="last", reduction=reduction, gate="feature", norm=norm
    )
