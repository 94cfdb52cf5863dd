"""The encoder as the model of spacy-transformers' `transformer` component."""

import copy
from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any

from spacy.tokens import Doc
from spacy_transformers.data_classes import FullTransformerBatch
from spacy_transformers.layers import TransformerModel as StockTransformerModel
from thinc.api import Model

from spacy_dlfa.encoder.batch import TransformerBatch
from spacy_dlfa.encoder.encoder import LAST, layer_key, layer_number
from spacy_dlfa.encoder.in_place_shim import plain_tensors
from spacy_dlfa.encoder.pretrained import load_pretrained
from spacy_dlfa.encoder.shim import EncoderShim
from spacy_dlfa.encoder.torch_layer import encoder_layer
from spacy_dlfa.errors import Errors
from spacy_dlfa.pipeline.encoder_warnings import (
    warn_of_frozen_layers,
    warn_of_norms,
    warn_of_training,
)
from spacy_dlfa.pipeline.fuse_and_pool import check_layers
from spacy_dlfa.pipeline.replaced_listener import replace_listener, replace_listener_cfg
from spacy_dlfa.storage.saved_encoder import SavedEncoder, find_saved_encoder
from spacy_dlfa.storage.saved_model import check_width, read_model
from spacy_dlfa.text.windows import cut_windows
from spacy_dlfa.types import Gradients


class TransformerModel(StockTransformerModel):
    """spacy-transformers' model with named hidden layers, each with its own gradient.

    The stock model returns every tensor but sends gradients into the last layer only. Here
    torch gets the tuple of the layers that were read with the tuple of their gradients.

    settings (Any): All arguments of `spacy_dlfa.architectures.create_transformer_model`.
    """

    def __init__(self, **settings: Any):
        self.readers: Sequence[Model] = ()
        self.last_is_read = False
        #: The pipeline that the encoder was taken from when it was loaded
        self.taken_from: SavedEncoder | None = None
        settings = {**settings, "hidden_layers": sorted(set(settings["hidden_layers"]))}
        self.settings: dict[str, Any] = settings
        Model.__init__(
            self,
            "transformer",
            forward,
            init=init,
            layers=[encoder_layer(EncoderShim(settings))],
            dims={"nO": None},
            attrs={
                "get_spans": settings["get_spans"],
                "replace_listener": replace_listener,
                "replace_listener_cfg": replace_listener_cfg,
            },
        )

    @property
    def shim(self) -> EncoderShim:
        """The shim that holds encoder and tokenizer."""
        return self.layers[0].shims[0]

    @property
    def tokenizer(self) -> Any:
        """The Hugging Face tokenizer; None before initialisation."""
        return self.shim.hf_model and self.shim.hf_model.tokenizer

    @property
    def transformer(self) -> Any:
        """The Hugging Face encoder; None before initialisation."""
        return self.shim.hf_model and self.shim.hf_model.transformer

    @property
    def frozen(self) -> bool:
        """Whether training leaves the encoder as it is."""
        return self.settings["learn_rate_factor"] == 0

    def trace_back(self) -> dict[str, Any]:
        """Give an encoder from a pipeline's folder the settings that it was first loaded with.

        What is saved then says of the encoder what that pipeline said, and names no folder of it.
        RETURNS (Dict[str, Any]): What changed; nothing for an encoder from elsewhere.
        """
        if self.taken_from is None:
            return {}
        changed, self.taken_from = self.taken_from.trace_back(self.settings), None
        self.settings.update(changed)
        return changed

    def set_readers(self, readers: Sequence[Model], *, last: bool = False) -> None:
        """Say what reads the layers from now on.

        readers (Sequence[Model]): Each a `fuse_and_pool`.
        last (bool): Whether something else reads the last layer.
        RAISES (ValueError): If the encoder is known, and lacks a layer.
        """
        self.readers, self.last_is_read = readers, last
        # Checks them
        _ = self.outputs

    @property
    def outputs(self) -> list[str]:
        """Names of the layers that are put out: those that are read or configured.

        The last one comes if it is read, or if there is no listener to say what is. What lies
        above all of them is not computed.
        RAISES (ValueError): If the encoder lacks one that is read.
        """
        read = {*chain(*self.read())}
        last = [LAST] if self.last_is_read or LAST in read or not read else []
        hidden = {*self.settings["hidden_layers"], *map(layer_number, read - {LAST})}
        return [*last, *map(layer_key, sorted(hidden))]

    def read(self) -> list[list[str]]:
        """Return the names of the layers that each reader reads; none before initialisation.

        RAISES (ValueError): If the encoder lacks one.
        """
        if self.transformer is None:
            return []
        num_layers = self.transformer.config.num_hidden_layers
        configured = self.settings["hidden_layers"]
        return [check_layers(reader, num_layers, configured) for reader in self.readers]

    @property
    def _init_tokenizer_config(self) -> Any:
        # spacy-transformers asks for it where the file is a folder, to load that as its old format.
        raise ValueError(Errors.DL019.format())

    def from_bytes(self, bytes_data: bytes) -> "TransformerModel":
        """Restore what `to_bytes` made.

        RAISES (ValueError): If anything of it is damaged, does not fit or was saved by a newer
            version; an encoder from before then stays.
        """
        message = read_model(bytes_data)
        self.from_dict(message)
        if self.transformer is not None:
            check_width(self.get_dim("nO"), self.transformer.config.hidden_size)
        return self

    def copy(self, seen: dict[int, Any] | None = None) -> "TransformerModel":
        """Copy the model, its encoder and what it puts out included."""
        copied = TransformerModel(**self.settings)
        copied.readers, copied.last_is_read = self.readers, self.last_is_read
        if self.shim.hf_model is not None:
            with plain_tensors():
                hf_model = copy.deepcopy(self.shim.hf_model)
            copied.shim.set_encoder(hf_model)
            copied.shim.updated = self.shim.updated
            copied.set_dim("nO", self.get_dim("nO"))
        return copied

    # What thinc calls where the model is in a chain
    _copy = copy


def init(model: TransformerModel, X: Any = None, Y: Any = None) -> None:
    """Load the pretrained encoder, if none was set or restored before."""
    if model.transformer is not None:
        warn_of_training(model)
        return
    settings = model.settings
    model.taken_from = find_saved_encoder(settings["name"])
    hf_model = load_pretrained(
        settings["name"], settings["tokenizer_config"], settings["transformer_config"]
    )
    model.shim.set_encoder(hf_model)
    model.set_dim("nO", hf_model.transformer.config.hidden_size)
    warn_of_norms(model)
    warn_of_frozen_layers(model)


def forward(
    model: TransformerModel, docs: list[Doc], is_train: bool
) -> tuple[FullTransformerBatch, Callable[[Gradients], list[Doc]]]:
    """Encode the documents, whatever their lengths, in batches of like windows.

    RAISES (ValueError): If the model has no encoder yet.
    """
    if model.transformer is None:
        raise ValueError(Errors.DL021.format())
    # An empty document is one empty span for some functions, and none for others.
    spans = [[span for span in each if len(span)] for each in model.attrs["get_spans"](docs)]
    windows = cut_windows(
        model.tokenizer,
        model.shim.template,
        docs,
        spans,
        max_length=model.shim.max_length,
        separator=model.settings["separator"],
        word_spaces=model.shim.show_spaces,
    )
    if not any(each.ids for each in windows):
        return TransformerBatch(spans, windows, {}), lambda gradients: docs
    layers, backprop_layers = model.layers[0]((windows, model.outputs), is_train)

    def backprop(gradients: Gradients) -> list[Doc]:
        backprop_layers(gradients)
        return docs

    return TransformerBatch(spans, windows, layers), backprop
