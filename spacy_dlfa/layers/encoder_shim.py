"""The thinc shim that owns encoder and tokenizer and saves them."""

from collections.abc import Mapping
from typing import Any

import srsly
import torch
from spacy_transformers.data_classes import HFObjects
from thinc.api import ArgsKwargs, Optimizer, PyTorchGradScaler, PyTorchShim

from spacy_dlfa.layers.encoder import Encoder, Precision
from spacy_dlfa.layers.pretrained import pack, unpack


class EncoderShim(PyTorchShim):
    """Interface between the encoder and thinc.

    The module stays in evaluation mode but for the forward pass of a training step: thinc's own
    shim switches to training mode at the end of every prediction, which a second thread sees.
    """

    def __init__(
        self,
        *,
        hidden_layers: list[int],
        precision: Precision,
        mixed_precision: bool,
        grad_scaler_config: Mapping[str, Any],
    ):
        grad_scaler = PyTorchGradScaler(**{"enabled": mixed_precision, **grad_scaler_config})
        super().__init__(None, mixed_precision=mixed_precision, grad_scaler=grad_scaler)
        self.hidden_layers = hidden_layers
        self.precision = precision
        self.hf_model: HFObjects | None = None

    def set_encoder(self, hf_model: HFObjects) -> None:
        """Take over a loaded encoder and its tokenizer."""
        self.hf_model = hf_model
        self._model = Encoder(
            hf_model.transformer, hidden_layers=self.hidden_layers, precision=self.precision
        ).eval()

    def predict(self, inputs: ArgsKwargs) -> Any:
        """Encode without gradients."""
        with torch.inference_mode(), torch.autocast("cuda", enabled=self._mixed_precision):
            return self._model(*inputs.args, **inputs.kwargs)

    def begin_update(self, inputs: ArgsKwargs) -> Any:
        """Encode with dropout and gradients; returns the output and its backward callback."""
        try:
            return super().begin_update(inputs)
        finally:
            self._model.eval()

    def finish_update(self, optimizer: Optimizer) -> None:
        """Update the parameters, if there are any yet."""
        if self._model is not None:
            super().finish_update(optimizer)

    def to_bytes(self) -> bytes:
        """Serialise encoder and tokenizer: a map of file names to contents."""
        return srsly.msgpack_dumps({} if self.hf_model is None else pack(self.hf_model))

    def from_bytes(self, bytes_data: bytes) -> "EncoderShim":
        """Restore what `to_bytes` made."""
        files = srsly.msgpack_loads(bytes_data)
        if files:
            self.set_encoder(unpack(files))
        return self
