"""The listener: hands a component what the shared encoder made of its documents."""

import warnings
from collections.abc import Callable
from typing import Any

from spacy.tokens import Doc
from spacy_transformers.data_classes import TransformerData
from spacy_transformers.layers import TransformerListener
from spacy_transformers.pipeline_component import DOC_EXT_ATTR
from thinc.api import Model
from transformers.file_utils import ModelOutput

from spacy_dlfa.layers.encoder import layer_key
from spacy_dlfa.layers.transformer_model import EncoderWidth


class DLFAListener(TransformerListener):
    """A spacy-transformers listener that knows which lower layer its component reads.

    upstream_name (str): Name of the transformer component, or "*" for any.
    layer (Optional[int]): The lower layer, or None if the component reads the last one only.
    """

    # `spacy debug model` knows a listener by "transformer-listener".
    name = "dlfa-transformer-listener"

    def __init__(self, upstream_name: str, layer: int | None):
        # nL, the number of encoder layers, and hidden_layers come with nO, and are saved with it.
        Model.__init__(
            self,
            name=self.name,
            forward=forward,
            init=init,
            dims={"nO": None, "nL": None},
            attrs={"hidden_layers": []},
        )
        self.upstream_name = upstream_name
        self.layer = layer
        self.initial_docs: list[Doc] = []
        self.trained_docs: list[Doc] = []
        self._batch_id = None
        self._outputs = None
        self._backprop = None

    def set_dim(self, name: str, value: int, *, force: bool = False) -> None:
        """Take the width from the transformer component, and check the layer by it."""
        if isinstance(value, EncoderWidth):
            check_layer(self.layer, value)
            self.learn_layers(value)
            super().set_dim("nL", value.num_layers, force=force)
        super().set_dim(name, int(value), force=force)

    def learn_layers(self, width: int) -> None:
        """Take the hidden layers that the transformer component puts out from its width."""
        if isinstance(width, EncoderWidth):
            self.attrs["hidden_layers"] = list(width.hidden_layers)


def check_layer(layer: int | None, width: EncoderWidth) -> None:
    """Raise if the encoder does not have the layer, or was not asked to put it out."""
    if layer is None or layer in width.hidden_layers:
        return
    if not 0 <= layer <= width.num_layers:
        raise ValueError(
            f"DLFAListener: layer = {layer}, but the encoder has {width.num_layers} layers; choose "
            f"from 0 (the embeddings) to {width.num_layers} (the last)"
        )
    raise ValueError(
        f"DLFAListener: layer = {layer}, but the transformer component puts out the layers "
        f"{list(width.hidden_layers)}; set its model's hidden_layers = "
        f"{sorted({*width.hidden_layers, layer})}"
    )


def init(model: DLFAListener, X: list[Doc] | None = None, Y: Any = None) -> None:
    """Check that a transformer component of the right kind is connected."""
    if model.has_dim("nO") is None:
        raise ValueError(
            f"DLFAListener: no transformer component named '{model.upstream_name}' stands before "
            f'this one ("*" matches any name); add one with spacy_dlfa.TransformerModel.v1'
        )
    if model.has_dim("nL") is None:
        raise ValueError(
            "DLFAListener: the transformer component is of another kind; set its model's "
            '@architectures = "spacy_dlfa.TransformerModel.v1"'
        )
    model.initial_docs = list(X or [])


def forward(
    model: DLFAListener, docs: list[Doc], is_train: bool
) -> tuple[list[TransformerData], Callable[[Any], Any]]:
    """Return what the transformer made of the documents."""
    if is_train:
        model.initial_docs = []
    if is_train and model._batch_id is not None and not encoded_before(model, docs):
        model.verify_inputs(docs)
        outputs, backprop = model._outputs, model.backprop_and_clear
        model.trained_docs = docs
    else:
        outputs, backprop = [output_of(model, doc) for doc in docs], no_backprop
    for doc, output in zip(docs, outputs, strict=True):
        check_output(model, doc, output)
    return outputs, backprop


def encoded_before(model: DLFAListener, docs: list[Doc]) -> bool:
    """Whether documents have an output of their own, and the last batch is of others.

    So it is in `nlp.rehearse` after an update that the component had nothing to learn from.
    """
    encoded = all(doc._.trf_data is not None for doc in docs)
    return encoded and model.get_batch_id(docs) != model._batch_id


def output_of(model: DLFAListener, doc: Doc) -> TransformerData:
    """Return the transformer's output for one document.

    RAISES (ValueError): If the transformer did not run, or its output was removed. Only the
        documents that the component is being initialised with may lack it, and with a warning
        those of the last training step: zeros of the right shape stand in.
    """
    if doc._.trf_data is not None:
        return doc._.trf_data
    if any(doc is initial for initial in model.initial_docs):
        return zeros(model, doc)
    if any(doc is trained for trained in model.trained_docs):
        # So does `spacy debug model`.
        warnings.warn(
            f"DLFAListener: the transformer did not run on the text {doc.text[:40]!r} since the "
            f"last training step, so zeros stand in for its output; call the transformer "
            f"component on the document before you predict",
            stacklevel=2,
        )
        return zeros(model, doc)
    # Underscore's own place: what was assigned stays there, and None if it was taken away
    if ("._.", DOC_EXT_ATTR, None, None) in doc.user_data:
        raise ValueError(
            f"DLFAListener: what the transformer put out for the text {doc.text[:40]!r} was "
            f"removed by an earlier component, such as doc_cleaner; this component must stand "
            f"before that one"
        )
    raise ValueError(
        f"DLFAListener: the transformer did not run on the text {doc.text[:40]!r}, or an earlier "
        f"doc_cleaner removed its output. The transformer component must stand before this one and "
        f"be enabled, and a doc_cleaner behind this one; if the transformer is frozen in training, "
        f"name it in [training] annotating_components, and before nlp.rehearse call it on the "
        f"documents"
    )


def zeros(model: DLFAListener, doc: Doc) -> TransformerData:
    """Stand in for the transformer while the component is initialised."""
    if len(doc) == 0:
        return TransformerData.empty()
    # Wordpieces lie on the CPU, as those of the transformer do; its output where the model is.
    data = TransformerData.zeros(len(doc), model.get_dim("nO"))
    output = model.ops.asarray(data.tensors[0])
    data.model_output = ModelOutput(last_hidden_state=output)
    for layer in model.attrs["hidden_layers"]:
        data.model_output[layer_key(layer)] = output
    return data


def check_output(model: DLFAListener, doc: Doc, output: TransformerData) -> None:
    """Raise if the output is of another document or of another encoder."""
    if len(output.align.lengths) != len(doc):
        raise ValueError(
            f"DLFAListener: the transformer's output is for {len(output.align.lengths)} tokens, "
            f"but the text {doc.text[:40]!r} has {len(doc)}; the tokens were changed between the "
            f"transformer and this component, so move what changes them before the transformer"
        )
    if output.model_output and output.width != model.get_dim("nO"):
        raise ValueError(
            f"DLFAListener: this component was trained on an encoder of width "
            f"{model.get_dim('nO')}, but the transformer component's has {output.width}; take "
            f"both components from the same pipeline"
        )


def no_backprop(d_outputs: Any) -> list:
    """Send no gradient into a transformer that was run for prediction."""
    return []
