"""The thinc shim that owns encoder and tokenizer and saves them."""

import warnings
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import srsly
import torch
from spacy_transformers.data_classes import HFObjects
from thinc.api import ArgsKwargs, Optimizer, PyTorchGradScaler

from spacy_dlfa.encoder.dropout import draw_faster
from spacy_dlfa.encoder.encoder import Encoder, use_bf16
from spacy_dlfa.encoder.forks import PACKING, make_forks_safe
from spacy_dlfa.encoder.in_place_shim import InPlaceShim, plain_tensors, refuse_gradient
from spacy_dlfa.encoder.packed import PACKED_TYPES, can_pack, pack_encoder
from spacy_dlfa.encoder.parts import (
    check_hidden_layers,
    check_learn_rate_factor,
    find_max_length,
    freeze,
    has_hooks,
    list_modules,
    versions,
)
from spacy_dlfa.encoder.pretrained import pack, unpack
from spacy_dlfa.encoder.probe import probe
from spacy_dlfa.errors import Errors, Warnings
from spacy_dlfa.text.template import find_template
from spacy_dlfa.text.word_spaces import marks_spaces
from spacy_dlfa.text.wordpieces import keep_added_tokens

#: What a user is told when weights that are packed in some way don't work.
FAILED = {"fp32": Warnings.DL904, "bf16": Warnings.DL904, "int8": Warnings.DL908}

make_forks_safe()


class EncoderShim(InPlaceShim):
    """Interface between the encoder and thinc.

    The module stays in evaluation mode but for the forward pass of a training step: thinc's own
    shim switches to training mode at the end of every prediction, which a second thread sees.

    settings (Mapping[str, Any]): Those of the transformer's model, no copy: `trace_back` changes
        some after the encoder is loaded.
    """

    def __init__(self, settings: Mapping[str, Any]):
        check_learn_rate_factor(settings["learn_rate_factor"])
        mixed = settings["mixed_precision"]
        with plain_tensors():
            scaler = PyTorchGradScaler(**{"enabled": mixed, **settings["grad_scaler_config"]})
        super().__init__(None, mixed_precision=mixed, grad_scaler=scaler)
        self.settings = settings
        self.learn_rate_factor = settings["learn_rate_factor"]
        self.hf_model: HFObjects | None = None
        self._copy: tuple[Any, Encoder] | None = None
        self._num_changes = 0
        self._failed: frozenset[str] = frozenset()
        #: Whether it has learnt since it was loaded
        self.updated = False

    def set_encoder(self, hf_model: HFObjects) -> None:
        """Take over a loaded encoder and its tokenizer; if they don't fit, the old ones stay."""
        transformer = hf_model.transformer
        check_hidden_layers(transformer, self.settings["hidden_layers"])
        template = find_template(hf_model.tokenizer, transformer)
        keep_added_tokens(hf_model.tokenizer, template)
        max_length = find_max_length(hf_model, self.settings["window"], template.size)
        show_spaces = self.settings["word_spaces"] and marks_spaces(hf_model.tokenizer)
        freeze(transformer, self.settings["freeze_below"])
        draw_faster(transformer)
        device = next(transformer.parameters()).device.type
        mixed = self.settings["mixed_precision"]
        bf16 = use_bf16(self.settings["precision"], device, mixed_precision=mixed)
        model = Encoder(transformer, bf16=bf16).eval()
        found = probe(model, hf_model.tokenizer, template, max_length)
        model.pads, model.spare = found.pads, found.spare
        with plain_tensors():
            self.hf_model, self._model = hf_model, model
        self._copy, self._failed, self.updated = None, frozenset(), False
        self.template, self.max_length = template, max_length
        self.show_spaces, self.norms = show_spaces, found.norms

    def predict(self, inputs: ArgsKwargs) -> Any:
        """Encode without gradients; packed weights that torch fails with are not tried again.

        RAISES (RuntimeError): If a batch is too large for the memory, or the encoder itself fails.
        """
        failed = {}
        autocast = torch.autocast("cuda", enabled=self._mixed_precision)
        with torch.inference_mode(), autocast, self._own_device():
            for kind in self._packings():
                model = None
                try:
                    model = self._inference_model(kind)
                    output = model(*inputs.args, **inputs.kwargs)
                    break
                except (AttributeError, ImportError, RuntimeError, TypeError) as err:
                    # Not for want of memory for a batch: smaller ones will do.
                    if model is not None and "DefaultCPUAllocator" in str(err):
                        raise
                    failed[kind] = f"{type(err).__name__}: {err}"
            else:
                # If the input is what is wrong, it is an error here.
                output = self._model(*inputs.args, **inputs.kwargs)
        for kind, found in failed.items():
            self._copy, self._failed = None, self._failed | {kind}
            warnings.warn(FAILED[kind].format(torch=torch.__version__, found=found), stacklevel=2)
        return output

    def begin_update(self, inputs: ArgsKwargs) -> Any:
        """Encode with dropout and gradients; returns the output and its backward callback.

        An encoder that stays as it is does what it does in prediction.
        """
        if self.learn_rate_factor == 0:
            return self.predict(inputs), lambda gradients: None
        # Weights are about to change, and their packed copies would be in the way.
        self._copy = None
        try:
            with self._own_device():
                output, backprop = super().begin_update(inputs)
        finally:
            self._model.eval()
        if backprop is refuse_gradient:
            return output, backprop

        def backprop_learning(gradients: ArgsKwargs) -> Any:
            # Not if all layers that were read are frozen
            return backprop(gradients) if gradients.args[0] else None

        return output, backprop_learning

    def finish_update(self, optimizer: Optimizer) -> None:
        """Update the parameters, if there are any yet."""
        if self.learn_rate_factor == 0 or self._model is None:
            return
        self.updated |= any(each.grad is not None for each in self._model.parameters())
        super().finish_update(optimizer)
        # Parameters are written to in place, which their version doesn't show.
        self.weights_changed()

    def weights_changed(self) -> None:
        """Forget what was made of the weights before: packed ones, and what a frozen encoder gave.

        Call it where you have written to parameters through `.data` or NumPy, to average or merge
        weights: torch doesn't show that. `load_state_dict`, `copy_` within `torch.no_grad()`, and
        training need no call.
        """
        self._copy = None
        self._num_changes += 1

    def __getstate__(self) -> dict[str, Any]:
        """Leave packed weights out of copies: torch can't copy them."""
        return {**self.__dict__, "_copy": None}

    def _own_device(self) -> AbstractContextManager[Any]:
        """Have transformers make its tensors where the encoder is."""
        # Entered only if needed: it costs time in each call of torch
        elsewhere = torch.get_default_device().type not in ("cpu", self.device.type)
        return torch.device(self.device) if elsewhere else nullcontext()

    def _packings(self) -> list[str]:
        """Return the keys of PACKED_TYPES to predict with, the first that works."""
        if self.device.type != "cpu":
            return []
        kinds = ["int8"] if self.settings["precision"] == "int8" else []
        if self.settings["packed"]:
            kinds.append("bf16" if self._model.bf16 else "fp32")
        return [kind for kind in kinds if kind not in self._failed]

    def weights(self) -> tuple[int, list[tuple[int, int]]]:
        """Return what changes with the weights: where each lies, and how often it was changed.

        What is written through `.data` is seen after `weights_changed` alone.
        """
        return self._num_changes, versions(list_modules(self._model))

    def _inference_model(self, kind: str) -> Encoder:
        """Return the encoder with packed weights, packed anew if they changed, or as it is.

        Hooks on its modules see what torch computes there, so that it is left as it is with any.
        """
        model: Encoder = self._model
        dtype = PACKED_TYPES[kind]
        # Once for both, as it takes longer than what is asked of them
        modules = list_modules(model)
        if not can_pack(dtype) or has_hooks(modules):
            return model
        state = (kind, self._num_changes, versions(modules))
        with PACKING:
            made = self._copy
            if made is None or made[0] != state:
                made = (state, pack_encoder(model, dtype))
                self._copy = made
        return made[1]

    def _made_with(self) -> dict[str, Any]:
        """Return the settings that an encoder is loaded with, which are saved."""
        configs = {key: self.settings[key] for key in ("tokenizer_config", "transformer_config")}
        return {"name": str(self.settings["name"]), **configs}

    def to_bytes(self) -> bytes:
        """Serialise encoder and tokenizer: a map of file names to contents."""
        if self.hf_model is None:
            return srsly.msgpack_dumps({})
        half = self.settings["saved_precision"] == "fp16"
        return srsly.msgpack_dumps(pack(self.hf_model, self._made_with(), half=half))

    def from_bytes(self, bytes_data: bytes) -> "EncoderShim":
        """Restore what `to_bytes` made.

        RAISES (ValueError): If anything of it is damaged, does not fit, was saved by a newer
            version or made with other settings; an encoder from before then stays.
        """
        try:
            files = srsly.msgpack_loads(bytes_data)
        except Exception as err:
            raise ValueError(Errors.DL015.format(size=len(bytes_data), error=err)) from err
        # Nothing is saved of a pipeline that was not initialised
        if files != {}:
            self.set_encoder(unpack(files, self._made_with()))
        return self
