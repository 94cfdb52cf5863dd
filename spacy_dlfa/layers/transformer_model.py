"""The encoder as the model of spacy-transformers' `transformer` component."""

import copy
import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from spacy.tokens import Doc, Span
from spacy_transformers.data_classes import FullTransformerBatch
from spacy_transformers.layers import TransformerModel as StockTransformerModel
from thinc.api import ArgsKwargs, Model, chain, xp2torch
from thinc.layers.pytorchwrapper import forward as pytorch_forward
from torch import Tensor

from spacy_dlfa.layers.encoder import Precision, SavedPrecision
from spacy_dlfa.layers.encoder_shim import EncoderShim
from spacy_dlfa.layers.fuse_and_pool import lower_layers
from spacy_dlfa.layers.in_place_shim import refuse_gradient
from spacy_dlfa.layers.pretrained import load_pretrained
from spacy_dlfa.layers.saved_model import check_width, read_model
from spacy_dlfa.layers.transformer_batch import TransformerBatch, split_rows
from spacy_dlfa.layers.windows import Windows, cut_windows
from spacy_dlfa.types import DocRows, Gradients


class TransformerModel(StockTransformerModel):
    """spacy-transformers' model with named hidden layers, each with its own gradient.

    The stock model returns every tensor but sends gradients into the last layer only. Here
    torch gets the tuple of the layers that were read with the tuple of their gradients.
    """

    def __init__(
        self,
        name: str,
        get_spans: Callable[[list[Doc]], list[list[Span]]],
        hidden_layers: list[int],
        tokenizer_config: Mapping[str, Any],
        transformer_config: Mapping[str, Any],
        mixed_precision: bool,
        grad_scaler_config: Mapping[str, Any],
        precision: Precision,
        window: int,
        separator: str | None,
        word_spaces: bool,
        freeze_below: int,
        learn_rate_factor: float,
        packed: bool,
        saved_precision: SavedPrecision,
    ):
        self.readers: Sequence[Model] = ()
        self.settings: dict[str, Any] = {
            "name": name,
            "get_spans": get_spans,
            "hidden_layers": sorted(set(hidden_layers)),
            "tokenizer_config": tokenizer_config,
            "transformer_config": transformer_config,
            "mixed_precision": mixed_precision,
            "grad_scaler_config": grad_scaler_config,
            "precision": precision,
            "window": window,
            "separator": separator,
            "word_spaces": word_spaces,
            "freeze_below": freeze_below,
            "learn_rate_factor": learn_rate_factor,
            "packed": packed,
            "saved_precision": saved_precision,
        }
        wrapper: Model = Model(
            "encoder",
            pytorch_forward,
            attrs={"convert_inputs": convert_inputs, "convert_outputs": convert_outputs},
            shims=[
                EncoderShim(
                    hidden_layers=self.settings["hidden_layers"],
                    precision=precision,
                    window=window,
                    word_spaces=word_spaces,
                    freeze_below=freeze_below,
                    learn_rate_factor=learn_rate_factor,
                    packed=packed,
                    saved_precision=saved_precision,
                    mixed_precision=mixed_precision,
                    grad_scaler_config=grad_scaler_config,
                    made_with={
                        "name": str(name),
                        "tokenizer_config": tokenizer_config,
                        "transformer_config": transformer_config,
                    },
                )
            ],
        )
        Model.__init__(
            self,
            "transformer",
            forward,
            init=init,
            layers=[wrapper],
            dims={"nO": None},
            attrs={
                "get_spans": get_spans,
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

    def set_readers(self, readers: Sequence[Model]) -> None:
        """Say what reads the layers from now on, each a `fuse_and_pool`.

        RAISES (ValueError): If the encoder is known, and lacks a layer.
        """
        self.readers = readers
        # Checks them
        _ = self.hidden_layers

    @property
    def hidden_layers(self) -> list[int]:
        """The layers that are put out besides the last: those that are read or configured.

        RAISES (ValueError): If the encoder lacks one that is read.
        """
        configured: list[int] = self.settings["hidden_layers"]
        if self.transformer is None:
            return configured
        num_layers = self.transformer.config.num_hidden_layers
        read = [lower_layers(reader, num_layers, configured) for reader in self.readers]
        return sorted({*configured, *itertools.chain(*read)})

    @property
    def _init_tokenizer_config(self) -> Any:
        # spacy-transformers asks for it where the file is a folder, to load that as its old format.
        raise ValueError(
            "Can't load the saved model: the file 'model' of the transformer component is a "
            "folder or can't be opened. Save or download the pipeline again"
        )

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

    def copy(self) -> "TransformerModel":
        """Copy the model, its encoder included."""
        copied = TransformerModel(**self.settings)
        if self.shim.hf_model is not None:
            copied.shim.set_encoder(copy.deepcopy(self.shim.hf_model))
            copied.set_dim("nO", self.get_dim("nO"))
        return copied


def init(model: TransformerModel, X: Any = None, Y: Any = None) -> None:
    """Load the pretrained encoder, if none was set or restored before."""
    if model.transformer is not None:
        return
    settings = model.settings
    hf_model = load_pretrained(
        settings["name"], settings["tokenizer_config"], settings["transformer_config"]
    )
    model.shim.set_encoder(hf_model)
    model.set_dim("nO", hf_model.transformer.config.hidden_size)


def forward(
    model: TransformerModel, docs: list[Doc], is_train: bool
) -> tuple[FullTransformerBatch, Callable[[Gradients], list[Doc]]]:
    """Encode the documents, whatever their lengths, in batches of like windows.

    RAISES (ValueError): If the model has no encoder yet.
    """
    if model.transformer is None:
        raise ValueError(
            "The transformer has no encoder yet: call nlp.initialize, or load a trained pipeline"
        )
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
        return TransformerBatch(spans, windows, {}), _no_gradient
    layers, backprop_layers = model.layers[0]((windows, model.hidden_layers), is_train)

    def backprop(gradients: Gradients) -> list[Doc]:
        backprop_layers(gradients)
        return docs

    return TransformerBatch(spans, windows, layers), backprop


def convert_inputs(
    model: Model, X: tuple[list[Windows], list[int]], is_train: bool
) -> tuple[ArgsKwargs, Callable[[Any], list]]:
    """Pass the wordpieces of all windows to torch, (N,), their lengths, (S,), and hidden layers.

    Token types, (N,), come with them where they are not all zeros.
    """
    device = model.shims[0].device  # type: ignore[attr-defined]
    windows, hidden_layers = X
    rows = [row for each in windows for row in each.ids]
    ids = torch.tensor([piece for row in rows for piece in row], device=device)
    lengths = torch.tensor([len(row) for row in rows], device="cpu")
    types = [row for each in windows for row in each.segments]
    kwargs = {}
    if any(types):
        filled = [given or [0] * len(row) for given, row in zip(types, rows, strict=True)]
        kwargs["segments"] = torch.tensor([k for row in filled for k in row], device=device)
    return ArgsKwargs(args=(ids, lengths, hidden_layers), kwargs=kwargs), _no_gradient


def convert_outputs(
    model: Model, inputs_outputs: tuple[Any, dict[str, Tensor]], is_train: bool
) -> tuple[dict[str, Tensor], Callable[[Gradients], ArgsKwargs]]:
    """Return the layers, each (N, E); the backward callback takes the gradients of some."""
    layers = inputs_outputs[1]

    def backprop(gradients: Gradients) -> ArgsKwargs:
        # A layer under the lowest that learns takes none.
        learning = [key for key in gradients if layers[key].requires_grad]
        if not learning:
            refuse_gradient()
        outputs = tuple(layers[key] for key in learning)
        grads = tuple(xp2torch(gradients[key]) for key in learning)
        return ArgsKwargs((outputs,), {"grad_tensors": grads})

    return layers, backprop


def replace_listener(
    model: TransformerModel, listener: Any, component: Any
) -> Model[list[Doc], list[DocRows]]:
    """Make a listener's own encoder: it hands on what the shared one would have sent."""
    model.set_readers([listener.reader])
    return chain(model, split_rows())


def replace_listener_cfg(
    transformer_cfg: dict[str, Any], listener_cfg: dict[str, Any]
) -> dict[str, Any]:
    """Return the config of a listener with its own encoder.

    transformer_cfg (dict): The model of the transformer component.
    listener_cfg (dict): The listener, `spacy_dlfa.DLFAListener.v1`.
    RETURNS (dict): The settings of both, for `spacy_dlfa.DLFATok2Vec.v1`.
    """
    if listener_cfg.get("@architectures") != "spacy_dlfa.DLFAListener.v1":
        raise ValueError(
            f"Can't replace the listener {listener_cfg.get('@architectures')!r} of a "
            f"spacy_dlfa.TransformerModel.v1; use spacy_dlfa.DLFAListener.v1"
        )
    own = {key: value for key, value in listener_cfg.items() if key != "upstream"}
    return {**transformer_cfg, **own, "@architectures": "spacy_dlfa.DLFATok2Vec.v1"}


def _no_gradient(d_inputs: Any) -> list:
    return []
