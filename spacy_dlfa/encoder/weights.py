"""Load an encoder's weights, and leave alone what other threads do meanwhile.

transformers makes a model without weights by changing torch's modules in all of the process.
Another thread gets such modules, too, and of two that load at once, one may bring the change of the
other back, for good.
"""

import functools
import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from torch.overrides import TorchFunctionMode
from transformers import AutoModel, AutoModelForTextEncoding
from transformers.models.auto.modeling_auto import MODEL_FOR_TEXT_ENCODING_MAPPING
from transformers.utils import logging as hf_logging

from spacy_dlfa.encoder.forks import PACKING
from spacy_dlfa.encoder.in_place_shim import plain_tensors
from spacy_dlfa.storage.encoder_files import find_weights

_DRAWS = ("kaiming_uniform_", "normal_", "uniform_")


class _NoDraws(TorchFunctionMode):
    """Leave weights that would be drawn as memory was, in this thread: files have them."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if getattr(func, "__name__", "") in _DRAWS:
            return args[0] if args else kwargs["tensor"]
        return func(*args, **(kwargs or {}))


class _Undrawn:
    """A mapping from configurations to models, of which `from_pretrained` changes the thread alone.

    mapping (Mapping[type, Union[type, Tuple[type, ...]]]): One of transformers.
    """

    def __init__(self, mapping: Any):
        self._mapping = mapping

    def keys(self) -> Any:
        return self._mapping.keys()

    def __getitem__(self, config_class: type) -> Any:
        found = self._mapping[config_class]
        return tuple(map(_undrawn, found)) if isinstance(found, tuple) else _undrawn(found)


@functools.cache
def _undrawn(model_class: type) -> type:
    """Make a subclass for loading; what is loaded gets its own class back."""
    members = {
        "__module__": model_class.__module__,
        "get_init_context": classmethod(lambda cls, *settings: [_NoDraws()]),
        "initialize_weights": lambda self: None,
    }
    return type(model_class)(model_class.__name__, (model_class,), members)


def load_weights(name: str | Path, config: Any) -> tuple[Any, dict[str, list]]:
    """Load a model in float32, on the CPU.

    name (Union[str, Path]): A folder, or the name of a model on the hub.
    config (PretrainedConfig): Its configuration.
    RETURNS (Tuple[PreTrainedModel, Dict[str, List]]): The model, and the loading info of
        `from_pretrained`. A weight that the files lack has any values.
    """
    # The text-encoding classes leave out the decoder of T5 and its kin.
    has_text_encoder = type(config) in MODEL_FOR_TEXT_ENCODING_MAPPING
    auto = AutoModelForTextEncoding if has_text_encoder else AutoModel
    own: Any = type(auto.__name__, (auto,), {"_model_mapping": _Undrawn(auto._model_mapping)})
    with quiet(bars=not Path(name).is_dir()), plain_tensors():
        model, info = own.from_pretrained(
            str(name),
            config=config,
            torch_dtype="float32",
            output_loading_info=True,
            trust_remote_code=False,
            # They come out in the loading info, and are an error there
            ignore_mismatched_sizes=True,
            # A pickle is taken from neither a package nor a folder that has safetensors.
            use_safetensors=True if Path(name).is_dir() and find_weights(Path(name)) else None,
        )
        model.__class__ = type(model).__base__
        _own_memory(model)
    return model, info


def _own_memory(model: Any) -> None:
    """Copy what is mapped from a file, which would stay as long as the model, and change it."""
    for tensor in itertools.chain(model.parameters(), model.buffers()):
        # torch can't resize what it has not allocated
        if tensor.device.type == "cpu" and not tensor.untyped_storage().resizable():
            tensor.data = tensor.data.clone()


class _Off:
    """Something of the whole process that is off while any thread wants it to be.

    turn_off (Callable[[], Callable[[], None]]): Turn it off; returns what brings back how it was.
    """

    def __init__(self, turn_off: Callable[[], Callable[[], None]]):
        self._turn_off, self._wanted = turn_off, 0

    @contextmanager
    def __call__(self) -> Iterator[None]:
        with PACKING:
            if not self._wanted:
                self._turn_back = self._turn_off()
            self._wanted += 1
        try:
            yield
        finally:
            with PACKING:
                self._wanted -= 1
                if not self._wanted:
                    self._turn_back()


def _turn_warnings_off() -> Callable[[], None]:
    level = hf_logging.get_verbosity()
    hf_logging.set_verbosity_error()
    return functools.partial(hf_logging.set_verbosity, level)


def _turn_bars_off() -> Callable[[], None]:
    shown = hf_logging.is_progress_bar_enabled()
    hf_logging.disable_progress_bar()
    return hf_logging.enable_progress_bar if shown else hf_logging.disable_progress_bar


_no_warnings, _no_bars = _Off(_turn_warnings_off), _Off(_turn_bars_off)


@contextmanager
def quiet(*, bars: bool = True) -> Iterator[None]:
    """Keep transformers from warning of weights that are checked by whoever loads them.

    bars (bool): Show progress, as of a download; of the parts of a folder there is nothing to see.
    """
    with _no_warnings(), nullcontext() if bars else _no_bars():
        yield
