"""Errors of fusions."""

from spacy_dlfa.errors.message import Message


class FusionErrors:
    """Fusions and their settings."""

    DL060 = Message(
        "{name}: reduction = {reduction}; it must be 1 or more, 4 is the default",
        cause="`reduction` divides the width of the encoder to get that of the bottleneck.",
        remedy="Set a whole number from 1 up; `reduction = 4` is the default.",
    )
    DL061 = Message(
        "{name}: gate = {gate!r}; it must be 'feature' or 'sigmoid'",
        cause="The fusion knows two gates.",
        remedy='Set `gate = "feature"` or `gate = "sigmoid"`.',
    )
    DL062 = Message(
        "{name}: norm = {norm!r}; it must be 'batch' or 'layer'",
        cause="The fusion knows two norms.",
        remedy='Set `norm = "batch"` or `norm = "layer"`.',
    )
    DL063 = Message(
        "{name}: reduction = {reduction} leaves no bottleneck for an encoder of width {width}; "
        "set it to {width} or less",
        cause="The encoder's width divided by `reduction` is less than one.",
        remedy="Set `reduction = 4`, or at most the width in the message.",
    )
    DL064 = Message(
        "ScalarMix: layers = {layers!r}; it must be 'pair' or 'all'",
        cause="The mix reads the two layers that the component names, or all of the encoder's.",
        remedy='Set `layers = "pair"` or `layers = "all"`.',
    )
    DL065 = Message(
        "ScalarMix: it has weights for {num_found} layers, but the transformer gives "
        "{num_layers}; take both components from the same pipeline",
        cause="The mix was trained with an encoder that has another number of layers.",
        remedy="Take the component and the transformer from the same pipeline.",
    )
    DL066 = Message(
        "Fusion '{name}': found it in {other} and {registered}; expected one of this name, so "
        "rename one or uninstall its package",
        cause="Two installed packages register a fusion under one short name.",
        remedy="Rename one in its `@variants`, or uninstall its package with `pip uninstall`.",
    )
    DL067 = Message(
        "[model.tok2vec] fusion: found the layer {found!r}, which is no fusion; expected one of "
        "{known}",
        cause=(
            "The layer doesn't say which hidden states it reads: it is another layer of thinc's, "
            "or `fusion` and `pooling` stand in each other's place."
        ),
        remedy=(
            "Name one of those in the message in `fusion`, and a layer such as `reduce_mean.v1` in "
            '`pooling`. A fusion of your own says what it reads in `attrs["reads"]`.'
        ),
    )
    DL068 = Message(
        "[model.tok2vec] pooling: found the fusion {found!r}; expected a layer that makes one "
        "vector of the wordpieces of a token, such as reduce_mean.v1",
        cause="A fusion stands where the wordpieces of a token become one vector.",
        remedy='Set `pooling = {"@layers": "reduce_mean.v1"}`, and name the fusion in `fusion`.',
    )
