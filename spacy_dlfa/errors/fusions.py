"""Errors of fusions."""

from spacy_dlfa.errors.message import Message


class FusionErrors:
    """Fusions and their settings."""

    DL060 = Message("{name}: reduction = {reduction}; it must be 1 or more, 4 is the default")
    DL061 = Message("{name}: gate = {gate!r}; it must be 'feature' or 'sigmoid'")
    DL062 = Message("{name}: norm = {norm!r}; it must be 'batch' or 'layer'")
    DL063 = Message(
        "{name}: reduction = {reduction} leaves no bottleneck for an encoder of width {width}; "
        "set it to {width} or less"
    )
    DL064 = Message("ScalarMix: layers = {layers!r}; it must be 'pair' or 'all'")
    DL065 = Message(
        "ScalarMix: it has weights for {num_found} layers, but the transformer gives "
        "{num_layers}; take both components from the same pipeline"
    )
    DL066 = Message(
        "Fusion '{name}': found it in {other} and {registered}; expected one of this name, so "
        "rename one or uninstall its package"
    )
    DL067 = Message(
        "[model.tok2vec] fusion: found the layer {found!r}, which is no fusion; expected one of "
        "{known}"
    )
    DL068 = Message(
        "[model.tok2vec] pooling: found the fusion {found!r}; expected a layer that makes one "
        "vector of the wordpieces of a token, such as reduce_mean.v1"
    )
