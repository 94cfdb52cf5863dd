"""`spacy_dlfa.DLFA.v1`: a lower layer and the last one, fused by attention."""

from spacy_dlfa.fusions.attention import attention_fusion
from spacy_dlfa.fusions.modules import DoubleLayerAggregation, Gate, Norm
from spacy_dlfa.fusions.variants import Variant, variants
from spacy_dlfa.types import Fusion


@variants(
    Variant("dlfa", "DLFA at layer {layer}", {"gate": "sigmoid", "norm": "batch"}, colour="blue"),
    Variant(
        "dlfa-feature",
        "DLFA with the printed gate at layer {layer}",
        {"gate": "feature", "norm": "batch"},
        colour="orange",
    ),
    Variant(
        "dlfa-layernorm",
        "DLFA with layer norm at layer {layer}",
        {"gate": "sigmoid", "norm": "layer"},
        colour="aqua",
    ),
    Variant(
        "dlfa-feature-layernorm",
        "DLFA with the printed gate and layer norm at layer {layer}",
        {"gate": "feature", "norm": "layer"},
        colour="violet",
    ),
)
def DLFA(*, reduction: int = 4, gate: Gate = "sigmoid", norm: Norm = "batch") -> Fusion:
    """Fuse a lower layer with the last one by attention, equations (1) and (2).

    W = (L1 + L2)/2, A = W * sigmoid(W_global + W_local), L = L1 * A + L2 * (1 - A)

    Source: Chen, Guo, Liu, Tao 2022, arXiv 2205.08497. Where L1 = L2 the fusion is the
    identity, whatever its parameters. It starts with sigmoid(W_global + W_local) = 0.5, which is
    the plain mean of the two layers if `gate = "sigmoid"`.

    reduction (int): The bottleneck of AIF is E // reduction wide.
    gate (str): "sigmoid" takes the sigmoid alone (AFF, arXiv 2009.14082), which keeps the weight
        in (0, 1); "feature" multiplies it with W, as the paper does.
    norm (str): "batch" normalises over the wordpieces (and spans) of a batch in training and
        with running statistics in prediction; "layer" normalises every wordpiece alone.
    RETURNS (Model[HiddenStates, Floats2d]): Two layers (N, E), lower first, to one (N, E).
    RAISES (ValueError): If `gate` or `norm` is another, `reduction` is less than 1 or, when it is
        initialised, more than E.
    """
    return attention_fusion(
        "DLFA", DoubleLayerAggregation, reads="pair", reduction=reduction, gate=gate, norm=norm
    )
