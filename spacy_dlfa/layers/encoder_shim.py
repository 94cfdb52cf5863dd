"""The thinc shim that owns encoder and tokenizer and saves them."""

from collections.abc import Mapping
from typing import Any

import srsly
import torch
from spacy_transformers.data_classes import HFObjects
from thinc.api import ArgsKwargs, Optimizer, PyTorchGradScaler

from spacy_dlfa.layers.encoder import Encoder, Precision, use_bf16
from spacy_dlfa.layers.encoder_parts import find_max_length, freeze
from spacy_dlfa.layers.forks import make_forks_safe
from spacy_dlfa.layers.in_place_shim import InPlaceShim
from spacy_dlfa.layers.packed import PACKED_TYPES, can_pack, pack_encoder
from spacy_dlfa.layers.pretrained import pack, unpack
from spacy_dlfa.layers.windows import find_affixes

make_forks_safe()


class EncoderShim(InPlaceShim):
    """Interface between the encoder and thinc.

    The module stays in evaluation mode but for the forward pass of a training step: thinc's own
    shim switches to training mode at the end of every prediction, which a second thread sees.

    hidden_layers (List[int]): The layers to put out besides the last.
    precision (str): See `spacy_dlfa.architectures.create_transformer_model`.
    window (int): Most wordpieces of a window.
    freeze_below (int): The lowest layer that learns.
    learn_rate_factor (float): Factor on the learning rate.
    mixed_precision (bool): Run in float16 on a GPU.
    grad_scaler_config (Mapping[str, Any]): Settings of the scaler for that.
    """

    def __init__(
        self,
        *,
        hidden_layers: list[int],
        precision: Precision,
        window: int,
        freeze_below: int,
        learn_rate_factor: float,
        mixed_precision: bool,
        grad_scaler_config: Mapping[str, Any],
    ):
        grad_scaler = PyTorchGradScaler(**{"enabled": mixed_precision, **grad_scaler_config})
        super().__init__(None, mixed_precision=mixed_precision, grad_scaler=grad_scaler)
        self.hidden_layers = hidden_layers
        self.precision = precision
        self.window = window
        self.freeze_below = freeze_below
        self.learn_rate_factor = learn_rate_factor
        self.hf_model: HFObjects | None = None
        self._packed: tuple[Any, Encoder] | None = None

    def set_encoder(self, hf_model: HFObjects) -> None:
        """Take over a loaded encoder and its tokenizer; if they don't fit, the old ones stay."""
        transformer = hf_model.transformer
        affixes = find_affixes(hf_model.tokenizer)
        max_length = find_max_length(hf_model, self.window, affixes.size)
        freeze(transformer, self.freeze_below)
        device = next(transformer.parameters()).device.type
        bf16 = use_bf16(self.precision, device)
        model = Encoder(transformer, hidden_layers=self.hidden_layers, bf16=bf16).eval()
        self.hf_model, self._model, self._packed = hf_model, model, None
        self.affixes, self.max_length = affixes, max_length

    def predict(self, inputs: ArgsKwargs) -> Any:
        """Encode without gradients."""
        with torch.inference_mode(), torch.autocast("cuda", enabled=self._mixed_precision):
            return self._inference_model()(*inputs.args, **inputs.kwargs)

    def begin_update(self, inputs: ArgsKwargs) -> Any:
        """Encode with dropout and gradients; returns the output and its backward callback."""
        # Weights are about to change, and their packed copies would be in the way.
        self._packed = None
        try:
            return super().begin_update(inputs)
        finally:
            self._model.eval()

    def finish_update(self, optimizer: Optimizer) -> None:
        """Update the parameters, if there are any yet."""
        super().finish_update(optimizer)
        # Parameters are written to in place, which their version doesn't show.
        self._packed = None

    def __getstate__(self) -> dict[str, Any]:
        """Leave packed weights out of copies: torch can't copy them."""
        return {**self.__dict__, "_packed": None}

    def _inference_model(self) -> Encoder:
        """Return the encoder, on a CPU with packed weights, which are packed anew if changed."""
        model: Encoder = self._model
        dtype = PACKED_TYPES["bf16" if model.bf16 else "fp32"]
        if self.precision == "int8":
            dtype = PACKED_TYPES["int8"]
        if self.device.type != "cpu" or not can_pack(dtype):
            return model
        state = [(p.data_ptr(), p._version) for p in model.parameters() if not p.is_inference()]
        packed = self._packed
        if packed is None or packed[0] != state:
            copied = pack_encoder(model.transformer, dtype)
            bf16 = dtype == PACKED_TYPES["bf16"]
            packed = (state, Encoder(copied, hidden_layers=self.hidden_layers, bf16=bf16).eval())
            self._packed = packed
        return packed[1]

    def to_bytes(self) -> bytes:
        """Serialise encoder and tokenizer: a map of file names to contents."""
        return srsly.msgpack_dumps({} if self.hf_model is None else pack(self.hf_model))

    def from_bytes(self, bytes_data: bytes) -> "EncoderShim":
        """Restore what `to_bytes` made.

        RAISES (ValueError): If anything of it is damaged, does not fit or was saved by a newer
            version; an encoder from before then stays.
        """
        try:
            files = srsly.msgpack_loads(bytes_data)
        except Exception as err:
            raise ValueError(
                f"Can't load the saved encoder: its {len(bytes_data)} bytes are cut off or damaged "
                f"({err}). Save or download the pipeline again"
            ) from err
        # Nothing is saved of a pipeline that was not initialised
        if files != {}:
            self.set_encoder(unpack(files))
        return self
