"""Load a Hugging Face encoder and its tokenizer; pack both into files and unpack them."""

import tempfile
from collections.abc import Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import srsly
from spacy_transformers.data_classes import HFObjects
from thinc.api import get_torch_default_device
from transformers import AutoConfig, AutoModel, AutoModelForTextEncoding, AutoTokenizer
from transformers.models.auto.modeling_auto import MODEL_FOR_TEXT_ENCODING_MAPPING
from transformers.utils import logging as hf_logging

TOKENIZER_KIND = "tokenizer_kind.json"


def load_pretrained(
    name: str | Path,
    tokenizer_config: Mapping[str, Any],
    transformer_config: Mapping[str, Any],
) -> HFObjects:
    """Load an encoder from a folder or from the Hugging Face hub.

    name (Union[str, Path]): A folder with config.json, or the name of a model on the hub.
    tokenizer_config (Mapping[str, Any]): Settings for AutoTokenizer.from_pretrained.
    transformer_config (Mapping[str, Any]): Settings for AutoConfig.from_pretrained.
    RETURNS (HFObjects): The tokenizer and the encoder, without its unused pooler.
    RAISES (ValueError): If there is no such model, its weights do not fit, or it has no hidden
        states.
    """
    for settings in (tokenizer_config, transformer_config):
        if settings.get("trust_remote_code"):
            raise ValueError(
                f"Encoder '{name}': trust_remote_code is set, but code from a model folder is "
                f"never run; remove the setting and choose an architecture that transformers has"
            )
    # Left unset, transformers asks at the terminal whether to run a folder's code.
    safe = {"trust_remote_code": False}
    try:
        tokenizer = AutoTokenizer.from_pretrained(str(name), **{**tokenizer_config, **safe})
        config = AutoConfig.from_pretrained(str(name), **{**transformer_config, **safe})
        transformer = _load_weights(name, config)
    except OSError as err:
        raise ValueError(
            f"Can't load the encoder '{name}': there is no such folder with config.json, "
            f"tokenizer and weights here, and the Hugging Face hub has no such model or can't be "
            f"reached. Set [components.transformer.model] name (in a project: --vars.backbone) to "
            f"a local folder, or check the name and the network"
        ) from err
    transformer.to(get_torch_default_device())
    return HFObjects(tokenizer, transformer, None, dict(tokenizer_config), dict(transformer_config))


def pack(hf_model: HFObjects) -> dict[str, bytes]:
    """Save encoder (safetensors) and tokenizer; returns their files by name."""
    with tempfile.TemporaryDirectory() as folder:
        hf_model.transformer.save_pretrained(folder, safe_serialization=True)
        hf_model.tokenizer.save_pretrained(folder)
        srsly.write_json(Path(folder, TOKENIZER_KIND), {"use_fast": hf_model.tokenizer.is_fast})
        return {path.name: path.read_bytes() for path in sorted(Path(folder).iterdir())}


def unpack(files: Mapping[str, bytes]) -> HFObjects:
    """Load what `pack` made. Nothing is unpickled and nothing is fetched."""
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            if Path(name).name != name:
                raise ValueError(f"The saved encoder names a file outside its folder: '{name}'")
            Path(folder, name).write_bytes(content)
        weights = [name for name in files if name.endswith(".safetensors")]
        if not weights or TOKENIZER_KIND not in files:
            raise ValueError(
                f"The saved encoder is not whole: found {sorted(files)}; expected weights in "
                f"*.safetensors and {TOKENIZER_KIND}. Save or download the pipeline again"
            )
        kind = srsly.read_json(Path(folder, TOKENIZER_KIND))
        return load_pretrained(folder, {"use_fast": kind["use_fast"]}, {})


def _load_weights(name: str | Path, config: Any) -> Any:
    # The text-encoding classes leave out the decoder of T5 and its kin.
    has_text_encoder = type(config) in MODEL_FOR_TEXT_ENCODING_MAPPING
    model_class = AutoModelForTextEncoding if has_text_encoder else AutoModel
    with _quiet():
        transformer, info = model_class.from_pretrained(
            str(name),
            config=config,
            torch_dtype="float32",
            output_loading_info=True,
            trust_remote_code=False,
            # A pickle is taken from neither a package nor a folder that has safetensors.
            use_safetensors=True if any(Path(name).glob("*.safetensors")) else None,
        )
    missing = [key for key in info["missing_keys"] if not key.startswith("pooler.")]
    if missing:
        raise ValueError(
            f"Encoder '{name}': the weights lack {len(missing)} tensors of its configuration, "
            f"{missing[0]} first; they belong to another model"
        )
    # A pooler gets no gradient here, is often missing from the weights, and costs time.
    if getattr(transformer, "pooler", None) is not None:
        transformer.pooler = None
    return transformer.eval()


@contextmanager
def _quiet() -> Any:
    """Keep transformers from warning of the weights that are checked above."""
    level = hf_logging.get_verbosity()
    hf_logging.set_verbosity_error()
    try:
        yield
    finally:
        hf_logging.set_verbosity(level)
